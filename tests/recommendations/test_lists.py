"""Lists: who stands in them, why, with which probability, and for how long."""

import datetime
import threading
from typing import Any

import numpy as np
import pytest
from django.db import close_old_connections, connection, connections
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Block, Change, Preference, Purpose, User, Visibility
from accounts.services import changes, consents, profiles, suspensions
from privacy.services import deletion
from recommendations.models import Impression, Label, PreferenceVersion, SlotPolicy, Verdict
from recommendations.services import deferrals, drafts, lists, safety, verdicts
from recommendations.services.lists import Obstacle, PeopleList
from recommendations.services.narrowing import Narrowing
from surveys.models import MeasurementVersion, Placement
from tests.builders import make_circle, make_member, make_preference
from tests.recommendations.builders import answer_like, make_conversation, make_people
from tests.threads import run_together


def shown(viewer: User, **arguments: Any) -> PeopleList:
    arguments.setdefault("rng", np.random.default_rng(1))
    return lists.list_for(viewer=viewer, purpose=Purpose.FRIEND, **arguments)


def ids(found: PeopleList) -> list[int]:
    return [impression.shown_id for impression in found.impressions]


# ---------------------------------------------------------------- slots, without a database


def test_eleven_go_by_rank_and_one_is_drawn_from_all_the_rest() -> None:
    scores = np.random.default_rng(0).permutation(40).astype(float)
    slots = drafts.choose_slots(scores, np.random.default_rng(1))
    drawn = slots.policies.index(SlotPolicy.EXPLORED)
    assert np.delete(slots.people, drawn).tolist() == np.argsort(-scores)[:11].tolist()
    assert slots.people[drawn] in np.argsort(-scores)[11:]
    assert slots.propensities[drawn] == 1 / 29
    assert [*slots.propensities[:drawn], *slots.propensities[drawn + 1 :]] == [1.0] * 11


def test_with_eleven_or_fewer_everybody_is_ranked() -> None:
    slots = drafts.choose_slots(np.arange(11.0), np.random.default_rng(0))
    assert slots.people.tolist() == list(range(10, -1, -1))
    assert set(map(str, slots.policies)) == {SlotPolicy.RANKED.value}


def test_the_drawn_one_is_each_of_the_rest_as_often_as_the_propensity_says() -> None:
    rng, scores = np.random.default_rng(7), np.arange(15.0)
    counts, places = np.zeros(15), np.zeros(12)
    for _ in range(4000):
        slots = drafts.choose_slots(scores, rng)
        place = slots.policies.index(SlotPolicy.EXPLORED)
        counts[slots.people[place]] += 1
        places[place] += 1
    assert counts[4:].sum() == 0
    # Four equal chances and twelve equal places, each within four standard deviations.
    assert np.abs(counts[:4] / 4000 - 1 / 4).max() < 4 * np.sqrt(3 / 16 / 4000)
    assert np.abs(places / 4000 - 1 / 12).max() < 4 * np.sqrt(11 / 144 / 4000)


def test_the_propensities_of_all_who_could_have_been_drawn_add_up_to_one() -> None:
    slots = drafts.choose_slots(np.arange(30.0), np.random.default_rng(3))
    n_rest = 30 - 11
    assert sum(slots.propensities) == pytest.approx(11 + 1 / n_rest)
    assert n_rest * min(slots.propensities) == pytest.approx(1)


# ---------------------------------------------------------------- what is shown and written


def test_the_likest_come_first_and_every_field_tells_the_truth(version: MeasurementVersion) -> None:
    people = make_people(version, 20)
    viewer, twin = people[0], people[7]
    answer_like(version, twin, viewer)
    Verdict.objects.create(actor=viewer, target=people[3], purpose=Purpose.FRIEND, value="pass")
    now = timezone.now()
    found = shown(viewer, now=now)
    rows = list(Impression.objects.filter(viewer=viewer).order_by("position"))
    ranked = [row for row in rows if row.slot_policy == SlotPolicy.RANKED]
    assert ranked[0].shown == twin
    assert [row.score_out for row in ranked] == sorted((row.score_out for row in ranked), reverse=True)
    assert ids(found) == [row.shown_id for row in rows]
    assert [row.position for row in rows] == list(range(12))
    assert len({row.list_id for row in rows}) == 1
    for row in rows:
        assert (row.purpose, row.circle, row.surface, row.filters) == ("friend", None, "people", "ages=18-120")
        assert row.n_eligible == found.n_eligible == 18
        assert row.score_out == pytest.approx(row.score_in, rel=1e-4)
        assert row.measurement_version == version
        assert row.preference_version == PreferenceVersion.objects.get(is_active=True)
        assert (row.experiment_arm, row.n_viewer_verdicts, row.is_demo, row.shown_at) == ("all", 1, False, now)
        assert row.propensity == (1.0 if row.slot_policy == SlotPolicy.RANKED else 1 / 7)
    assert ranked[0].label >= Label.FAIR
    assert all(set(one) == {"scale", "side"} for one in ranked[0].agreements)
    assert 1 <= len(ranked[0].agreements) <= 3


def test_agreements_never_speak_of_anxiety(version: MeasurementVersion) -> None:
    people = make_people(version, 30)
    for viewer in people[:5]:
        shown(viewer)
    letters = {one["scale"] for row in Impression.objects.all() for one in row.agreements}
    assert letters
    assert not letters & {"C", "I", "L", "P"}


def test_who_answered_little_is_never_called_very_close(version: MeasurementVersion) -> None:
    viewer, *_ = make_people(version, 12, n_answered=40)
    twin = make_people(version, 1, seed=5, n_answered=40)[0]
    answer_like(version, twin, viewer)
    assert max(row.label for row in shown(viewer).impressions) <= Label.CLOSE


def test_nobody_stands_higher_for_having_answered_less(version: MeasurementVersion) -> None:
    viewer, *_ = make_people(version, 31)
    brief = {user.pk for user in make_people(version, 30, seed=8, n_answered=40)}
    ranked = [one for one in shown(viewer).impressions if one.slot_policy == SlotPolicy.RANKED]
    assert 2 <= sum(one.shown_id in brief for one in ranked) <= 8


def test_only_who_answered_enough_is_shown(version: MeasurementVersion) -> None:
    viewer = make_people(version, 1)[0]
    make_people(version, 1, seed=1, n_answered=35)
    enough = make_people(version, 1, seed=2, n_answered=36)[0]
    assert ids(shown(viewer)) == [enough.pk]


def test_people_of_demo_lists_are_marked(version: MeasurementVersion, settings: Any) -> None:
    settings.DEMO = True
    viewer, demo, real = make_people(version, 3)
    User.objects.filter(pk=demo.pk).update(is_demo=True)
    assert {row.shown_id: row.is_demo for row in shown(viewer).impressions} == {demo.pk: True, real.pk: False}


# ---------------------------------------------------------------- how long a list lasts


def test_within_30_minutes_the_list_is_the_same_and_nothing_is_written(version: MeasurementVersion) -> None:
    viewer, *_ = make_people(version, 20)
    now = timezone.now()
    first = shown(viewer, now=now)
    with CaptureQueriesContext(connection) as queries:
        again = shown(viewer, now=now + datetime.timedelta(minutes=29), rng=np.random.default_rng(99))
    assert ids(again) == ids(first)
    assert Impression.objects.count() == 12
    assert not [query for query in queries if query["sql"].startswith(("INSERT", "UPDATE", "BEGIN", "SAVEPOINT"))]
    later = shown(viewer, now=now + datetime.timedelta(minutes=31))
    assert Impression.objects.count() == 24
    assert later.impressions[0].list_id != first.impressions[0].list_id


def test_whom_one_judged_leaves_the_list_and_the_others_stay(version: MeasurementVersion) -> None:
    viewer, *_ = make_people(version, 20)
    first = shown(viewer)
    judged = first.impressions[2].shown
    Verdict.objects.create(actor=viewer, target=judged, purpose=Purpose.FRIEND, value="pass")
    assert ids(shown(viewer)) == [one for one in ids(first) if one != judged.pk]


def test_when_all_are_judged_the_next_list_is_made_at_once(version: MeasurementVersion) -> None:
    viewer, *_ = make_people(version, 20)
    first = shown(viewer)
    for shown_id in ids(first):
        Verdict.objects.create(actor=viewer, target_id=shown_id, purpose=Purpose.FRIEND, value="pass")
    second = shown(viewer)
    assert len(second.impressions) == 7
    assert not set(ids(second)) & set(ids(first))
    assert {row.n_viewer_verdicts for row in second.impressions} == {12}


def test_another_rule_or_circle_makes_another_list_and_the_former_one_comes_back(version: MeasurementVersion) -> None:
    viewer, *others = make_people(version, 20)
    circle = make_circle(viewer, *others[:3])
    everyone, inside = shown(viewer), shown(viewer, narrowing=Narrowing(circle=circle))
    assert set(ids(inside)) == {other.pk for other in others[:3]}
    assert {row.circle for row in inside.impressions} == {circle}
    Preference.objects.filter(user=viewer).update(oldest=60)
    narrowed = shown(viewer)
    assert narrowed.impressions[0].list_id != everyone.impressions[0].list_id
    Preference.objects.filter(user=viewer).update(oldest=120)
    assert ids(shown(viewer)) == ids(everyone)
    circle.delete()
    assert ids(shown(viewer)) == ids(everyone)
    assert Impression.objects.count() == 12 + 3 + 12


@pytest.mark.parametrize("change", ["block", "blocked", "pause", "leave", "withdraw", "close", "hide"])
def test_a_repeated_list_is_checked_in_the_database(version: MeasurementVersion, change: str) -> None:
    viewer, *_ = make_people(version, 20)
    first = shown(viewer)
    other = first.impressions[4].shown
    {
        "block": lambda: Block.objects.create(blocker=viewer, blocked=other),
        "blocked": lambda: Block.objects.create(blocker=other, blocked=viewer),
        "pause": lambda: type(other.profile).objects.filter(user=other).update(is_paused=True),
        "leave": lambda: User.objects.filter(pk=other.pk).update(is_active=False),
        "withdraw": lambda: other.consents.create(kind="matching", is_given=False),
        "close": lambda: other.preferences.update(is_active=False),
        "hide": lambda: other.preferences.update(visibility=Visibility.NOBODY),
    }[change]()
    assert ids(shown(viewer)) == [one for one in ids(first) if one != other.pk]
    assert Impression.objects.count() == 12


@pytest.fixture
def settled(version: MeasurementVersion) -> tuple[User, PeopleList]:
    """Return somebody who sees a list again after a while in which nobody changed."""
    viewer, *_ = make_people(version, 20)
    first = shown(viewer)
    Change.objects.update(changed_at=timezone.now() - datetime.timedelta(hours=1))
    Impression.objects.update(shown_at=timezone.now() - datetime.timedelta(minutes=5))
    return viewer, first


def test_a_list_on_which_nobody_changed_is_shown_again_in_five_queries(
    settled: tuple[User, PeopleList], django_assert_num_queries: Any
) -> None:
    viewer, first = settled
    with django_assert_num_queries(5):  # the list, the changes, and whom one is kept apart from
        assert ids(shown(viewer)) == ids(first)
    assert ids(shown(viewer, narrowing=Narrowing(oldest=89)))
    assert Impression.objects.values("list_id").distinct().count() == 2
    assert ids(shown(viewer)) == ids(first)


@pytest.mark.parametrize("change", ["block", "judge", "defer", "pause", "withdraw", "hide", "suspend", "delete"])
def test_who_changed_meanwhile_leaves_such_a_list_at_once(settled: tuple[User, PeopleList], change: str) -> None:
    viewer, first = settled
    other = first.impressions[4].shown
    {
        "block": lambda: safety.block(blocker=other, blocked=viewer),
        "judge": lambda: verdicts.record(actor=viewer, target=other, purpose=Purpose.FRIEND, value="pass"),
        "defer": lambda: deferrals.defer(viewer=viewer, other=other, purpose=Purpose.FRIEND),
        "pause": lambda: profiles.pause(user=other, is_paused=True),
        "withdraw": lambda: consents.decide(user=other, kind="matching", is_given=False),
        "hide": lambda: profiles.be_seen_by(user=other, who=profiles.NOBODY),
        "suspend": lambda: suspensions.suspend(user=other, until=timezone.now() + datetime.timedelta(days=1)),
        "delete": lambda: deletion.delete(user=other),
    }[change]()
    assert ids(shown(viewer)) == [one for one in ids(first) if one != other.pk]


def test_who_deleted_the_account_is_gone_from_a_repeated_list(version: MeasurementVersion) -> None:
    viewer, *_ = make_people(version, 5)
    first = shown(viewer)
    first.impressions[0].shown.delete()
    assert ids(shown(viewer)) == ids(first)[1:]


# ---------------------------------------------------------------- what changed since this process read the people


def test_a_new_member_is_found_by_the_next_list(version: MeasurementVersion) -> None:
    viewer, other = make_people(version, 2)
    assert ids(shown(viewer)) == [other.pk]
    new = make_people(version, 1, seed=1)[0]
    assert set(ids(shown(other))) == {viewer.pk, new.pk}


@pytest.mark.parametrize("change", ["block", "pause", "delete"])
def test_whoever_is_not_to_be_shown_any_more_is_left_out_even_unnoticed(
    version: MeasurementVersion, change: str
) -> None:
    reader, viewer, other, *rest = make_people(version, 6)
    assert other.pk in ids(shown(reader))
    {
        "block": lambda: Block.objects.create(blocker=other, blocked=viewer),
        "pause": lambda: type(other.profile).objects.filter(user=other).update(is_paused=True),
        "delete": lambda: User.objects.get(pk=other.pk).delete(),
    }[change]()
    assert set(ids(shown(viewer))) == {reader.pk, *(user.pk for user in rest)}


def test_a_viewer_whose_rules_changed_unnoticed_is_shown_nobody_against_them(version: MeasurementVersion) -> None:
    reader, viewer, *_ = make_people(version, 6)
    assert ids(shown(reader))
    Preference.objects.filter(user=viewer).update(youngest=60)
    found = shown(viewer)
    assert not found.impressions
    assert not Impression.objects.filter(viewer=viewer).exists()


# ---------------------------------------------------------------- why nobody is shown


def test_without_a_model_it_says_so(db: None) -> None:
    assert shown(make_member()).obstacle == Obstacle.NO_MODEL


def test_the_obstacle_is_named(version: MeasurementVersion) -> None:
    viewer = make_member()
    assert shown(viewer).obstacle == Obstacle.PURPOSE
    make_preference(viewer)
    assert shown(viewer).obstacle == Obstacle.ANSWERS
    placed = make_people(version, 1)[0]
    assert shown(placed).obstacle is None
    placed.preferences.update(visibility=Visibility.NOBODY)
    changes.note(placed.pk)
    assert shown(placed).obstacle == Obstacle.HIDDEN
    placed.preferences.update(visibility=Visibility.EVERYONE)
    Placement.objects.all().delete()
    changes.note(placed.pk)
    assert shown(placed).obstacle == Obstacle.NOT_PLACED
    profiles.pause(user=placed, is_paused=True)
    assert shown(placed).obstacle == Obstacle.PAUSED


def test_who_has_no_room_is_shown_to_nobody_and_told_so(version: MeasurementVersion) -> None:
    busy, friend, other = make_people(version, 3)
    Preference.objects.filter(user=busy).update(room=1)
    make_conversation(busy, friend)
    assert shown(busy).obstacle == Obstacle.NO_ROOM
    assert ids(shown(other)) == [friend.pk]
    later = timezone.now() + datetime.timedelta(days=15)
    assert set(ids(shown(busy, now=later))) == {friend.pk, other.pk}
    assert busy.pk in ids(shown(other, now=later))


# ---------------------------------------------------------------- cost and concurrency


def test_the_number_of_queries_does_not_depend_on_the_number_of_people(version: MeasurementVersion) -> None:
    def n_queries(viewer: User) -> int:
        with CaptureQueriesContext(connection) as queries:
            shown(viewer)
        return len(queries)

    few = make_people(version, 14)
    shown(few[0])
    n_few, n_few_again = n_queries(few[1]), n_queries(few[1])
    make_people(version, 40, seed=1)
    shown(few[2])
    assert n_queries(few[3]) == n_few <= 25
    assert n_queries(few[3]) == n_few_again == 9


def test_as_many_queries_tell_of_one_change_as_of_many(version: MeasurementVersion) -> None:
    def n_queries(viewer: User) -> int:
        with CaptureQueriesContext(connection) as queries:
            shown(viewer)
        return len(queries)

    people = make_people(version, 20)
    shown(people[0])
    changes.note(people[1].pk)
    n_one = n_queries(people[1])
    changes.note(*(user.pk for user in people))
    assert n_queries(people[2]) == n_one <= 31


@pytest.mark.django_db(transaction=True)
def test_two_tabs_at_the_same_moment_get_one_list(transactional_db: None) -> None:
    from tests.population import make_active_versions

    viewer, *_ = make_people(make_active_versions(), 20)
    found: list[list[int]] = []
    start = threading.Barrier(4)

    def ask() -> None:
        close_old_connections()
        start.wait()
        found.append(ids(lists.list_for(viewer=viewer, purpose=Purpose.FRIEND)))
        connections.close_all()

    run_together([threading.Thread(target=ask) for _ in range(4)])
    assert len(found) == 4
    assert all(one == found[0] for one in found)
    assert Impression.objects.count() == 12
