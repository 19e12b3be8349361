"""What operators and the public read: the hand-computed figures exactly, and from snapshots alone."""

import csv
import datetime
import io

import pytest
from django.apps import apps
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import User, Visit
from conversations.models import Message
from ml.metric_histograms import Estimate
from operations.models import BusinessDay, BusinessState, CohortWeek, MetricDay
from operations.services import scoreboard, snapshots
from operations.services.panels import Column, Panel
from recommendations.models import Impression, PreferenceVersion, Verdict
from surveys.models import TrainingRun, VisitorSheet
from tests.builders import make_circle, make_member, make_sheet
from tests.operations.forty import HOUR, make_forty, make_match
from tests.recommendations.builders import make_impression

pytestmark = pytest.mark.django_db

RECOMMENDER, BUSINESS = "admin:operations_recommender", "admin:operations_business"


@pytest.fixture
def administrator(client: Client) -> User:
    user = User.objects.create_superuser("administrator@example.org", "secret")
    client.force_login(user)
    return user


def eight_days_ago() -> datetime.datetime:
    return timezone.now() - datetime.timedelta(days=7, hours=2)


def table(client: Client, name: str, slug: str, **query: str) -> list[dict[str, str]]:
    response = client.get(reverse(name), {"csv": slug, **query})
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    return list(csv.DictReader(io.StringIO(response.content.decode())))


def test_the_recommender_s_dashboard_shows_the_forty_as_by_hand(
    client: Client, administrator: User, version: PreferenceVersion
) -> None:
    make_forty(version, eight_days_ago())
    snapshots.take()
    page = client.get(reverse(RECOMMENDER)).content.decode()
    expected = {
        "AUC": "0.861",
        "Mutual AUC": "0.948",
        "Precision": "0.625",
        "Recall": "0.833",
        "F1": "0.714",
        "Precision at 12": "0.050",
        "Mutual likes per impression": "0.125",
        "Unanswered": "0.250",
    }
    for name, value in expected.items():
        assert f"<dt>{name}</dt>\n                            <dd>{value}</dd>" in page
    assert "0.125 to 0.400, n 40" in page
    assert "0.025 to 0.225, n 40" in page
    rows = {row["Figure"]: row for row in table(client, RECOMMENDER, "figures")}
    assert float(rows["AUC"]["Value"]) == pytest.approx(186 / 216)
    assert float(rows["AUC"]["Value, low"]) < 186 / 216 < float(rows["AUC"]["Value, high"])
    assert (rows["AUC"]["Value, n"], rows["AUC"]["Mark"], rows["F1"]["Mark"]) == ("30", "0.9", "0.85")
    # The same numbers stand in each slice that holds all of them, and in the 28 days that end today.
    slices = {row["Slice"]: row for row in table(client, RECOMMENDER, "slices")}
    assert slices["Has judged before"]["AUC"] == slices["Friendship"]["AUC"] == rows["AUC"]["Value"]
    days = table(client, RECOMMENDER, "auc")
    assert (len(days), days[0]["AUC, 28 days"], days[0]["AUC, day"]) == (28, rows["AUC"]["Value"], "")
    # Nobody was shown in the last 7 days, who were 24.
    attention = table(client, RECOMMENDER, "attention")[0]
    assert (attention["Not shown in 7 days"], attention["Not shown in 7 days, n"]) == ("1.0", "24")
    thin = client.get(reverse(RECOMMENDER), {"slot": "explored"}).content.decode()
    assert "not enough data" in thin
    assert table(client, RECOMMENDER, "figures", viewers="cold")[0]["Value"] == ""


def test_the_dashboard_reads_snapshots_only_and_as_many_rows_as_it_likes(
    client: Client, administrator: User, version: PreferenceVersion, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    make_forty(version, eight_days_ago())
    snapshots.take()
    Verdict.objects.all().delete()
    Impression.objects.all().delete()
    assert "0.861" in client.get(reverse(RECOMMENDER)).content.decode()
    with django_assert_num_queries(10):
        client.get(reverse(RECOMMENDER))
    later = PreferenceVersion.objects.create(measurement_version=version.measurement_version)
    make_impression(make_member(), make_member(), preference_version=later, purpose="date")
    snapshots.take()
    assert MetricDay.objects.filter(purpose="date").exists()
    with django_assert_num_queries(10):
        client.get(reverse(RECOMMENDER))


@pytest.mark.parametrize("name", [RECOMMENDER, BUSINESS])
def test_only_staff_may_look_and_nothing_breaks_the_policy(client: Client, name: str) -> None:
    assert client.get(reverse(name)).status_code == 302
    client.force_login(make_member())
    assert client.get(reverse(name)).status_code == 302
    clerk = User.objects.create_user("clerk@example.org", "secret", is_staff=True)
    client.force_login(clerk)
    assert client.get(reverse(name)).status_code == 403
    client.force_login(User.objects.create_superuser("administrator@example.org", "secret"))
    response = client.get(reverse(name), {"version": "x", "purpose": "'", "viewers": "all"})
    assert response.status_code == 200
    content = response.content.decode().partition('<div class="dashboard">')[2].partition("unfold/js/simplebar")[0]
    scripts = [part.partition(">")[0] for part in content.split("<script")[1:]]
    assert all('type="application/json"' in script or "src=" in script for script in scripts)
    assert ' style="' not in content.partition('<section class="panel definitions"')[0].partition("</section>")[0]
    assert client.get(reverse(name), {"csv": "nothing"}).status_code == 404


def test_the_business_dashboard_counts_who_came_and_stayed(
    client: Client, administrator: User, version: PreferenceVersion
) -> None:
    now = timezone.now()
    one, another = (make_member(signup_source="=newsletter") for _ in range(2))
    lost = make_member(joined_on=timezone.localdate() - datetime.timedelta(days=60))
    make_member(is_demo=True)
    make_circle(one, name="Cohort 7")
    make_sheet(one)
    for user, days, minutes in ((one, 0, 30), (one, 1, 10), (another, 1, 20), (lost, 40, 5)):
        began = now - datetime.timedelta(days=days, minutes=minutes)
        Visit.objects.create(user=user, started_at=began, last_seen_at=began + datetime.timedelta(minutes=minutes))
    for n_answered, days in ((3, 1), (0, 1), (5, 29)):
        started_at = now - datetime.timedelta(days=days)
        VisitorSheet.objects.create(token_digest=f"{n_answered}", n_answered=n_answered, started_at=started_at)
    match = make_match(one, another, at=now - HOUR)
    again = make_match(one, another, at=now - HOUR, purpose="project", low_again=True, high_again=True)
    make_match(one, another, at=now - HOUR, purpose="date", low_again=True)
    for number, sender in enumerate((one, another, one, another, one), start=1):
        Message.objects.create(match=match, sender=sender, text="Hello", number=number, revision=number)
    snapshots.take()
    # One of the two wrote only twice; the other purpose counts.
    assert (BusinessState.objects.get().n_matches, BusinessState.objects.get().n_successful) == (3, 1)
    Message.objects.create(match=match, sender=another, text="Hello", number=6, revision=6)
    snapshots.take()
    state = BusinessState.objects.get()
    assert (state.n_successful, state.n_active, state.n_before, state.n_lost) == (2, 2, 1, 1)
    assert again.low_again
    # Two successful matches, each for both, in one hour of 30, 10 and 20 minutes.
    assert state.seconds == 3600
    figures = {row["Figure"]: row["Value"] for row in table(client, BUSINESS, "figures")}
    assert figures["Successful matches per member and hour"] == "4.0000"
    assert (figures["Joined"], figures["Activated"], figures["Sessions"]) == ("2", "1", "3")
    assert (figures["Mean session, minutes"], figures["Total time, hours"]) == ("20.0", "1.0")
    # A source that a spreadsheet would take for a formula is a text.
    assert [(row["Source"], row["Joined"]) for row in table(client, BUSINESS, "sources")] == [("'=newsletter", "2")]
    assert {row["Circle"]: row["Joined"] for row in table(client, BUSINESS, "circles")} == {
        "Cohort 7": "1",
        "no circle": "1",
    }
    steps = [row["People"] for row in table(client, BUSINESS, "funnel")]
    assert steps == ["3", "2", "2", "1", "0", "0", "0", "0"], "one visitor answered and went away"
    cohort = CohortWeek.objects.order_by("joined_in", "-week").first()
    assert cohort is not None
    assert (cohort.n_people, cohort.n_here) == (1, 0)
    assert "=newsletter" in client.get(reverse(BUSINESS)).content.decode()


def test_a_chart_s_table_is_complete_as_csv() -> None:
    estimate = Estimate(0.5, 0.4, 0.6, 30)
    panel = Panel("x", "X", "", (Column("Day", "text"), Column("AUC")), [("today", estimate), ("then", None)])
    lines = panel.csv().splitlines()
    assert lines[:2] == ['Day,AUC,"AUC, low","AUC, high","AUC, n"', "today,0.5,0.4,0.6,30"]
    assert [[cell.text for cell in line] for line in panel.lines] == [["today", "0.500"], ["then", "–"]]


def test_how_good_says_nothing_before_there_is_enough(client: Client, version: PreferenceVersion) -> None:
    make_forty(version, eight_days_ago())
    snapshots.take()
    page = client.get(reverse("operations:how-good")).content.decode()
    assert "So far there are 30 verdicts" in page
    assert "0.861" not in page


def test_how_good_shows_the_same_figures_to_everybody_and_is_made_once_a_day(
    client: Client, version: PreferenceVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scoreboard, "LEAST_VERDICTS", 30)
    make_forty(version, eight_days_ago())
    snapshots.take()
    ended = timezone.now()
    for status, error in (("succeeded", ""), ("refused", "Worse than the model in use.")):
        TrainingRun.objects.create(kind="preference", status=status, error=error, finished_at=ended)
    page = client.get(reverse("operations:how-good")).content.decode()
    for figure in ("0.861", "0.948", "0.625", "0.833", "0.714", "0.050", "not enough data"):
        assert f">{figure}<" in page
    assert "25 % of the people shown got no answer" in page
    assert "Worse than the model in use." in page
    assert "Preference version" in page
    MetricDay.objects.all().delete()
    assert "0.861" in client.get(reverse("operations:how-good")).content.decode()
    cache.clear()
    assert "0.861" not in client.get(reverse("operations:how-good")).content.decode()


def test_every_kind_of_row_can_be_looked_at_and_none_changed(
    client: Client, administrator: User, version: PreferenceVersion
) -> None:
    make_forty(version, eight_days_ago())
    Visit.objects.create(user=make_member())
    snapshots.take()
    for model in apps.get_app_config("operations").get_models():
        name = f"admin:operations_{model._meta.model_name}"
        page = client.get(reverse(f"{name}_changelist"))
        assert page.status_code == 200
        assert ("Recommender dashboard" in page.content.decode()) == (model in {MetricDay, BusinessDay})
        assert client.get(reverse(f"{name}_add")).status_code == 403
        assert client.get(reverse(f"{name}_changelist"), {"q": "20'6-13-45"}).status_code == 200
        found = client.get(reverse(f"{name}_changelist"), {"q": "1999"}).context["cl"]
        assert found.search_fields, f"{name} cannot be searched"
        assert found.result_count == 0
        if (row := model._default_manager.first()) is not None:
            assert client.get(reverse(f"{name}_change", args=[row.pk])).status_code == 200
