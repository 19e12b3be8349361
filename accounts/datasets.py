"""What decides who may be shown to whom, as flat arrays: one row a person who is open for a purpose."""

import datetime
from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from django.conf import settings
from numpy.typing import NDArray

from accounts.models import CircleMembership, Consent, Gender, Preference, User, Visibility, WantedGender
from accounts.models.user import UserQuerySet

GENDER_CODES = {gender.value: code for code, gender in enumerate(Gender)}
VISIBILITY_CODES = {visibility.value: code for code, visibility in enumerate(Visibility)}
EVERYONE, CIRCLES, NOBODY = (VISIBILITY_CODES[visibility] for visibility in Visibility)


@dataclass(frozen=True)
class EligibilityFacts:
    """People who are open for one purpose; all arrays have one entry a person, in the order of `user_ids`."""

    user_ids: NDArray[np.int64]
    ages: NDArray[np.int16]
    genders: NDArray[np.int8]
    wanted: NDArray[np.int16]
    """Bit mask over gender codes; 0 means all."""
    youngest: NDArray[np.int16]
    oldest: NDArray[np.int16]
    visibility: NDArray[np.int8]
    is_demo: NDArray[np.bool_]
    memberships: NDArray[np.int64]
    """Pairs of person and circle, sorted, shape (n_memberships, 2); not one a person."""

    def __len__(self) -> int:
        return len(self.user_ids)

    def rows(self, index: NDArray[np.intp]) -> "EligibilityFacts":
        """Return some of the people."""
        return EligibilityFacts(
            user_ids=self.user_ids[index],
            ages=self.ages[index],
            genders=self.genders[index],
            wanted=self.wanted[index],
            youngest=self.youngest[index],
            oldest=self.oldest[index],
            visibility=self.visibility[index],
            is_demo=self.is_demo[index],
            memberships=self.memberships,
        )

    def position_of(self, user_id: int) -> int | None:
        """Return where a person stands, or None for someone who is not open for the purpose."""
        found = np.flatnonzero(self.user_ids == user_id)
        return int(found[0]) if found.size else None

    def wanted_genders(self, position: int) -> tuple[str, ...]:
        """Return the genders that a person wants to meet, in the order of the codes; none means all."""
        return tuple(gender for gender, code in GENDER_CODES.items() if int(self.wanted[position]) >> code & 1)

    def is_in_circle(self, circle_id: int) -> NDArray[np.bool_]:
        """Return who is in a circle."""
        return np.isin(self.user_ids, self.memberships[self.memberships[:, 1] == circle_id, 0])

    def shares_circle_with(self, user_id: int) -> NDArray[np.bool_]:
        """Return who is in at least one circle of a person."""
        theirs = self.memberships[self.memberships[:, 0] == user_id, 1]
        return np.isin(self.user_ids, self.memberships[np.isin(self.memberships[:, 1], theirs), 0])


def participants() -> UserQuerySet:
    """Return the members who agreed to be matched; the demo population only while there is a demo."""
    agreed = Consent.objects.filter(kind=Consent.Kind.MATCHING).in_force()
    people = User.objects.members().filter(pk__in=agreed.values("user"))
    return people if settings.DEMO else people.filter(is_demo=False)


def eligibility_facts(*, purpose: str, day: datetime.date, user_ids: Collection[int] | None = None) -> EligibilityFacts:
    """Return the facts of everyone who is active, agreed to be matched, is not paused and open for a purpose.

    With `user_ids` only these people are looked at, which is how a list is checked again before it is shown again.
    Three queries, whatever the numbers.
    """
    people = participants().filter(profile__is_paused=False)
    if user_ids is not None:
        people = people.filter(pk__in=user_ids)
    rows = list(
        Preference.objects.filter(purpose=purpose, is_active=True, user__in=people)
        .order_by("user_id")
        .values_list(
            "user_id", "user__birth_date", "user__profile__gender", "youngest", "oldest", "visibility", "user__is_demo"
        )
    )
    ids = [row[0] for row in rows]
    wanted = _wanted_masks(purpose, user_ids)
    return EligibilityFacts(
        user_ids=np.array(ids, dtype=np.int64),
        ages=np.array([_age_on(birth_date, day) for _, birth_date, *_ in rows], dtype=np.int16),
        genders=np.array([GENDER_CODES[row[2]] for row in rows], dtype=np.int8),
        wanted=np.array([wanted.get(user_id, 0) for user_id in ids], dtype=np.int16),
        youngest=np.array([row[3] for row in rows], dtype=np.int16),
        oldest=np.array([row[4] for row in rows], dtype=np.int16),
        visibility=np.array([VISIBILITY_CODES[row[5]] for row in rows], dtype=np.int8),
        is_demo=np.array([row[6] for row in rows], dtype=bool),
        memberships=_memberships(user_ids),
    )


def _wanted_masks(purpose: str, user_ids: Collection[int] | None) -> dict[int, int]:
    """Return each person's wanted genders as bits, for a purpose that asks for them."""
    wanted = WantedGender.objects.filter(preference__purpose=purpose)
    if user_ids is not None:
        wanted = wanted.filter(preference__user__in=user_ids)
    masks: dict[int, int] = {}
    for user_id, gender in wanted.values_list("preference__user_id", "gender"):
        masks[user_id] = masks.get(user_id, 0) | 1 << GENDER_CODES[gender]
    return masks


def _memberships(user_ids: Collection[int] | None) -> NDArray[np.int64]:
    """Return who is in which circle."""
    memberships = CircleMembership.objects.order_by("user_id", "circle_id")
    if user_ids is not None:
        memberships = memberships.filter(user__in=user_ids)
    return np.array(list(memberships.values_list("user_id", "circle_id")), dtype=np.int64).reshape(-1, 2)


def _age_on(birth_date: datetime.date | None, day: datetime.date) -> int:
    """Return an age in whole years; members have a birth date, which the database sees to."""
    if birth_date is None:
        raise ValueError("A member without a birth date cannot be placed by age.")
    return day.year - birth_date.year - ((day.month, day.day) < (birth_date.month, birth_date.day))
