"""Snapshots count what was worked out by hand, again and again the same, and keep it when people leave."""

import datetime
from typing import Any

import numpy as np
import pytest
from scipy.special import expit
from sklearn.metrics import roc_auc_score

from accounts.models import Purpose, User
from matchsite.celery import app
from ml.metric_histograms import Estimate
from operations.models import BusinessDay, GroupDay, Histogram, ListDay, MetricDay, PeopleDay
from operations.services import figures, snapshots
from operations.services.figures import Choice, Sum
from recommendations.models import Impression, PreferenceVersion, SlotPolicy, Surface, Verdict
from tests.builders import make_member
from tests.operations.forty import HOUR, LISTS, WEEK, make_forty, make_match, make_open, say
from tests.recommendations.builders import make_impression

pytestmark = pytest.mark.django_db

NOON = datetime.datetime(2026, 3, 10, 12, tzinfo=datetime.UTC)
DAY = NOON.date()
# When every answer of that day has come.
LATER = NOON + WEEK + HOUR


def total(choice: Choice = Choice(), day: datetime.date = DAY) -> Sum:  # noqa: B008
    return figures.load(day, day, choice).total()


def test_the_forty_come_out_as_by_hand(version: PreferenceVersion) -> None:
    make_forty(version, NOON)
    snapshots.take(now=LATER)
    found = total()
    assert (found.n_impressions, found.n_likes, found.n_passes, found.n_mutual) == (40, 12, 18, 5)
    assert found.auc().value == pytest.approx(186 / 216)
    assert found.mutual_auc().value == pytest.approx(99.5 / 105)
    assert (found.auc().n, found.mutual_auc().n) == (30, 26)
    by_name = found.classification()
    assert [by_name[name].value for name in ("precision", "recall", "f1")] == pytest.approx([10 / 16, 10 / 12, 20 / 28])
    assert found.precision_at_12().value == pytest.approx(12 / 240)
    assert found.unanswered() == Estimate(0.25, 0.125, 0.4, 40)
    assert found.mutual_rate() == Estimate(0.125, 0.025, 0.225, 40)
    assert ListDay.objects.get().by_likes == [10, 8, 2, *[0] * 10]


def test_intervals_are_those_of_answers_resampled_one_by_one(version: PreferenceVersion) -> None:
    make_forty(version, NOON)
    snapshots.take(now=LATER)
    liked = {"mutual": True, "refused": True, "liked": True, "passed": False, "changed": False}
    rows = np.array([(score, liked[answer]) for pair in LISTS for score, answer in pair if answer in liked])
    rng, samples = np.random.default_rng(5), []
    for _ in range(600):
        drawn = rows[rng.integers(0, len(rows), len(rows))]
        tells = drawn[:, 0] >= 0.5
        f1 = 2 * (tells * drawn[:, 1]).sum() / (tells.sum() + drawn[:, 1].sum())
        samples.append((roc_auc_score(drawn[:, 1], drawn[:, 0]), f1))
    expected = np.quantile(samples, (0.025, 0.975), axis=0).T
    auc, f1 = total().auc(), total().classification()["f1"]
    assert (auc.low, auc.high) == pytest.approx(expected[0], abs=0.03)
    assert (f1.low, f1.high) == pytest.approx(expected[1], abs=0.04)


def test_attention_comes_out_as_by_hand(version: PreferenceVersion) -> None:
    make_forty(version, NOON)
    snapshots.take(now=NOON + HOUR)
    row = PeopleDay.objects.get()
    assert (row.n_people, row.n_shown, row.n_never, row.gini) == (24, 4, 20, 0.875)
    assert row.gini_low is not None
    assert row.gini_high is not None
    assert row.gini_low <= 0.875 <= row.gini_high
    # No group of fewer than fifty is even written down.
    assert not GroupDay.objects.exists()
    snapshots.take(now=NOON + WEEK + HOUR)
    assert PeopleDay.objects.get(day=DAY + WEEK).n_never == 24


def test_groups_of_fifty_are_counted(version: PreferenceVersion) -> None:
    people = [make_open() for _ in range(50)]
    viewer = make_member()
    for person in people[:10]:
        make_impression(viewer, person, shown_at=NOON)
    make_match(*people[:2], at=NOON)
    snapshots.take(now=NOON + HOUR)
    rows = {(row.kind, row.group): (row.n_people, row.n_impressions, row.n_matches) for row in GroupDay.objects.all()}
    assert rows == {("gender", "undisclosed"): (50, 10, 2), ("age", "35 to 44"): (50, 10, 2)}


def test_counting_again_changes_nothing(version: PreferenceVersion) -> None:
    make_forty(version, NOON)
    snapshots.take(now=LATER)
    before = kept()
    snapshots.take(now=LATER + HOUR)
    assert kept() == before


def kept() -> list[tuple[object, ...]]:
    rows = Histogram.objects.order_by("metric_day__slot", "of").values_list("of", "stored", "metric_day__n_likes")
    days = MetricDay.objects.values_list("day", "n_impressions", "n_likes", "n_passes", "n_mutual")
    return [*((of, bytes(stored), n) for of, stored, n in rows), *days]


def test_a_complete_day_survives_its_people(version: PreferenceVersion) -> None:
    make_forty(version, NOON)
    snapshots.take(now=LATER)
    # On the eighth day after it, a day is counted for the last time.
    snapshots.take(now=NOON + WEEK + 13 * HOUR)
    before = kept()
    Impression.objects.all().delete()
    snapshots.take(now=NOON + WEEK + 14 * HOUR)
    snapshots.take(now=NOON + 2 * WEEK)
    assert kept() == before
    assert total().auc().value == pytest.approx(186 / 216)


def test_who_leaves_within_the_week_is_not_counted(version: PreferenceVersion) -> None:
    viewers = make_forty(version, NOON)
    snapshots.take(now=NOON + 5 * HOUR)
    Impression.objects.filter(viewer=viewers[0]).delete()
    snapshots.take(now=LATER)
    found = total()
    assert (found.n_impressions, found.n_likes, found.n_mutual) == (38, 10, 3)


def test_versions_purposes_viewers_and_slots_are_kept_apart(version: PreferenceVersion) -> None:
    make_forty(version, NOON)
    other = PreferenceVersion.objects.create(
        measurement_version=version.measurement_version, thresholds={"date": 0.3}, weights={"date": {"likeness": 1}}
    )
    one, another = make_member(), make_member()
    fields: dict[str, Any] = {"preference_version": other, "purpose": Purpose.DATE, "slot_policy": SlotPolicy.EXPLORED}
    impression = make_impression(one, another, shown_at=NOON, score_out=0.4005, **fields)
    say(impression, "like", NOON + HOUR)
    snapshots.take(now=LATER)
    assert MetricDay.objects.count() == 2
    for choice in (
        Choice(version=other.pk),
        Choice(purpose=Purpose.DATE),
        Choice(viewers="cold"),
        Choice(slot="explored"),
    ):
        found = total(choice)
        assert (found.n_impressions, found.n_likes) == (1, 1)
        # The threshold is that of the version: at 0.5 this like would have been missed.
        assert found.outcomes.tolist() == [1, 0, 0, 0]
    assert total(Choice(version=version.pk)).n_impressions == 40
    assert total().outcomes.tolist() == [11, 6, 2, 12]


def test_demo_members_never_count(version: PreferenceVersion) -> None:
    demo, member = make_member(is_demo=True), make_open()
    impression = make_impression(demo, member, shown_at=NOON, is_demo=True)
    say(impression, "like", NOON + HOUR)
    make_match(demo, member, at=NOON + HOUR, is_demo=True)
    snapshots.take(now=LATER)
    assert not MetricDay.objects.exists()
    assert not ListDay.objects.exists()
    assert PeopleDay.objects.get().n_people == 1
    assert sum(row.n_joined for row in BusinessDay.objects.all()) == 0


def test_lists_that_the_model_did_not_order_never_count(version: PreferenceVersion) -> None:
    make_forty(version, NOON)
    one = Impression.objects.first()
    assert one is not None
    make_impression(one.viewer, one.shown, shown_at=NOON, surface=Surface.LIKE_THIS)
    make_impression(make_member(), one.shown, shown_at=NOON, surface=Surface.SKETCH)
    snapshots.take(now=LATER)
    assert total().n_impressions == 41


def test_a_day_is_that_of_the_site_s_time_zone(version: PreferenceVersion, settings: object) -> None:
    settings.TIME_ZONE = "Pacific/Auckland"  # type: ignore[attr-defined]
    # 12:30 UTC on 10 March is 01:30 on 11 March in Auckland.
    make_impression(make_member(), make_member(), shown_at=NOON + HOUR / 2)
    snapshots.take(now=NOON + HOUR)
    assert MetricDay.objects.get().day == DAY + datetime.timedelta(days=1)


def test_days_missed_are_caught_up(version: PreferenceVersion) -> None:
    make_forty(version, NOON)
    snapshots.take(now=NOON - HOUR)
    assert total().n_impressions == 0
    snapshots.take(now=NOON + 4 * WEEK)
    assert total().n_mutual == 5


def test_rivals_are_compared_where_chance_chose(version: PreferenceVersion) -> None:
    reader, liked, passed = make_member(), make_member(), make_member()
    for number in range(3):
        early = make_impression(make_member(), liked, shown_at=NOON - 2 * WEEK)
        say(early, "like", early.shown_at + HOUR)
        early = make_impression(make_member(), passed, shown_at=NOON - 2 * WEEK)
        say(early, "pass", early.shown_at + HOUR + number * HOUR)
    for person, word in ((liked, "like"), (passed, "pass")):
        drawn = make_impression(reader, person, shown_at=NOON, slot_policy=SlotPolicy.EXPLORED)
        say(drawn, word, NOON + HOUR)
    snapshots.take(now=LATER)
    found = total()
    # Half of all answers are likes. The viewer gave none, so a half is assumed; three answers drawn to a half by six
    # make six ninths of the one and three ninths of the other: a half times each.
    likes, passes = (found.of(which) for which in ("appeal_likes", "appeal_passes"))
    assert np.flatnonzero(likes).tolist() == [333]
    assert np.flatnonzero(passes).tolist() == [166]
    assert Verdict.objects.count() == 8
    assert User.objects.count() == 9


def test_likeness_that_no_bin_of_probabilities_tells_apart_is_ranked(version: PreferenceVersion) -> None:
    # Likenesses of -200 to -120 are probabilities of 1e-87 to 1e-53.
    for place in range(20):
        logit = -200 + 4 * place
        score = float(expit(logit))
        impression = make_impression(make_member(), make_member(), shown_at=NOON, score_out=score, score_in=score)
        say(impression, "like" if place >= 10 else "pass", NOON + HOUR)
        if place >= 10:
            make_match(impression.viewer, impression.shown, at=NOON + HOUR)
    snapshots.take(now=LATER)
    assert total().auc().value == 1.0
    assert (total().mutual_auc().value, total().mutual_auc().n) == (1.0, 20)


def test_the_schedule_takes_snapshots(version: PreferenceVersion) -> None:
    make_impression(make_member(), make_member())
    entry = app.conf.beat_schedule["take-snapshot"]
    app.loader.import_default_modules()
    app.tasks[entry["task"]]()
    assert MetricDay.objects.get().n_impressions == 1
