"""The dashboard of models, the story of a training and two versions compared: the stored reports, number by number."""

import csv
import datetime
import hashlib
import io
import uuid
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from django.contrib.auth.models import Permission
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import Purpose, User
from ml import artifacts
from ml.items import ITEMS
from operations.services import panels, snapshots
from recommendations.models import PreferenceVersion
from recommendations.services import publishing
from surveys import report_tables
from surveys.models import MeasurementVersion, Placement, TrainingRun
from surveys.services import placing, training
from tests.builders import make_member
from tests.operations.forty import make_forty
from tests.population import make_placed_member

pytestmark = pytest.mark.django_db

MODELS, COMPARED = "admin:operations_models", "admin:operations_models_compared"
STORY = "admin:surveys_trainingrun_change"
# Several of the people drawn below are of this type, several are not.
RENAMED = 2
Query = dict[str, str | int]
TIMINGS = {"correlations": 1.5, "factors": 2.25}
WEIGHTS = {
    "intercept": -0.5,
    "likeness": 0.75,
    "level_out": [0.0] * 15 + [0.625],
    "level_in": [0.0] * 16,
    "product": [0.0] * 16,
    "difference": [-1.25] + [0.0] * 15,
    "covariance": [[0.5, 0.125], [0.125, 0.25]],
    "taste_variance": 0.0625,
}


@pytest.fixture
def administrator(client: Client) -> User:
    user = User.objects.create_superuser("administrator@example.org", "secret")
    client.force_login(user)
    return user


@pytest.fixture
def later(version: PreferenceVersion) -> MeasurementVersion:
    """A second version: the last factor is gone, the others stand the other way round, and one type has a new name."""
    model = artifacts.load_reference()
    names = tuple(
        ("Somebody else", "A sentence.") if i == RENAMED else words for i, words in enumerate(model.type_names)
    )
    changed = replace(model, space_loadings=-model.space_loadings[:, -2::-1], type_names=names)
    content = io.BytesIO()
    artifacts.save(changed, content)
    report: dict[str, Any] = {
        "data": {
            "people": 1200,
            "members": 200,
            "respondents": 1000,
            "left_out_respondents": {"younger than 18": 30},
            "left_out_members": {"younger than 18": 0, "answers hardly differ": 4},
        },
        "timings": TIMINGS,
        "scales": [{"letter": "A", "name": "Warmth", "alpha": 0.5, "omega": 0.75}],
    }
    now = timezone.now()
    run = TrainingRun.objects.create(
        kind=TrainingRun.Kind.MEASUREMENT,
        status=TrainingRun.Status.SUCCEEDED,
        started_at=now - datetime.timedelta(seconds=90),
        finished_at=now,
        n_respondents=1000,
        n_members=200,
        report=report,
    )
    sha256 = hashlib.sha256(content.getvalue()).hexdigest()
    name = default_storage.save(f"models/{uuid.uuid4()}.npz", ContentFile(content.getvalue()))
    return MeasurementVersion.objects.create(training_run=run, artifact=name, sha256=sha256)


def table(client: Client, address: str, slug: str, **query: Any) -> list[dict[str, str]]:
    response = client.get(address, {**query, "csv": slug})
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    return list(csv.DictReader(io.StringIO(response.content.decode())))


def by(first: str, rows: list[dict[str, str]]) -> dict[str, dict[str, str]]:
    return {row[first]: row for row in rows}


def test_the_page_says_what_serves_and_how_each_training_went(
    client: Client, administrator: User, version: PreferenceVersion, later: MeasurementVersion
) -> None:
    refused = TrainingRun.objects.create(
        kind=TrainingRun.Kind.PREFERENCE,
        status=TrainingRun.Status.REFUSED,
        error="Friendship: the candidate’s AUC of likes is 0.600.",
        report={"purposes": {"friend": {"verdicts": 300, "likes": 90}, "date": {"verdicts": 12, "likes": 2}}},
    )
    page = client.get(reverse(MODELS)).content.decode()
    report = version.measurement_version.training_run.report
    for name, value in {
        "People learnt from": f"{report['data']['people']:,}",
        "Factors of the space": f"{report['space']['k']}",
        "Common variance retained": f"{100 * report['variance_retained'][report['space']['k'] - 1]['common']:.1f} %",
        "Mean omega of the scales": f"{np.mean([scale['omega'] for scale in report['scales']]):.3f}",
        "Personality types": f"{report['types']['k']}",
        "Friendship": "by likeness",
    }.items():
        assert f"<dt>{name}</dt><dd>{value}</dd>" in page
    assert reverse(STORY, args=[refused.pk]) in page
    for action in ("train_now", "learn_now"):
        assert reverse(f"admin:surveys_trainingrun_{action}") in page
    assert reverse("admin:surveys_measurementversion_bring_into_use", args=[later.pk]) in page
    in_use = version.measurement_version_id
    assert reverse("admin:surveys_measurementversion_bring_into_use", args=[in_use]) not in page
    runs = by("Run", table(client, reverse(MODELS), "runs"))
    row = runs[f"Run {refused.pk}"]
    assert (row["Status"], row["Verdicts"], row["Took, s"]) == ("Refused by its gates", "312", "")
    assert row["Why it ended so"] == refused.error
    row = runs[f"Run {later.training_run_id}"]
    assert (row["Respondents"], row["Members"], row["Left out"], row["Took, s"]) == ("1000", "200", "34", "90.0")
    left_out = by("Reason", table(client, reverse(MODELS), "left-out"))
    assert left_out["Answers hardly differ"][f"Run {later.training_run_id}"] == "4"
    reference = f"Run {version.measurement_version.training_run_id}"
    assert left_out["Younger than 18"][reference] == str(report["cleaning"]["left_out"]["younger than 18"])
    assert by("Step", table(client, reverse(MODELS), "timings"))["Together"] == {
        "Step": "Together",
        f"Run {later.training_run_id}": "3.75",
    }


def test_the_page_asks_the_database_as_often_however_many_trainings_there_were(
    client: Client, administrator: User, later: MeasurementVersion, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client.get(reverse(MODELS))
    with django_assert_num_queries(5):
        client.get(reverse(MODELS))
    for _ in range(20):
        run = TrainingRun.objects.create(kind="measurement", status="refused", report={"timings": TIMINGS})
        MeasurementVersion.objects.create(training_run=run)
        PreferenceVersion.objects.create(measurement_version=later)
    with django_assert_num_queries(5):
        client.get(reverse(MODELS))


def test_a_story_has_every_table_as_a_file_and_the_loadings_of_the_stored_model(
    client: Client, administrator: User, version: PreferenceVersion
) -> None:
    run = version.measurement_version.training_run
    story = reverse(STORY, args=[run.pk])
    page = client.get(story).content.decode()
    for slug in ("data", "left-out", "loadings", *report_tables.TABLES):
        if report_tables.find(run, slug) is not None:
            assert f'href="?csv={slug}"' in page, slug
            assert table(client, story, slug), slug
    assert client.get(story, {"csv": "nothing"}).status_code == 404
    model, items = artifacts.load_reference(), by("Item", table(client, story, "loadings"))
    for item, factor in ((0, 1), (77, model.n_space), (162, 9)):
        row = items[ITEMS[item].text]
        assert float(row[f"Factor {factor}"]) == model.space_loadings[item, factor - 1]
        assert float(row["Communality"]) == pytest.approx((model.space_loadings[item] ** 2).sum())
    # The cell of the largest loading: its number, and the class of its range and sign.
    largest = model.space_loadings.flat[np.abs(model.space_loadings).argmax()]
    assert abs(largest) > 0.6
    text = f"{abs(largest):.2f}".removeprefix("0")
    assert f'<td class="{"more" if largest > 0 else "less"}-6">{"" if largest > 0 else "−"}{text}</td>' in page
    assert page.count('<td class="more-') + page.count('<td class="less-') == 163 * model.n_space + 16 * 5
    eigenvalues = table(client, story, "eigenvalues")
    assert [float(row["Eigenvalue"]) for row in eigenvalues] == run.report["eigenvalues"]
    sse = [float(row["SSE"]) for row in table(client, story, "number-of-types")]
    assert sse == [row["sse"] for row in run.report["types"]["per_k"]]
    assert "<style" not in page.partition('class="report"')[2].partition("unfold/js/simplebar")[0]


def test_what_is_missing_on_disk_is_said(
    client: Client, administrator: User, version: PreferenceVersion, later: MeasurementVersion
) -> None:
    default_storage.delete(later.artifact.name)
    report = version.measurement_version.training_run.report
    TrainingRun.objects.filter(pk=later.training_run_id).update(report=report)
    said = f"The stored model of measurement version {later.pk} is missing on disk."
    story = client.get(reverse(STORY, args=[later.training_run_id]))
    assert said in story.content.decode()
    assert client.get(story.request["PATH_INFO"], {"csv": "loadings"}).status_code == 404
    chosen: Query = {"kind": "measurement", "earlier": version.measurement_version_id, "later": later.pk}
    page = client.get(reverse(COMPARED), chosen).content.decode()
    assert said in page
    assert "Factor by factor" not in page
    assert by("Figure", table(client, reverse(COMPARED), "figures", **chosen))["Factors of the space"]["Change"] == "0"
    run = TrainingRun.objects.create(kind="measurement", status="refused", report=report)
    assert "No version came of this run" in client.get(reverse(STORY, args=[run.pk])).content.decode()


def test_two_measurement_versions_stand_side_by_side(
    client: Client,
    administrator: User,
    version: PreferenceVersion,
    later: MeasurementVersion,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    members = [make_placed_member(seed=seed) for seed in range(6)]
    placing.place_everyone(version=later)
    model, report = artifacts.load_reference(), version.measurement_version.training_run.report
    # Named in the wrong order; the older one is the earlier all the same.
    chosen: Query = {"kind": "measurement", "earlier": later.pk, "later": version.measurement_version_id}

    def rows(first: str, slug: str) -> dict[str, dict[str, str]]:
        return by(first, table(client, reverse(COMPARED), slug, **chosen))

    figures = rows("Figure", "figures")
    learnt_from = figures["People learnt from"]
    assert [int(value) for value in list(learnt_from.values())[1:]] == [35938, 1200, 1200 - 35938]
    omega = np.mean([scale["omega"] for scale in report["scales"]])
    assert float(figures["Mean omega"]["Change"]) == pytest.approx(0.75 - omega)
    assert figures["SSE at that number"]["Later"] == figures["SSE at that number"]["Change"] == ""
    chosen_k = next(row for row in report["types"]["per_k"] if row["k"] == report["types"]["k"])
    assert float(figures["SSE at that number"]["Earlier"]) == chosen_k["sse"]
    communalities = (model.space_loadings**2).sum(axis=1)
    assert float(figures["Mean communality in the space"]["Earlier"]) == pytest.approx(communalities.mean())
    lost = model.space_loadings[:, -1] ** 2
    assert float(figures["Mean communality in the space"]["Change"]) == pytest.approx(-lost.mean())
    items = table(client, reverse(COMPARED), "communalities", **chosen)
    assert items[0]["Item"] == ITEMS[int(lost.argmax())].text
    assert float(items[0]["Change"]) == pytest.approx(-lost.max())
    factors = table(client, reverse(COMPARED), "factors", **chosen)
    k = model.n_space
    assert [row["Later"] for row in factors] == [*(f"Factor {k - 1 - number}" for number in range(k - 1)), "none"]
    assert [float(row["Congruence"]) for row in factors[:-1]] == pytest.approx([1.0] * (k - 1))
    assert (factors[-1]["Congruence"], factors[-1]["The same"]) == ("", "no partner")
    agreed = rows("Figure", "agreement")
    assert float(agreed["Rank correlation of likeness"]["Value"]) == pytest.approx(1.0)
    assert float(agreed["Nearest ten that both name"]["Value"]) == 1.0
    placed = Placement.objects.filter(version=later, sheet__user__in=members)
    moved = placed.filter(type=RENAMED).count()
    assert 0 < moved < placed.count() == 6
    assert float(agreed["Members of another type"]["Value"]) == pytest.approx(moved / 6)
    assert rows("Type", "types")[model.type_names[RENAMED][0]]["Somebody else"] == str(moved)
    with django_assert_max_num_queries(12):
        page = client.get(reverse(COMPARED), chosen).content.decode()
    assert f"{k - 1} of {k} are." in page


def test_two_preference_versions_stand_side_by_side_with_what_came_of_their_lists(
    client: Client,
    administrator: User,
    version: PreferenceVersion,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    make_forty(version, timezone.now() - datetime.timedelta(days=7, hours=2))
    snapshots.take()
    held_out = {"verdicts": 280, "auc": 0.75, "auc_of_likeness": 0.5, "difference": [0.25, 0.125, 0.375]}
    gate = {"name": "AUC of likes", "candidate": 0.75, "in_use": 0.5, "needed": 0.45, "is_passed": True}
    run = TrainingRun.objects.create(
        kind=TrainingRun.Kind.PREFERENCE,
        status=TrainingRun.Status.SUCCEEDED,
        report={
            "purposes": {
                "friend": {"verdicts": 300, "likes": 90, "is_learned": True, "held_out": held_out, "gates": [gate]}
            }
        },
    )
    learned = PreferenceVersion.objects.create(
        measurement_version=version.measurement_version,
        kind=PreferenceVersion.Kind.LEARNED,
        weights={Purpose.FRIEND.value: WEIGHTS},
        thresholds={"friend": 0.375},
        training_run=run,
    )
    chosen: Query = {"kind": "preference", "earlier": version.pk, "later": learned.pk}

    def rows(first: str, slug: str) -> dict[str, dict[str, str]]:
        return by(first, table(client, reverse(COMPARED), slug, **chosen))

    found = rows("Figure", "learned")
    assert (found["Friendship: AUC, held out"]["Earlier"], found["Friendship: AUC, held out"]["Later"]) == ("", "0.75")
    threshold = found["Friendship: threshold of a predicted like"]
    assert [threshold[name] for name in ("Earlier", "Later", "Change")] == ["0.5", "0.375", "-0.125"]
    against = rows("Purpose", "against-likeness")["Friendship"]
    assert [against[f"Later{part}"] for part in ("", ", low", ", high", ", n")] == ["0.25", "0.125", "0.375", "280"]
    assert rows("Figure", "gates")["Friendship: AUC of likes"]["Later"] == "0.75"
    weights = table(client, reverse(COMPARED), "weights", **chosen)
    assert (weights[0]["Term"], weights[0]["Later"]) == ("Friendship: Square of the difference: Warmth", "-1.25")
    assert {row["Later"] for row in weights[1:3]} == {"0.75", "0.625"}
    served = rows("Figure", "served")
    assert float(served["AUC"]["Earlier"]) == pytest.approx(186 / 216)
    assert (served["AUC"]["Earlier, n"], served["AUC"]["Later"], served["AUC"]["Change"]) == ("30", "", "")
    client.get(reverse(COMPARED), chosen)
    with django_assert_num_queries(9):
        page = client.get(reverse(COMPARED), chosen).content.decode()
    assert f"{version} learned nothing: it ranks by likeness." in page
    story = reverse(STORY, args=[run.pk])
    assert {row["Term"] for row in table(client, story, "weights")} >= {"Spread of appeal", "Likeness of the pair"}
    assert by("Purpose", table(client, story, "purposes"))["Friendship"]["Auc"] == "0.75"
    assert table(client, story, "learned-gates")[0]["Outcome"] == "passed"
    assert "What counts most" in client.get(story).content.decode()


def test_a_stranger_gets_nothing_and_who_may_only_look_gets_no_buttons(
    client: Client, later: MeasurementVersion, version: PreferenceVersion
) -> None:
    chosen: Query = {"kind": "measurement", "earlier": version.measurement_version_id, "later": later.pk}
    pages: list[Callable[[], Any]] = [
        lambda: client.get(reverse(MODELS)),
        lambda: client.get(reverse(MODELS), {"csv": "runs"}),
        lambda: client.get(reverse(COMPARED), chosen),
        lambda: client.get(reverse(STORY, args=[later.training_run_id]), {"csv": "timings"}),
    ]
    assert {page().status_code for page in pages} == {302}
    client.force_login(make_member())
    assert {page().status_code for page in pages} == {302}
    clerk = User.objects.create_user("clerk@example.org", "secret", is_staff=True)
    client.force_login(clerk)
    assert {page().status_code for page in pages} == {403}
    clerk.user_permissions.add(Permission.objects.get(codename="view_trainingrun"))
    assert {page().status_code for page in pages} == {200}
    page = client.get(reverse(MODELS)).content.decode()
    assert "train_now" not in page.partition('<div class="dashboard">')[2]
    assert "bring-into-use" not in page


def test_a_choice_that_makes_no_sense_is_said_beside_its_field(
    client: Client, administrator: User, later: MeasurementVersion
) -> None:
    twice: Query = {"kind": "measurement", "earlier": later.pk, "later": later.pk}
    same = client.get(reverse(COMPARED), twice)
    assert "Choose another version than the earlier one." in same.content.decode()
    nothing = client.get(reverse(COMPARED), {"kind": "measurement", "earlier": "x", "later": "999999"})
    assert (nothing.status_code, nothing.content.decode().count('role="alert"')) == (200, 2)
    assert client.get(reverse(COMPARED), {"kind": "measurement", "csv": "figures"}).status_code == 404
    assert client.get(reverse(COMPARED), {"kind": "people"}).status_code == 404


def test_there_is_something_to_read_before_anything_was_trained(client: Client, administrator: User) -> None:
    page = client.get(reverse(MODELS)).content.decode()
    assert "No model is in use: train one." in page
    assert "there are not two versions yet" in page
    assert publishing.active_preference_version() is None
    training.install_reference()
    assert client.get(reverse(MODELS)).status_code == 200


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (0.25, "+0.250"),
        (-0.0001, "0.000"),
        (0.0, "0.000"),
        (-34738, "-34,738"),
        (0, "0"),
        (8562.4, "+8,562"),
        (None, "–"),
    ],
)
def test_a_change_has_a_sign_unless_it_is_none(change: float | None, text: str) -> None:
    assert panels.written(change, "change").text == text
