"""How far people want others to live, and how many conversations they have room for, as arrays."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts import datasets, places
from accounts.models import Profile, Purpose, Reach, User
from tests.builders import make_member, make_preference

pytestmark = pytest.mark.django_db


def make_resident(town: str, **rules: Any) -> User:
    """Return somebody from a town who is here for friendship."""
    user = make_member()
    found = places.meant_by(town)
    assert len(found) == 1 or not town
    Profile.objects.filter(user=user).update(city=found[0].id if found else None)
    make_preference(user, **rules)
    return user


def facts_of(*people: User) -> SimpleNamespace:
    """Return what the columns say of some people, in their order."""
    facts = datasets.eligibility_facts(purpose=Purpose.FRIEND, day=timezone.localdate())
    rows = np.searchsorted(facts.user_ids, [user.pk for user in people])
    columns = ("city", "region", "country", "reach", "room")
    return SimpleNamespace(**{name: getattr(facts, name)[rows] for name in columns})


def test_equal_codes_are_the_same_city_region_and_country() -> None:
    towns = ("Los Angeles", "San Diego, California, United States", "Houston", "Toronto", "Los Angeles")
    facts = facts_of(*(make_resident(town) for town in towns))
    same = {name: getattr(facts, name)[0] == getattr(facts, name)[1:] for name in ("city", "region", "country")}
    assert {name: found.tolist() for name, found in same.items()} == {
        "city": [False, False, False, True],
        "region": [True, False, False, True],
        "country": [True, True, False, True],
    }


def test_codes_are_the_same_when_fewer_people_are_read() -> None:
    people = [make_resident(town) for town in ("Lisbon", "Munich", "Tokyo")]
    facts = facts_of(*people)
    few = datasets.eligibility_facts(purpose=Purpose.FRIEND, day=timezone.localdate(), user_ids=[people[1].pk])
    for name in ("city", "region", "country"):
        assert getattr(few, name).tolist() == getattr(facts, name)[1:2].tolist()


def test_who_tells_no_city_lives_in_an_unknown_place() -> None:
    facts = facts_of(make_resident(""))
    assert (facts.city[0], facts.region[0], facts.country[0]) == (datasets.UNKNOWN_PLACE,) * 3


def test_a_city_that_left_the_list_is_the_same_as_itself_only() -> None:
    people = [make_resident("Lisbon"), make_resident(""), make_resident("")]
    Profile.objects.filter(user__in=people[1:]).update(city=2**31 - 1)
    facts = facts_of(*people)
    assert facts.city[1] == facts.city[2] == 2**31 - 1
    assert set(facts.region[1:].tolist()) == set(facts.country[1:].tolist()) == {datasets.UNKNOWN_PLACE}


def test_towns_in_no_division_of_their_country_share_one_region() -> None:
    assert {places.meant_by(town)[0].division for town in ("Oranjestad, Aruba", "Tanki Leendert, Aruba")} == {"AW"}


def test_reach_and_room_are_those_of_the_preference() -> None:
    people = [make_resident("Lisbon", reach=reach, room=room) for room, reach in enumerate(Reach, start=1)]
    people.append(make_resident("Lisbon"))
    facts = facts_of(*people)
    assert facts.reach.tolist() == [
        datasets.CITY,
        datasets.REGION,
        datasets.COUNTRY,
        datasets.ANYWHERE,
        datasets.ANYWHERE,
    ]
    assert facts.room.tolist() == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("room", [0, 51])
def test_room_is_for_one_conversation_to_fifty(room: int) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        make_preference(make_member(), room=room)


def test_nobody_is_no_row() -> None:
    facts = datasets.eligibility_facts(purpose=Purpose.FRIEND, day=timezone.localdate())
    assert len(facts) == len(facts.city) == len(facts.region) == len(facts.room) == 0
