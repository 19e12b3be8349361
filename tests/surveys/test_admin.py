"""Surveys in Django admin: everything can be found, no answer can be read, and a run shows its report."""

import pytest
from django.apps import apps
from django.contrib import admin
from django.db.models import BinaryField, Model
from django.template.defaultfilters import floatformat
from django.test import Client
from django.urls import reverse

from accounts.models import User
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
        assert f"<td>{row['silhouette']:.3f}</td>" in text
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
