"""Who may be shown to whom, against a slow oracle that reads the rules one pair at a time."""

import datetime

import numpy as np
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import datasets, places
from accounts.models import Block, Circle, Consent, Gender, Preference, Profile, Purpose, Reach, User, Visibility
from recommendations.models import Match, Verdict, VerdictValue
from recommendations.services import eligibility, room
from recommendations.services.eligibility import Apart
from recommendations.services.narrowing import Narrowing
from tests.builders import make_circle, make_member, make_preference
from tests.recommendations.builders import CITIES, make_conversation, make_random_people

pytestmark = pytest.mark.django_db


def found(viewer: User, purpose: str, circle: Circle | None = None) -> set[int]:
    facts = datasets.eligibility_facts(purpose=purpose, day=timezone.localdate())
    position = facts.position_of(viewer.pk)
    if position is None:
        return set()
    apart = eligibility.apart_from(viewer_id=viewer.pk, purpose=purpose)
    left = room.left(facts=facts, purpose=purpose, now=timezone.now())
    mask = eligibility.eligible(
        facts=facts, viewer=position, apart=apart, narrowing=Narrowing(circle=circle), room_left=left
    )
    return set(facts.user_ids[mask].tolist())


def oracle(viewer: User, people: list[User], purpose: str, circle: Circle | None) -> set[int]:
    return {
        other.pk
        for other in people
        if is_open(viewer, purpose)
        and is_open(other, purpose)
        and viewer.pk != other.pk
        and has_room(viewer, purpose)
        and has_room(other, purpose)
        and fits(viewer, other, purpose)
        and fits(other, viewer, purpose)
        and (circle is None or other in circle.members.all())
        and not Verdict.objects.filter(actor=viewer, target=other, purpose=purpose, is_current=True)
        .exclude(value="undone")
        .exists()
    }


def is_open(user: User, purpose: str) -> bool:
    consents = list(Consent.objects.filter(user=user, kind="matching").order_by("pk"))
    return (
        user.is_active
        and not user.is_demo
        and not user.profile.is_paused
        and consents[-1].is_given
        and Preference.objects.get(user=user, purpose=purpose).is_active
    )


def fits(one: User, other: User, purpose: str) -> bool:
    """Whether one side's rules let the other be shown."""
    mine, theirs = (Preference.objects.get(user=user, purpose=purpose) for user in (one, other))
    age = other.age_on(timezone.localdate())
    assert age is not None
    wanted = {row.gender for row in mine.wanted_genders.all()}
    shared = set(one.circles.values_list("pk")) & set(other.circles.values_list("pk"))
    is_visible = {"everyone": True, "circles": bool(shared), "nobody": False}[theirs.visibility]
    return (
        mine.youngest <= age <= mine.oldest
        and lives_near(one, other, mine.reach)
        and (not wanted or other.profile.gender in wanted)
        and is_visible
        and not Block.objects.filter(blocker=one, blocked=other).exists()
    )


def lives_near(one: User, other: User, reach: str) -> bool:
    mine, theirs = (places.city(user.profile.city) for user in (one, other))
    if reach == Reach.ANYWHERE:
        return True
    if mine is None or theirs is None:
        return False
    return {
        Reach.CITY: mine.id == theirs.id,
        Reach.REGION: mine.division == theirs.division,
        Reach.COUNTRY: mine.country == theirs.country,
    }[Reach(reach)]


def has_room(user: User, purpose: str) -> bool:
    going_on = [
        match
        for match in Match.objects.of(user.pk).filter(purpose=purpose)
        if match.last_message_at and match.last_message_at > timezone.now() - datetime.timedelta(days=14)
    ]
    return len(going_on) < Preference.objects.get(user=user, purpose=purpose).room


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("purpose", [Purpose.FRIEND, Purpose.DATE])
def test_the_mask_is_what_the_rules_say_pair_by_pair(seed: int, purpose: str) -> None:
    rng = np.random.default_rng(seed)
    people = make_random_people(rng, 24, purpose=purpose)
    for viewer in people[:6]:
        for other, value in zip(rng.permutation(24)[:3], VerdictValue.values, strict=True):
            if people[other] != viewer:
                Verdict.objects.create(actor=viewer, target=people[other], purpose=purpose, value=value)
    circle = Circle.objects.order_by("pk").first()
    expected = [oracle(viewer, people, purpose, None) for viewer in people]
    assert [found(viewer, purpose) for viewer in people] == expected
    assert [found(viewer, purpose, circle) for viewer in people] == [
        oracle(viewer, people, purpose, circle) for viewer in people
    ]
    assert any(expected), "the population must not be one in which nobody fits anybody"


def test_who_is_blocked_is_gone_on_both_sides() -> None:
    one, other = make_member(), make_member()
    make_preference(one), make_preference(other)
    assert found(one, Purpose.FRIEND) == {other.pk}
    Block.objects.create(blocker=one, blocked=other)
    assert found(one, Purpose.FRIEND) == found(other, Purpose.FRIEND) == set()


def test_a_gender_that_is_not_told_is_shown_only_to_those_who_want_all() -> None:
    viewer, silent = make_member(), make_member()
    wish = make_preference(viewer, purpose=Purpose.DATE)
    make_preference(silent, purpose=Purpose.DATE)
    assert silent.profile.gender == Gender.UNDISCLOSED
    assert found(viewer, Purpose.DATE) == {silent.pk}
    for gender in ("woman", "man", "non_binary", "own_words"):
        wish.wanted_genders.create(gender=gender)
    assert found(viewer, Purpose.DATE) == set()


@pytest.mark.parametrize("is_viewer_the_shy_one", [True, False])
def test_visible_in_circles_means_both_ways_and_only_with_a_shared_circle(is_viewer_the_shy_one: bool) -> None:
    shy, other = make_member(), make_member()
    make_preference(shy, visibility=Visibility.CIRCLES), make_preference(other)
    viewer, shown = (shy, other) if is_viewer_the_shy_one else (other, shy)
    make_circle(shy, make_member())
    assert found(viewer, Purpose.FRIEND) == set()
    make_circle(shy, other)
    assert found(viewer, Purpose.FRIEND) == {shown.pk}


@pytest.mark.parametrize("is_viewer_the_choosy_one", [True, False])
@pytest.mark.parametrize(("reach", "fitting"), [("city", 1), ("region", 2), ("country", 3), ("anywhere", 5)])
def test_how_near_one_wants_others_holds_both_ways(is_viewer_the_choosy_one: bool, reach: str, fitting: int) -> None:
    choosy, *others = [make_member() for _ in range(6)]
    make_preference(choosy, reach=reach)
    for other, city in zip(others, CITIES, strict=True):
        make_preference(other)
        Profile.objects.filter(user=other).update(city=city)
    Profile.objects.filter(user=choosy).update(city=CITIES[0])
    admitted = [other.pk for other in others[:fitting]]
    if is_viewer_the_choosy_one:
        assert found(choosy, Purpose.FRIEND) == set(admitted)
    else:
        assert [other.pk for other in others if choosy.pk in found(other, Purpose.FRIEND)] == admitted


def test_a_city_that_left_the_list_is_near_to_itself_only() -> None:
    here, too, elsewhere = (make_member() for _ in range(3))
    for member, city in ((here, 999_999_999), (too, 999_999_999), (elsewhere, CITIES[0])):
        make_preference(member, reach="country")
        Profile.objects.filter(user=member).update(city=city)
    assert found(here, Purpose.FRIEND) == {too.pk}


@pytest.mark.parametrize(("days_ago", "ended", "n_found"), [(13, False, 0), (15, False, 1), (1, True, 1)])
def test_who_talks_with_as_many_as_they_want_is_shown_to_nobody(days_ago: int, ended: bool, n_found: int) -> None:
    busy, friend, other = (make_member() for _ in range(3))
    make_preference(busy, room=1), make_preference(other)
    match = make_conversation(busy, friend, days_ago=days_ago)
    Match.objects.filter(pk=match.pk).update(ended_at=timezone.now() if ended else None)
    assert len(found(other, Purpose.FRIEND)) == len(found(busy, Purpose.FRIEND)) == n_found
    assert room.left_of(user=busy, purpose=Purpose.FRIEND) == n_found


def test_conversations_for_another_purpose_take_no_room() -> None:
    busy, other = make_member(), make_member()
    make_preference(busy, room=1), make_preference(other)
    make_conversation(busy, other, purpose=Purpose.PROJECT)
    assert found(other, Purpose.FRIEND) == {busy.pk}


@pytest.mark.parametrize(("is_demo_run", "n_found"), [(True, 1), (False, 0)])
def test_the_demo_population_exists_only_in_a_demo(settings, is_demo_run: bool, n_found: int) -> None:
    settings.DEMO = is_demo_run
    viewer, demo = make_member(), make_member(is_demo=True)
    make_preference(viewer), make_preference(demo)
    assert len(found(viewer, Purpose.FRIEND)) == n_found


def test_a_verdict_counts_for_its_own_purpose_only() -> None:
    viewer, other = make_member(), make_member()
    for user in (viewer, other):
        make_preference(user), make_preference(user, purpose=Purpose.PROJECT)
    Verdict.objects.create(actor=viewer, target=other, purpose=Purpose.FRIEND, value=VerdictValue.PASS)
    assert found(viewer, Purpose.FRIEND) == set()
    assert found(viewer, Purpose.PROJECT) == {other.pk}
    assert found(other, Purpose.FRIEND) == {viewer.pk}


def test_who_answered_too_little_looks_and_is_not_shown() -> None:
    one, other = make_member(), make_member()
    make_preference(one), make_preference(other)
    facts = datasets.eligibility_facts(purpose=Purpose.FRIEND, day=timezone.localdate())
    shown = np.array([True, False])
    masks = [eligibility.eligible(facts=facts, viewer=row, apart=Apart(), is_shown=shown) for row in (0, 1)]
    assert [mask.tolist() for mask in masks] == [[False, False], [True, False]]


def test_the_number_of_queries_does_not_depend_on_the_number_of_people() -> None:
    def n_queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            found(viewer, Purpose.FRIEND)
        return len(queries)

    viewer = make_member()
    make_preference(viewer)
    few = n_queries()
    for _ in range(12):
        make_preference(make_member())
    assert n_queries() == few == 7
