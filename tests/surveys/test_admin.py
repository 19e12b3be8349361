"""Surveys in Django admin: everything can be found, no answer can be read, and a run shows its report."""

from html import escape

import pytest
from django.apps import apps
from django.contrib import admin
from django.db.models import BinaryField, Model
from django.template.defaultfilters import floatformat
from django.test import Client
from django.urls import reverse

from accounts.models import User
from ml.items import ITEMS
from surveys import reports
from surveys.charts import line_chart
from surveys.models import AnswerSheet, Placement, Respondent, TrainingRun
from surveys.services import placing, training
from tests.builders import make_member, make_sheet
from tests.population import make_active_versions
from tests.surveys.respondents import draw_answers, make_respondents

pytestmark = pytest.mark.django_db

MODELS = [*apps.get_app_config("surveys").get_models(), *apps.get_app_config("recommendations").get_models()]


@pytest.fixture
def administrator(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("administrator@example.org", "secret"))
    return client


def address(row: Model) -> str:
    """Return the admin page of a row."""
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_every_model_can_be_searched_and_filtered(administrator: Client, model: type[Model]) -> None:
    registered = admin.site._registry[model]
    assert registered.search_fields
    assert registered.list_filter
    response = administrator.get(
        reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"), {"q": "12ab"}
    )
    assert response.status_code == 200


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_what_happened_can_be_neither_made_nor_deleted_by_hand(administrator: Client, model: type[Model]) -> None:
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}_add"
    assert administrator.get(reverse(name)).status_code == 403


def test_admin_is_closed_to_members(client: Client) -> None:
    client.force_login(make_member())
    response = client.get(reverse("admin:surveys_answersheet_changelist"))
    assert response.status_code == 302


def test_answers_and_places_are_not_shown(administrator: Client) -> None:
    make_active_versions()
    seed = make_respondents(1)
    sheet = make_sheet(make_member(), answers=draw_answers(1)[0].tobytes())
    placing.place_sheet(sheet=sheet)
    for row in (sheet, Placement.objects.get(), seed.respondents.get()):
        response = administrator.get(address(row))
        assert response.status_code == 200
        binary = {field.name for field in row._meta.fields if isinstance(field, BinaryField)}
        assert binary
        assert not binary & set(response.context["adminform"].model_admin.get_fields(None))
        for value in (bytes(getattr(row, name)) for name in binary):
            assert value not in response.content


@pytest.mark.parametrize("model", [AnswerSheet, Placement, Respondent], ids=lambda model: model.__name__)
def test_rows_about_people_cannot_be_exported(administrator: Client, model: type[Model]) -> None:
    response = administrator.get(reverse(f"admin:surveys_{model._meta.model_name}_changelist"))
    assert not response.context["cl"].model_admin.get_actions(response.wsgi_request)


def test_an_answer_sheet_cannot_be_changed(administrator: Client) -> None:
    sheet = make_sheet(make_member(), n_answered=10)
    response = administrator.post(address(sheet), {"n_answered": 163, "is_current": ""})
    assert response.status_code == 403
    sheet.refresh_from_db()
    assert (sheet.n_answered, sheet.is_current) == (10, True)


def test_the_report_shows_what_the_training_found(administrator: Client) -> None:
    run = training.install_reference().training_run
    report = run.report
    text = administrator.get(address(run)).content.decode()
    assert f"<dd>{report['kaiser']}</dd>" in text
    assert f"<dd>{report['space']['k']}</dd>" in text
    retained = report["variance_retained"][report["space"]["k"] - 1]
    assert f"{100 * retained['common']:.1f} %" in text
    assert f"{100 * retained['total']:.1f} %" in text
    for row in report["types"]["per_k"]:
        assert f"<td>{floatformat(row['silhouette'], 3)}</td>" in text
        assert f"<td>{floatformat(row['sse'], 0)}</td>" in text
    for reason, number in report["cleaning"]["left_out"].items():
        assert reason in text
        assert f"<td>{number}</td>" in text
    for (name, _), share in zip(report["types"]["names"], report["types"]["shares"], strict=True):
        assert name in text
        assert f"{100 * share:.1f} %" in text


def test_the_report_draws_a_point_for_each_number() -> None:
    run = training.install_reference().training_run
    page = reports.page(run)
    assert page.factors is not None
    assert page.types is not None
    assert len(page.factors.scree.points) == reports.SHOWN_EIGENVALUES
    assert len(page.types.silhouette.points) == len(page.types.sse.points) == len(run.report["types"]["per_k"])
    # Eigenvalues fall, so each point lies below the one before it; y grows downwards.
    heights = [point.y for point in page.factors.scree.points]
    assert heights == sorted(heights)
    assert page.factors.scree.level is not None
    above = sum(point.y < page.factors.scree.level.at for point in page.factors.scree.points)
    assert above == run.report["kaiser"]


def test_the_report_brings_no_script_of_its_own(administrator: Client) -> None:
    run = training.install_reference().training_run
    text = administrator.get(address(run)).content.decode()
    begin, end = text.index('class="report"'), text.rindex("</section>")
    assert end > begin
    assert "<script" not in text[begin:end]


def test_a_run_that_failed_shows_its_reason(administrator: Client) -> None:
    run = TrainingRun.objects.create(
        kind=TrainingRun.Kind.MEASUREMENT, status=TrainingRun.Status.FAILED, error="The worker stopped."
    )
    response = administrator.get(address(run))
    assert response.status_code == 200
    assert "The worker stopped." in response.content.decode()


@pytest.mark.parametrize(
    ("highest", "decimals", "marks"),
    [
        (21.5, 0, ["0", "10", "20"]),
        (0.16, 2, ["0.00", "0.05", "0.10", "0.15"]),
        (467_780, 0, ["0", "200,000", "400,000"]),
        (0, 0, ["0"]),
    ],
)
def test_a_chart_counts_in_round_numbers(highest: float, decimals: int, marks: list[str]) -> None:
    chart = line_chart(title="A chart", values=[(1, highest), (2, 0.0)], decimals=decimals)
    assert [tick.text for tick in chart.y_ticks] == marks


def reference_run() -> TrainingRun:
    """Return the run of the reference model with a report of its own, which a test may change."""
    return TrainingRun.objects.get(pk=training.install_reference().training_run_id)


def report_of_groups() -> TrainingRun:
    """Return a run whose report says everything that a report can say."""
    run = reference_run()
    run.report["retention"] = {
        "kaiser": run.report["kaiser"],
        "parallel": {"number": 23, "eigenvalues": [1.1] * 163},
        "map": {"number": 20, "averages": [0.01] * 162},
        "halves": {"number": 21, "congruence": 0.95, "per_k": [{"k": 21, "least": 0.97, "mean": 0.99}]},
    }
    shares = [0.0] * 163
    shares[3] = 0.123
    run.report["differential_functioning"] = {
        "cut": 0.035,
        "large": 0.07,
        "groups": {
            "gender": {"sizes": {"female": 1200, "male": 900}, "uniform": shares, "other": [0.0] * 163, "flagged": [3]},
            "age": {"sizes": {}, "flagged": []},
        },
    }
    gate = {"name": "share placed", "candidate": 0.25, "in_use": 0.75, "needed": 0.625, "is_passed": False}
    run.report["gates"] = [gate]
    run.save()
    return run


def test_the_report_says_what_each_criterion_found_and_marks_it_in_the_chart(administrator: Client) -> None:
    run = report_of_groups()
    text = administrator.get(address(run)).content.decode()
    for name, number in (("Parallel", 23), ("MAP", 20), ("Halves", 21), ("Kaiser", run.report["kaiser"])):
        assert f"{name} {number}</text>" in text
    assert "Velicer’s minimum average partial correlation</th><td>20</td>" in text
    page = reports.page(run)
    assert page.factors is not None
    scree = page.factors.scree
    assert len(scree.compared) == len(scree.points)
    # A mark stands at its number, on the way from the first to the last point.
    assert next(mark.x for mark in scree.marks if mark.text == "MAP 20") == scree.points[19].x


def test_a_report_without_the_criteria_still_shows(administrator: Client) -> None:
    run = reference_run()
    for key in ("retention", "differential_functioning", "gates"):
        run.report.pop(key, None)
    run.save()
    assert "What each criterion says" not in administrator.get(address(run)).content.decode()


def test_the_report_names_items_that_work_otherwise_in_a_group(administrator: Client) -> None:
    text = administrator.get(address(report_of_groups())).content.decode()
    assert escape(ITEMS[3].text) in text
    assert "<td>12.3 %</td><td>0.0 %</td>" in text
    assert "female (1,200), male (900)" in text
    assert "too little is known" in text


def test_the_report_shows_how_the_candidate_was_judged(administrator: Client) -> None:
    text = administrator.get(address(report_of_groups())).content.decode()
    assert "Share placed" in text
    for figure in ("0.250", "0.750", "0.625", "refused"):
        assert f"<td>{figure}</td>" in text


def test_one_cloud_is_drawn_beside_the_silhouettes() -> None:
    run = reference_run()
    page = reports.page(run)
    assert page.types is not None
    chart = page.types.silhouette
    for point, other, row in zip(chart.points, chart.compared, run.report["types"]["per_k"], strict=True):
        assert point.x == other.x
        assert (point.y < other.y) == (row["silhouette"] > row["silhouette_of_one_cloud"])
