"""The arrays that a process holds: always what reading everybody anew would give."""

import datetime
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from django.db import close_old_connections, connections
from django.utils import timezone
from numpy.typing import NDArray

from accounts import datasets
from accounts.models import Change, Circle, Consent, Preference, Profile, Purpose, User
from accounts.services import changes, circles, consents, profiles, purposes
from ml import preferences
from recommendations.datasets import Places
from recommendations.models import Exposure, Match, PreferenceVersion, Taste
from recommendations.services import eligibility, matches, population, publishing, tastes
from recommendations.services.narrowing import Narrowing
from recommendations.services.population import Everybody, Population
from surveys.models import AnswerSheet, MeasurementVersion, Placement
from surveys.services import placing
from tests.builders import make_answers, make_circle, make_member, make_preference
from tests.population import make_active_versions, make_placed_member
from tests.recommendations.builders import make_people, make_random_people
from tests.threads import run_together

FACTS = [name for name in population.FACTS if name not in {"user_ids", "is_here"}]


def active() -> PreferenceVersion:
    found = publishing.active_preference_version()
    assert found is not None
    return found


def fresh(purpose: str = Purpose.FRIEND, **arguments: Any) -> Population:
    """Return a population that has read nothing yet."""
    return Population(version=active(), purpose=purpose, **arguments)


@dataclass(frozen=True)
class Near:
    """Numbers that are equal but for how sums over other numbers of people are rounded."""

    numbers: NDArray[np.float32]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Near) and np.allclose(self.numbers, other.numbers, rtol=1e-4, atol=1e-4)

    __hash__ = None  # type: ignore[assignment]


Held = dict[int, dict[str, Any]]


def held(people: Population, now: datetime.datetime | None = None) -> Held:
    """Return what a population knows of everybody who is here."""
    with people.hold(now=now or timezone.now()) as everybody:
        return rows_of(everybody)


def rows_of(everybody: Everybody) -> Held:
    facts, found = everybody.facts, Held()
    for row in np.flatnonzero(facts.is_here).tolist():
        user_id = int(facts.user_ids[row])
        found[user_id] = {
            **{name: int(getattr(facts, name)[row]) for name in FACTS},
            "circles": set(facts.memberships[facts.memberships[:, 0] == user_id, 1].tolist()),
            "room_left": int(everybody.room_left[row]),
            "attention": (float(everybody.price[row]), int(everybody.n_shown[row]), everybody.waited[row] > 0),
            "n_answered": int(everybody.n_answered[row]),
            "vectors": Near(np.concatenate([everybody.outgoing[row], everybody.incoming[row]])),
        }
    return found


def differences(one: Held, other: Held) -> list[tuple[int, str, Any, Any]]:
    """Return what two populations know differently of whom."""
    assert set(one) == set(other)
    return [
        (user_id, name, value, other[user_id][name])
        for user_id, row in one.items()
        for name, value in row.items()
        if value != other[user_id][name]
    ]


def vector(everybody: Everybody, user: User) -> NDArray[np.float32]:
    row = everybody.facts.position_of(user.pk)
    assert row is not None
    return np.array(everybody.outgoing[row])


def pause_without_a_word(user: User) -> None:
    """Change somebody behind the services' back, so that no change is noted."""
    Profile.objects.filter(user=user).update(is_paused=True)


# ---------------------------------------------------------------- in step with the database


class Life:
    """What happens to a few people, at random."""

    def __init__(self, version: MeasurementVersion, seed: int) -> None:
        self.version, self.rng = version, np.random.default_rng(seed)
        self.people = make_people(version, 10, seed=seed)
        self.circle = make_circle(*self.people[:3])

    def goes_on(self) -> None:
        events: list[Callable[[User], None]] = [
            self.pauses, self.chooses, self.consents, self.joins, self.leaves, self.goes, self.comes, self.answers,
            self.talks, self.is_taught, self.is_shown,
        ]  # fmt: skip
        for _ in range(int(self.rng.integers(1, 4))):
            if self.people:
                events[self.rng.integers(len(events))](self.people[self.rng.integers(len(self.people))])

    def pauses(self, user: User) -> None:
        profiles.pause(user=user, is_paused=bool(self.rng.random() < 0.5))

    def chooses(self, user: User) -> None:
        rules = {
            "is_active": bool(self.rng.random() < 0.8),
            "youngest": int(self.rng.integers(18, 40)),
            "reach": str(self.rng.choice(["city", "anywhere"])),
            "room": int(self.rng.integers(1, 9)),
        }
        purposes.keep(preference=Preference(user=user, purpose=Purpose.FRIEND, **rules))

    def consents(self, user: User) -> None:
        consents.decide(user=user, kind=Consent.Kind.MATCHING, is_given=bool(self.rng.random() < 0.7))

    def joins(self, user: User) -> None:
        circles.join(user=user, code=self.circle.code)

    def leaves(self, user: User) -> None:
        if Circle.objects.filter(pk=self.circle.pk).exists() and user.circles.exists():
            circles.leave(user=user, circle=self.circle)
        if not Circle.objects.filter(pk=self.circle.pk).exists():
            self.circle = make_circle()

    def goes(self, user: User) -> None:
        self.people.remove(user)
        for other in self.people:
            matches.end_between(one=user, other=other)
        changes.note(user.pk)
        user.delete()

    def comes(self, _: User) -> None:
        self.people.append(make_placed_member(seed=int(self.rng.integers(1000))))

    def answers(self, user: User) -> None:
        sheet = AnswerSheet.objects.get(user=user, is_current=True)
        sheet.answers, sheet.revision = make_answers(seed=int(self.rng.integers(1000))), sheet.revision + 1
        sheet.save()
        placing.place_sheet(sheet=sheet)

    def talks(self, user: User) -> None:
        others = [other for other in self.people if other != user]
        if others:
            low, high = sorted((user.pk, others[0].pk))
            Match.objects.update_or_create(
                low_id=low, high_id=high, purpose=Purpose.FRIEND, defaults={"last_message_at": timezone.now()}
            )
            changes.note(low, high)

    def is_shown(self, user: User) -> None:
        draw_attention(user, n_shown=int(self.rng.integers(1, 9)), price=float(self.rng.integers(4)))

    def is_taught(self, user: User) -> None:
        teach(user, generosity=float(self.rng.normal()))


def draw_attention(user: User, *, n_shown: int, price: float) -> None:
    now = timezone.now()
    values = {"n_shown": n_shown, "price": price, "waits_since": now - datetime.timedelta(days=2), "updated_at": now}
    Exposure.objects.update_or_create(user=user, purpose=Purpose.FRIEND, defaults=values)


def teach(user: User, *, generosity: float) -> None:
    values = {"generosity": generosity, "generosity_variance": 1, "appeal_variance": 1, "taste_variance": 1}
    taste = np.full(16, 0.1, dtype="<f4").tobytes()
    Taste.objects.update_or_create(
        version=active(), user=user, purpose=Purpose.FRIEND, defaults={**values, "taste": taste}
    )
    changes.note(user.pk)


@pytest.fixture
def learned(version: MeasurementVersion) -> PreferenceVersion:
    """Return a published version that has learned something for one purpose."""
    rng = np.random.default_rng(0)
    level_out, level_in, product, difference = rng.normal(0, 0.2, (4, 16))
    shared = preferences.Population(-0.5, 0.1, level_out, level_in, product, difference, np.eye(2), 0.1)
    made = PreferenceVersion.objects.create(
        measurement_version=version, kind="learned", weights={Purpose.FRIEND: tastes.stored(shared)}
    )
    return publishing.publish(preference_version=made)


@pytest.mark.parametrize("seed", range(3))
def test_changes_one_by_one_lead_where_reading_everybody_leads(
    learned: PreferenceVersion, version: MeasurementVersion, seed: int
) -> None:
    life, followed = Life(version, seed), fresh()
    assert len(held(followed)) == 10
    for _ in range(25):
        life.goes_on()
        assert differences(held(followed), held(fresh())) == []


def test_when_very_many_changed_everybody_is_read(version: MeasurementVersion, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(population, "MOST_CHANGED", 2)
    people, silent = make_people(version, 5), fresh()
    held(silent)
    for user in people[:3]:
        profiles.pause(user=user, is_paused=True)
    pause_without_a_word(people[3])
    assert set(held(silent)) == {people[4].pk}


def test_everybody_is_read_in_several_turns(version: MeasurementVersion, monkeypatch: pytest.MonkeyPatch) -> None:
    people = make_people(version, 9)
    circle = make_circle(*people[:6])
    expected = held(fresh())
    assert [row["circles"] for row in expected.values()] == [{circle.pk}] * 6 + [set()] * 3
    monkeypatch.setattr(population, "WINDOW", 2)
    assert held(fresh()) == expected


def test_a_newcomer_is_found_at_once_and_two_queries_tell_that_nothing_changed(
    version: MeasurementVersion, django_assert_num_queries
) -> None:
    make_people(version, 3)
    followed = fresh()
    held(followed)
    user = make_placed_member(seed=5)
    assert user.pk in held(followed)
    with django_assert_num_queries(2):
        held(followed)


def test_a_change_that_committed_late_is_seen_and_read_once(
    version: MeasurementVersion, django_assert_num_queries
) -> None:
    first, second = make_people(version, 2)
    followed = fresh()
    held(followed)
    pause_without_a_word(first)
    assert first.pk in held(followed)
    Change.objects.create(user_id=first.pk, changed_at=timezone.now() - datetime.timedelta(seconds=9))
    assert set(held(followed)) == {second.pk}
    with django_assert_num_queries(2):
        held(followed)


def test_who_has_not_looked_for_a_day_reads_everybody(
    version: MeasurementVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = make_people(version, 2)
    followed = fresh()
    held(followed)
    pause_without_a_word(first)
    monkeypatch.setattr(changes, "KEPT_FOR", changes.OVERLAP)
    assert set(held(followed)) == {second.pk}


def test_after_an_error_everybody_is_read(version: MeasurementVersion) -> None:
    """What an aborted reading had seen of the changes is not taken for read."""
    first, second = make_people(version, 2)
    is_broken = False

    def vectors(places: Places) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        if is_broken:
            raise RuntimeError("The model could not be read.")
        return places.axes, places.axes

    followed = fresh(vectors=vectors)
    held(followed)
    pause_without_a_word(first)
    changes.note(second.pk)
    is_broken = True
    with pytest.raises(RuntimeError, match="could not be read"):
        held(followed)
    is_broken = False
    assert set(held(followed)) == {second.pk}


def test_who_deleted_the_account_is_gone(version: MeasurementVersion) -> None:
    people, followed = make_people(version, 4), fresh()
    held(followed)
    changes.note(people[1].pk)
    User.objects.filter(pk=people[1].pk).delete()
    with followed.hold(now=timezone.now()) as everybody:
        assert everybody.facts.position_of(people[1].pk) is None
        assert everybody.n_here == 3
    assert set(held(followed)) == {people[row].pk for row in (0, 2, 3)}


def test_who_answered_enough_for_a_sketch_is_held_and_shown_only_with_more(version: MeasurementVersion) -> None:
    enough, few = make_placed_member(seed=1, n_answered=36), make_placed_member(seed=2, n_answered=35)
    sketch, fewer = make_placed_member(seed=3, n_answered=20), make_placed_member(seed=4, n_answered=19)
    make_preference(make_member())
    assert set(held(fresh())) == {enough.pk, few.pk, sketch.pk}
    with fresh().hold(now=timezone.now()) as everybody:
        assert everybody.facts.user_ids[everybody.is_shown].tolist() == [enough.pk]
    Placement.objects.filter(sheet__user=fewer).update(n_answered=20)
    assert fewer.pk in held(fresh())


def test_nobody_at_all_can_be_held(version: MeasurementVersion) -> None:
    assert held(fresh()) == {}
    followed = fresh()
    held(followed)
    user = make_placed_member(seed=1)
    assert set(held(followed)) == {user.pk}


# ---------------------------------------------------------------- what is learned, and versions


def test_what_a_verdict_taught_reaches_the_vectors(learned: PreferenceVersion, version: MeasurementVersion) -> None:
    people, followed = make_people(version, 3), fresh()
    with followed.hold(now=timezone.now()) as everybody:
        before = [vector(everybody, user) for user in people]
    teach(people[1], generosity=2.0)
    with followed.hold(now=timezone.now()) as everybody:
        after = [vector(everybody, user) for user in people]
    np.testing.assert_array_equal(after[0], before[0])
    assert after[1][-2] - before[1][-2] == pytest.approx(2.0, abs=1e-5)


def test_each_purpose_and_each_version_has_arrays_of_its_own(version: MeasurementVersion) -> None:
    make_people(version, 2)
    of_friends = population.of(version=active(), purpose=Purpose.FRIEND)
    assert population.of(version=active(), purpose=Purpose.FRIEND) is of_friends
    assert population.of(version=active(), purpose=Purpose.DATE) is not of_friends
    none = np.zeros(16)
    shared = preferences.Population(0.5, 1.0, none, none, none, none, np.eye(2), 0.1)
    made = PreferenceVersion.objects.create(
        measurement_version=version, weights={Purpose.FRIEND: tastes.stored(shared)}
    )
    publishing.publish(preference_version=made)
    switched = population.of(version=active(), purpose=Purpose.FRIEND)
    assert switched is not of_friends
    with of_friends.hold(now=timezone.now()) as old, switched.hold(now=timezone.now()) as new:
        assert old.outgoing.shape == (2, 92)
        assert new.outgoing.shape == (2, 110)


# ---------------------------------------------------------------- what changes by itself


def test_people_grow_older_overnight(version: MeasurementVersion, django_assert_num_queries) -> None:
    today = timezone.localdate()
    tomorrow = today + datetime.timedelta(days=1)
    born = datetime.date(tomorrow.year - 30, tomorrow.month, min(tomorrow.day, 28))
    user, followed = make_placed_member(seed=1, birth_date=born), fresh()
    now = timezone.now()
    ages = [held(followed, now + datetime.timedelta(days=days))[user.pk]["ages"] for days in (0, 5, 400)]
    with django_assert_num_queries(3):  # changes, conversations and attention, no facts
        assert held(followed, now)[user.pk]["ages"] == user.age_on(today)
    assert ages == [user.age_on(today + datetime.timedelta(days=days)) for days in (0, 5, 400)]


def test_who_comes_back_keeps_the_attention_of_before(version: MeasurementVersion) -> None:
    away, here = make_people(version, 2)
    draw_attention(away, n_shown=7, price=1.5)
    Exposure.objects.update(updated_at=timezone.now() - datetime.timedelta(days=3))
    profiles.pause(user=away, is_paused=True)
    followed = fresh()
    assert set(held(followed)) == {here.pk}
    profiles.pause(user=away, is_paused=False)
    assert held(followed)[away.pk]["attention"] == (1.5, 7, True)


def test_room_is_taken_by_conversations_and_freed_by_silence(version: MeasurementVersion) -> None:
    one, other, third = make_people(version, 3)
    purposes.keep(preference=Preference(user=one, purpose=Purpose.FRIEND, is_active=True, room=1))
    followed, now = fresh(), timezone.now()
    assert [row["room_left"] for row in held(followed, now).values()] == [1, 5, 5]
    Match.objects.create(low=one, high=other, purpose=Purpose.FRIEND, last_message_at=now)
    changes.note(one.pk, other.pk)
    assert {pk: row["room_left"] for pk, row in held(followed, now).items()} == {one.pk: 0, other.pk: 4, third.pk: 5}
    assert held(followed, now) == held(fresh(), now)
    later = now + datetime.timedelta(days=14, minutes=1)
    assert [row["room_left"] for row in held(followed, later).values()] == [1, 5, 5]


# ---------------------------------------------------------------- rules on these arrays


@pytest.mark.parametrize("purpose", [Purpose.FRIEND, Purpose.DATE])
def test_the_rules_take_away_the_same_people_as_on_facts_read_anew(version: MeasurementVersion, purpose: str) -> None:
    """The arrays have gone rows among others and no order of ids."""
    rng = np.random.default_rng(4)
    followed = fresh(purpose)
    people = make_random_people(rng, 24, purpose=purpose)
    for user in rng.permutation(np.array(people, dtype=object)):
        placing.place_sheet(
            sheet=AnswerSheet.objects.create(user=user, answers=make_answers(), n_answered=163, revision=1)
        )
        held(followed)
    for user in people[::5]:
        pause_without_a_word(user)
        changes.note(user.pk)
    now = timezone.now()
    facts = datasets.eligibility_facts(purpose=purpose, day=timezone.localdate(now))
    circle = Circle.objects.order_by("pk").first()
    n_found = 0
    with followed.hold(now=now) as everybody:
        assert not everybody.facts.is_here.all()
        assert (np.diff(everybody.facts.user_ids) < 0).any()
        for user_id in facts.user_ids.tolist():
            apart = eligibility.apart_from(viewer_id=user_id, purpose=purpose)
            for inside in (None, circle):
                found = [
                    (of, eligibility.eligible(facts=of, viewer=row, apart=apart, narrowing=Narrowing(circle=inside)))
                    for of in (facts, everybody.facts)
                    if (row := of.position_of(user_id)) is not None
                ]
                (of, expected), (of_held, actual) = found
                assert set(of_held.user_ids[actual].tolist()) == set(of.user_ids[expected].tolist())
                n_found += int(actual.sum())
    assert n_found, "the population must not be one in which nobody fits anybody"


def test_a_person_takes_few_bytes_beside_the_two_matrices(version: MeasurementVersion) -> None:
    make_people(version, 3)
    with fresh().hold(now=timezone.now()) as everybody:
        arrays = [getattr(everybody.facts, name) for name in (*FACTS, "user_ids", "is_here", "order")]
        assert everybody.outgoing.dtype == everybody.incoming.dtype == np.float32
        assert sum(array.nbytes for array in (*arrays, everybody.room_left, everybody.n_answered)) <= 3 * 64


@pytest.mark.django_db(transaction=True)
def test_threads_never_see_half_of_a_change(transactional_db: None) -> None:
    people = make_people(make_active_versions(), 12)
    followed, expected = fresh(), held(fresh())
    wrong: list[str] = []
    start = threading.Barrier(4)

    def look() -> None:
        close_old_connections()
        start.wait()
        for _ in range(25):
            with followed.hold(now=timezone.now()) as everybody:
                seen = rows_of(everybody)
            if any(row != expected[user_id] for user_id, row in seen.items()):
                wrong.append("a row that is nobody's")
            if len(seen) < len(people) - 1:
                wrong.append(f"{len(seen)} people")
        connections.close_all()

    def change() -> None:
        close_old_connections()
        start.wait()
        for turn in range(12):
            for is_paused in (True, False):
                profiles.pause(user=people[turn], is_paused=is_paused)
        connections.close_all()

    run_together([*(threading.Thread(target=look) for _ in range(3)), threading.Thread(target=change)])
    assert wrong == []
    assert held(followed) == expected
