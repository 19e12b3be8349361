"""What decides who may be shown to whom, as flat arrays: one row a person who is open for a purpose."""

import datetime
import functools
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.conf import settings
from django.db import models
from numpy.typing import NDArray

from accounts import languages, places
from accounts.models import (
    CircleMembership,
    Consent,
    Gender,
    Preference,
    ProfileLanguage,
    Purpose,
    Reach,
    User,
    Visibility,
    WantedGender,
)
from accounts.models.user import UserQuerySet

# One bit each, so that who is wanted is a mask.
GENDER_BITS = {gender.value: 1 << code for code, gender in enumerate(Gender)}
ALL_GENDERS = 0xFF
VISIBILITY_CODES = {visibility.value: code for code, visibility in enumerate(Visibility)}
EVERYONE, CIRCLES, NOBODY = (VISIBILITY_CODES[visibility] for visibility in Visibility)
REACH_CODES = {reach.value: code for code, reach in enumerate(Reach)}
CITY, REGION, COUNTRY, ANYWHERE = (REACH_CODES[reach] for reach in Reach)
UNKNOWN_PLACE = -1
LANGUAGE_BITS = {code: 1 << bit for bit, code in enumerate(languages.OFFERED)}
# What is read of a person, beside the genders that they want and their circles.
FIELDS = (
    *("user_id", "youngest", "oldest", "visibility", "reach", "room"),
    *("user__birth_date", "user__is_demo", "user__profile__gender", "user__profile__city"),
)

Mask = NDArray[np.bool_]
Numbers = NDArray[np.uint8]


@dataclass(frozen=True)
class EligibilityFacts:
    """People who are open for one purpose; all arrays but the last have one entry a person, in one order."""

    user_ids: NDArray[np.int64]
    births: NDArray[np.int32]
    """Birth dates as numbers such as 19900517."""
    ages: Numbers
    genders: Numbers
    """One bit of `GENDER_BITS`."""
    wanted: Numbers
    """Bits of the genders that a person wants to meet; `ALL_GENDERS` for who did not choose."""
    youngest: Numbers
    oldest: Numbers
    visibility: Numbers
    reach: Numbers
    """How far apart the two may live, which holds both ways."""
    city: NDArray[np.int32]
    """Equal codes are one place, in any two results of one process; -1 is unknown, as for region and country."""
    region: NDArray[np.int16]
    country: NDArray[np.int16]
    languages: NDArray[np.uint64]
    """One bit for each of `languages.OFFERED` that a person speaks."""
    room: Numbers
    """How many conversations at once, those that go on included."""
    is_demo: Mask
    is_here: Mask
    """Not gone since; who is gone may be shown to nobody."""
    memberships: NDArray[np.int64]
    """Pairs of person and circle, shape (n_memberships, 2)."""
    order: NDArray[np.intp] | None = None
    """Rows in the order of their ids; None where that is the order they are in."""

    def __len__(self) -> int:
        return len(self.user_ids)

    def rows_of(self, user_ids: Collection[int] | NDArray[np.int64]) -> NDArray[np.intp]:
        """Return where people stand, without those who do not."""
        wanted = user_ids if isinstance(user_ids, np.ndarray) else np.array(list(user_ids), dtype=np.int64)
        rows = find_rows(self.user_ids, wanted, self.order)
        return rows[rows >= 0]

    def position_of(self, user_id: int) -> int | None:
        """Return where a person stands, or None for someone who is not open for the purpose."""
        rows = self.rows_of([user_id])
        return int(rows[0]) if rows.size and self.is_here[rows[0]] else None

    def wanted_genders(self, position: int) -> tuple[str, ...]:
        """Return the genders that a person wants to meet, in the order of the codes; none means all."""
        wanted = int(self.wanted[position])
        return () if wanted == ALL_GENDERS else tuple(gender for gender, bit in GENDER_BITS.items() if wanted & bit)

    def in_circle(self, circle_id: int) -> NDArray[np.intp]:
        """Return the rows of who is in a circle."""
        return self.rows_of(self.memberships[self.memberships[:, 1] == circle_id, 0])

    def sharing_circle_with(self, user_id: int) -> NDArray[np.intp]:
        """Return the rows of who is in at least one circle of a person; some more than once."""
        theirs = self.memberships[self.memberships[:, 0] == user_id, 1]
        if not theirs.size:
            return np.empty(0, dtype=np.intp)
        return self.rows_of(self.memberships[np.isin(self.memberships[:, 1], theirs), 0])


def find_rows(
    ids: NDArray[np.int64], wanted: NDArray[np.int64], order: NDArray[np.intp] | None = None
) -> NDArray[np.intp]:
    """Return where ids stand among others, ascending by themselves or in an order; -1 for who is not there."""
    if not len(ids):
        return np.full(len(wanted), -1, dtype=np.intp)
    places = np.minimum(np.searchsorted(ids, wanted, sorter=order), len(ids) - 1)
    rows = places if order is None else order[places]
    return np.where(ids[rows] == wanted, rows, -1)


def participants() -> UserQuerySet:
    """Return the members who agreed to be matched; the demo population only while there is a demo."""
    agreed = Consent.objects.filter(kind=Consent.Kind.MATCHING).in_force()
    people = User.objects.members().filter(pk__in=agreed.values("user"))
    return people if settings.DEMO else people.filter(is_demo=False)


def eligibility_facts(*, purpose: str, day: datetime.date, user_ids: Collection[int] | None = None) -> EligibilityFacts:
    """Return the facts of everyone who is active, agreed to be matched, is not paused and open for a purpose.

    With `user_ids` only these people are looked at, which is how a list is checked again before it is shown again; a
    `range` stands for all ids in it. Three queries, four for dates, whatever the numbers.
    """
    people = participants().filter(profile__is_paused=False)
    open_for = Preference.objects.filter(purpose=purpose, is_active=True, user__in=people)
    rows = list(of_people(open_for, "user", user_ids).order_by("user_id").values_list(*FIELDS))
    columns = dict(zip(FIELDS, zip(*rows, strict=True), strict=True)) if rows else dict.fromkeys(FIELDS, ())
    ids, wanted = columns["user_id"], _wanted_masks(purpose, user_ids)
    spoken = _language_masks(user_ids)
    city, region, country = _place_codes(columns["user__profile__city"])
    births = np.array([_as_number(birth_date) for birth_date in columns["user__birth_date"]], dtype=np.int32)
    return EligibilityFacts(
        user_ids=np.array(ids, dtype=np.int64),
        births=births,
        ages=ages_on(births, day),
        genders=_coded(columns["user__profile__gender"], GENDER_BITS),
        wanted=np.array([wanted.get(user_id, ALL_GENDERS) for user_id in ids], dtype=np.uint8),
        youngest=np.array(columns["youngest"], dtype=np.uint8),
        oldest=np.array(columns["oldest"], dtype=np.uint8),
        visibility=_coded(columns["visibility"], VISIBILITY_CODES),
        reach=_coded(columns["reach"], REACH_CODES),
        city=city,
        region=region,
        country=country,
        languages=np.array([spoken.get(user_id, 0) for user_id in ids], dtype=np.uint64),
        room=np.array(columns["room"], dtype=np.uint8),
        is_demo=np.array(columns["user__is_demo"], dtype=bool),
        is_here=np.ones(len(ids), dtype=bool),
        memberships=memberships(user_ids),
    )


def of_people(rows: models.QuerySet[Any], field: str, user_ids: Collection[int] | None) -> models.QuerySet[Any]:
    """Return the rows that belong to some people; all for None."""
    if user_ids is None:
        return rows
    if isinstance(user_ids, range):
        return rows.filter(**{f"{field}__gte": user_ids.start, f"{field}__lt": user_ids.stop})
    return rows.filter(**{f"{field}__in": user_ids})


def ages_on(births: NDArray[np.int32], day: datetime.date) -> Numbers:
    """Return ages in whole years; who was born on 29 February is a year older on 1 March."""
    return np.asarray((_as_number(day) - births) // 10_000, dtype=np.uint8)


def memberships(user_ids: Collection[int] | None) -> NDArray[np.int64]:
    """Return who is in which circle; one query."""
    rows = of_people(CircleMembership.objects.order_by("user_id", "circle_id"), "user", user_ids)
    return np.array(list(rows.values_list("user_id", "circle_id")), dtype=np.int64).reshape(-1, 2)


def _as_number(day: datetime.date | None) -> int:
    """Return a date as a number; members have a birth date, which the database sees to."""
    if day is None:
        raise ValueError("A member without a birth date cannot be placed by age.")
    return day.year * 10_000 + day.month * 100 + day.day


def _coded(values: Iterable[str], codes: Mapping[str, int]) -> Numbers:
    """Return words as their codes."""
    return np.array([codes[value] for value in values], dtype=np.uint8)


def _place_codes(city_ids: Sequence[int | None]) -> tuple[NDArray[np.int32], NDArray[np.int16], NDArray[np.int16]]:
    """Return codes of city, region and country; a city that left the list is still the same as itself."""
    city = np.array([UNKNOWN_PLACE if city_id is None else city_id for city_id in city_ids], dtype=np.int32)
    if (city == UNKNOWN_PLACE).all():
        # Nobody needs the list of all cities for this.
        unknown = np.full(len(city), UNKNOWN_PLACE, dtype=np.int16)
        return city, unknown, unknown.copy()
    known, regions, countries = _areas()
    row = np.minimum(np.searchsorted(known, city), len(known) - 1)
    is_known = known[row] == city
    return city, np.where(is_known, regions[row], UNKNOWN_PLACE), np.where(is_known, countries[row], UNKNOWN_PLACE)


@functools.cache
def _areas() -> tuple[NDArray[np.int32], NDArray[np.int16], NDArray[np.int16]]:
    """Return the ids of all cities, ascending, and codes of the region and the country of each."""
    cities = sorted(places.cities().values(), key=lambda city: city.id)
    regions = np.unique([city.division for city in cities], return_inverse=True)[1]
    countries = np.unique([city.country for city in cities], return_inverse=True)[1]
    return np.array([city.id for city in cities], np.int32), regions.astype(np.int16), countries.astype(np.int16)


def _wanted_masks(purpose: str, user_ids: Collection[int] | None) -> dict[int, int]:
    """Return each person's wanted genders as bits; only dates ask for them."""
    if purpose != Purpose.DATE:
        return {}
    wanted = of_people(WantedGender.objects.filter(preference__purpose=purpose), "preference__user", user_ids)
    masks: dict[int, int] = {}
    for user_id, gender in wanted.values_list("preference__user_id", "gender"):
        masks[user_id] = masks.get(user_id, 0) | GENDER_BITS[gender]
    return masks


def _language_masks(user_ids: Collection[int] | None) -> dict[int, int]:
    """Return the languages that people speak as bits; one query."""
    spoken = of_people(ProfileLanguage.objects.all(), "profile__user", user_ids)
    masks: dict[int, int] = {}
    for user_id, code in spoken.values_list("profile__user_id", "code"):
        masks[user_id] = masks.get(user_id, 0) | LANGUAGE_BITS.get(code, 0)
    return masks
