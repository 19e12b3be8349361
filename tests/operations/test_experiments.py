"""Experiments in admin: the comparison as by hand, and decisions that are confirmed, logged and not everybody's."""

import csv
import datetime
import io
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from operations.models import ExperimentDay
from operations.services import snapshots
from recommendations.models import Arm, Experiment, Impression, Match, PreferenceVersion, Verdict
from recommendations.services import experiments as trying
from tests.builders import make_member
from tests.operations.forty import HOUR, LISTS, make_answer, make_forty
from tests.recommendations.builders import make_impression

Outcome = Experiment.Outcome
LIST, START = "admin:recommendations_experiment_changelist", "admin:operations_experiment_start"
# The last four of the forty's viewers said nothing; in the challenger's arm they saw nothing either.
SILENT = 4

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator(client: Client) -> User:
    user = User.objects.create_superuser("administrator@example.org", "secret")
    client.force_login(user)
    return user


@pytest.fixture
def rival(version: PreferenceVersion) -> PreferenceVersion:
    """Another version, which predicts a like from .7 on."""
    return PreferenceVersion.objects.create(measurement_version=version.measurement_version, thresholds={"friend": 0.7})


def start(by: User, challenger: PreferenceVersion, *, days_ago: float = 0, n_days: int = 14) -> Experiment:
    began = timezone.now() - datetime.timedelta(days=days_ago)
    return trying.start(started_by=by, challenger=challenger, share=50, n_days=n_days, note="Why?", now=began)


def show_forty(version: PreferenceVersion, arm: Arm, at: datetime.datetime, *, n_silent: int = 0) -> None:
    """Show the forty twice, in one arm, without the last viewers."""
    for _ in range(2):
        viewers = make_forty(version, at)[: len(LISTS)]
        Impression.objects.filter(viewer__in=viewers).update(experiment_arm=arm)
        Impression.objects.filter(viewer__in=viewers[len(viewers) - n_silent :]).delete()


def table(client: Client, experiment: Experiment, slug: str = "figures") -> dict[str, dict[str, str]]:
    response = client.get(reverse("admin:operations_experiment", args=[experiment.pk]), {"csv": slug})
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    return {row["Figure"]: row for row in csv.DictReader(io.StringIO(response.content.decode()))}


def test_both_arms_are_compared_as_by_hand_and_outlive_their_people(
    client: Client,
    administrator: User,
    version: PreferenceVersion,
    rival: PreferenceVersion,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    experiment = start(administrator, rival, days_ago=9, n_days=7)
    # Of a version that has learned something the scores are probabilities.
    PreferenceVersion.objects.update(weights={"friend": {}})
    at = timezone.now() - datetime.timedelta(days=8)
    show_forty(version, Arm.CHAMPION, at)
    show_forty(rival, Arm.CHALLENGER, at, n_silent=SILENT)
    # Neither the demo, nor what stood in no arm, nor what was shown before or after, counts.
    for is_demo, arm, moment in (
        (True, Arm.CHALLENGER, at),
        (False, Arm.ALL, at),
        (False, Arm.CHALLENGER, at - datetime.timedelta(days=1, hours=1)),
        (False, Arm.CHALLENGER, at + datetime.timedelta(days=6, hours=1)),
    ):
        fields: dict[str, Any] = {"is_demo": is_demo, "experiment_arm": arm, "shown_at": moment}
        make_answer(make_impression(make_member(), make_member(), **fields), "liked")
    snapshots.take()
    counted = list(ExperimentDay.objects.values_list("arm", "purpose", "n_impressions").order_by("arm"))
    assert counted == [("challenger", "friend", 64), ("champion", "friend", 80)]
    for model in (Verdict, Match, Impression):
        model._default_manager.all().delete()
    rows = table(client, experiment)
    # At .7 the challenger predicts 8 of 12 likes and 2 passes; 12 likes, 5 of them mutual, in 32 slots of 16 lists.
    expected = {
        "Likes per impression": (24 / 80, 24 / 64, 80, 64),
        "Mutual likes per impression": (10 / 80, 10 / 64, 80, 64),
        "AUC": (186 / 216, 186 / 216, 60, 60),
        "Precision": (10 / 16, 8 / 10, 60, 60),
        "Recall": (10 / 12, 8 / 12, 60, 60),
        "F1": (20 / 28, 16 / 22, 60, 60),
        "Precision at 12": (12 / 240, 12 / 192, 40, 32),
    }
    assert set(rows) == set(expected)
    for name, (one, other, n_one, n_other) in expected.items():
        row = rows[name]
        assert float(row["Champion"]) == pytest.approx(one), name
        assert float(row["Challenger"]) == pytest.approx(other), name
        assert float(row["Difference"]) == pytest.approx(other - one), name
        assert (row["Champion, n"], row["Challenger, n"]) == (str(n_one), str(n_other)), name
        low, high = float(row["Difference, low"]), float(row["Difference, high"])
        assert low <= other - one <= high
        said = "challenger higher" if low > 0 else "champion higher" if high < 0 else "no difference seen"
        assert row["What it says"] == said
    assert rows["AUC"]["What it says"] == "no difference seen"
    page = reverse("admin:operations_experiment", args=[experiment.pk])
    content = client.get(page).content.decode()
    assert "0.375" in content
    assert "Answers may still come until" in content
    assert ' style="' not in content.partition('<div class="dashboard">')[2].partition("</section>")[0]
    with django_assert_num_queries(4):
        client.get(page)


def test_what_rests_on_little_is_not_shown_and_counting_twice_changes_nothing(
    client: Client, administrator: User, version: PreferenceVersion, rival: PreferenceVersion
) -> None:
    experiment = start(administrator, rival, days_ago=1)
    at = timezone.now() - HOUR
    show_forty(version, Arm.CHAMPION, at)
    viewer = make_member()
    for _ in range(25):
        fields: dict[str, Any] = {"experiment_arm": Arm.CHALLENGER, "preference_version": rival, "shown_at": at}
        make_answer(make_impression(viewer, make_member(), **fields), "liked")
    snapshots.take()
    before = list(ExperimentDay.objects.order_by("arm").values_list("day", "arm", "n_impressions", "stored"))
    snapshots.take()
    assert [*ExperimentDay.objects.order_by("arm").values_list("day", "arm", "n_impressions", "stored")] == before
    row = table(client, experiment)["Likes per impression"]
    # One viewer, however busy, is no arm.
    assert (row["Champion"], row["Challenger"], row["Challenger, n"], row["Difference"]) == ("0.3", "", "25", "")
    assert (
        "not enough data" in client.get(reverse("admin:operations_experiment", args=[experiment.pk])).content.decode()
    )
    # Once nothing is counted any more, nobody can tell who was in which group.
    trying.decide(experiment=experiment, outcome=Outcome.KEPT, decided_by=administrator, reason="Too small.")
    snapshots.take()
    assert Experiment.objects.get().salt
    snapshots.take(now=timezone.now() + datetime.timedelta(days=9))
    assert Experiment.objects.get().salt == ""


def test_an_experiment_is_started_and_decided_by_people_alone(
    client: Client, administrator: User, version: PreferenceVersion, rival: PreferenceVersion
) -> None:
    assert reverse(START) in client.get(reverse(LIST)).content.decode()
    asked = {"challenger": rival.pk, "share": "20", "n_days": "14", "note": "Is it better?"}
    wrong = client.post(reverse(START), asked | {"share": "51", "confirmed": "1"}).content.decode()
    assert "less than or equal to 50" in wrong
    assert "Is it better?" in wrong
    assert "Is this what you mean?" in client.post(reverse(START), asked).content.decode()
    assert not Experiment.objects.exists()
    response = client.post(reverse(START), asked | {"confirmed": "1"})
    experiment = Experiment.objects.get()
    page = reverse("admin:operations_experiment", args=[experiment.pk])
    assert response["Location"] == page
    assert (experiment.started_by, experiment.share, experiment.champion) == (administrator, 20, version)
    assert reverse(START) not in client.get(reverse(LIST)).content.decode()
    assert "not decided yet" in client.post(reverse(START), asked | {"confirmed": "1"}).content.decode()
    assert client.get(reverse("admin:recommendations_experiment_change", args=[experiment.pk]))["Location"] == page
    first = reverse("admin:index")
    assert "Experiments whose time is over" not in client.get(first).content.decode()
    Experiment.objects.update(ends_at=timezone.now())
    assert "Experiments whose time is over <strong>1</strong>" in client.get(first).content.decode()
    assert "it needs a decision" in client.get(page).content.decode()
    publish = reverse("admin:operations_experiment_decide", args=[experiment.pk, Outcome.PUBLISHED])
    assert publish in client.get(page).content.decode()
    assert "everybody gets the challenger" in client.get(publish).content.decode()
    assert "This field is required" in client.post(publish, {}).content.decode()
    assert PreferenceVersion.objects.get(is_active=True) == version
    assert client.post(publish, {"reason": "Recall is higher."})["Location"] == page
    experiment.refresh_from_db()
    assert (experiment.outcome, experiment.decided_by) == (Outcome.PUBLISHED, administrator)
    assert PreferenceVersion.objects.get(is_active=True) == rival
    assert "Recall is higher." in client.get(page).content.decode()
    assert "ended already" in client.post(publish, {"reason": "Again."}).content.decode()
    logged = list(LogEntry.objects.order_by("pk").values_list("change_message", flat=True))
    assert logged == [f"Started {str(experiment).lower()}.", f"Publish the challenger: {experiment}."]
    assert client.get(reverse("admin:operations_experiment_decide", args=[experiment.pk, "other"])).status_code == 404
    assert client.get(reverse("admin:operations_experiment", args=[0])).status_code == 404
    assert client.get(page, {"csv": "nothing"}).status_code == 404


def test_who_may_not_decide_sees_no_button_and_changes_nothing(
    client: Client, version: PreferenceVersion, rival: PreferenceVersion
) -> None:
    experiment = start(User.objects.create_superuser("root@example.org", "secret"), rival)
    page = reverse("admin:operations_experiment", args=[experiment.pk])
    keep, publish = (
        reverse("admin:operations_experiment_decide", args=[experiment.pk, outcome])
        for outcome in (Outcome.KEPT, Outcome.PUBLISHED)
    )
    every = (page, keep, publish, reverse(START), reverse(LIST))
    assert {client.get(address).status_code for address in every} == {302}
    client.force_login(make_member())
    assert {client.get(address).status_code for address in every} == {302}
    clerk = User.objects.create_user("clerk@example.org", "secret", is_staff=True)
    client.force_login(clerk)
    assert {client.get(address).status_code for address in every} == {403}
    clerk.user_permissions.add(Permission.objects.get(codename="view_experiment"))
    content = client.get(page).content.decode()
    assert keep not in content
    assert {client.post(address, {"reason": "So."}).status_code for address in (keep, publish, reverse(START))} == {403}
    clerk.user_permissions.add(Permission.objects.get(codename="change_experiment"))
    content = client.get(page).content.decode()
    assert keep in content
    # Which model serves is decided by who may publish models.
    assert publish not in content
    assert client.post(publish, {"reason": "So."}).status_code == 403
    assert Experiment.objects.get().is_open
    assert client.post(keep, {"reason": "So."}).status_code == 302
    assert Experiment.objects.get().outcome == Outcome.KEPT
