"""Who may be shown to whom: every rule of it, applied to all people at once."""

import datetime
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from accounts import datasets
from accounts.datasets import ALL_GENDERS, CIRCLES, EVERYONE, NOBODY, UNKNOWN_PLACE, EligibilityFacts
from accounts.models import Block, Circle
from recommendations.models import Verdict, VerdictValue

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Apart:
    """Whom one viewer is kept apart from, whatever the rules of either say."""

    blocked: frozenset[int] = frozenset()
    judged: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Eligible:
    """Who may be shown to one viewer, and what each rule took away."""

    mask: Mask
    removed: Mapping[str, int]
    """People whom a rule took away who had passed the rules before it, in the order of the rules."""


def eligible(
    *,
    facts: EligibilityFacts,
    viewer: int,
    apart: Apart,
    circle: Circle | None = None,
    room_left: NDArray[np.uint8] | None = None,
) -> Eligible:
    """Return who may be shown to the person at position `viewer` of the facts; no query, O(people).

    Without `room_left` everybody has room.
    """
    rules = {
        "age": _ages_fit(facts, viewer),
        "gender": _genders_fit(facts, viewer),
        "place": _near_enough(facts, viewer),
        "visibility": _visible(facts, viewer),
        "circle": _in_circle(facts, circle),
        "room": _with_room(room_left, viewer),
        "blocked": _without(facts, apart.blocked),
        "judged": _without(facts, apart.judged),
    }
    mask = facts.is_here.copy()
    mask[viewer] = False
    left, removed = int(np.count_nonzero(mask)), {}
    for name, passes in rules.items():
        if passes is not None:
            mask &= passes
        before, left = left, int(np.count_nonzero(mask))
        removed[name] = before - left
    return Eligible(mask=mask, removed=removed)


def apart_from(*, viewer_id: int, purpose: str) -> Apart:
    """Return whom a person is kept apart from by blocks on either side and by what they have said; two queries."""
    blocked = Block.objects.ids_apart_from(viewer_id)
    return Apart(blocked=frozenset(blocked), judged=frozenset(judged_ids(viewer_id, purpose)))


def ids_to_be_seen(*, viewer_id: int, others: Collection[int], purpose: str, day: datetime.date) -> set[int]:
    """Return which of several people one may see for a purpose now, judged or not, with room or without."""
    facts = datasets.eligibility_facts(purpose=purpose, day=day, user_ids={viewer_id, *others})
    viewer = facts.position_of(viewer_id)
    if viewer is None:
        return set()
    apart = Apart(blocked=frozenset(Block.objects.ids_apart_from(viewer_id)))
    found = eligible(facts=facts, viewer=viewer, apart=apart)
    return set(facts.user_ids[found.mask].tolist())


def judged_ids(viewer_id: int, purpose: str) -> set[int]:
    """Return the ids of everyone whom a person has liked or passed for a purpose and not taken it back."""
    return set(
        Verdict.objects.filter(actor_id=viewer_id, purpose=purpose, is_current=True)
        .exclude(value=VerdictValue.UNDONE)
        .values_list("target_id", flat=True)
    )


# Each rule returns who passes it, or None where everybody does.


def _ages_fit(facts: EligibilityFacts, viewer: int) -> Mask:
    """Both are within the age range of the other."""
    age = facts.ages[viewer]
    fits = (facts.ages >= facts.youngest[viewer]) & (facts.ages <= facts.oldest[viewer])
    fits &= facts.youngest <= age
    fits &= facts.oldest >= age
    return np.asarray(fits)


def _genders_fit(facts: EligibilityFacts, viewer: int) -> Mask:
    """Both want the gender of the other, where they said which they want; who said none wants all."""
    mine_fits = (facts.wanted & facts.genders[viewer]) > 0
    wanted = facts.wanted[viewer]
    return np.asarray(mine_fits if wanted == ALL_GENDERS else mine_fits & ((facts.genders & wanted) > 0))


def _near_enough(facts: EligibilityFacts, viewer: int) -> Mask:
    """Both live as near to each other as both want; who names no city is near to nobody."""
    nearness = np.zeros(len(facts), dtype=np.uint8)
    for steps, codes in ((1, facts.country), (2, facts.region), (3, facts.city)):
        mine = codes[viewer]
        if mine != UNKNOWN_PLACE:
            np.maximum(nearness, (codes == mine).view(np.uint8) * np.uint8(steps), out=nearness)
    distance = np.subtract(3, nearness, out=nearness)
    return np.asarray((distance <= facts.reach) & (distance <= facts.reach[viewer]))


def _visible(facts: EligibilityFacts, viewer: int) -> Mask:
    """Nobody hides from the other; who is visible in circles only shares one with the other."""
    mine = facts.visibility[viewer]
    visible = facts.visibility == EVERYONE if mine == EVERYONE else np.zeros(len(facts), dtype=bool)
    if mine == NOBODY:
        return visible
    sharing = facts.sharing_circle_with(int(facts.user_ids[viewer]))
    visible[sharing] = facts.visibility[sharing] <= CIRCLES
    return np.asarray(visible)


def _in_circle(facts: EligibilityFacts, circle: Circle | None) -> Mask | None:
    """Keep who is in the circle that the viewer chose, if any."""
    if circle is None:
        return None
    inside = np.zeros(len(facts), dtype=bool)
    inside[facts.in_circle(circle.pk)] = True
    return inside


def _with_room(room_left: NDArray[np.uint8] | None, viewer: int) -> Mask | None:
    """Both have room for another conversation."""
    if room_left is None:
        return None
    return np.asarray(room_left > 0) if room_left[viewer] else np.zeros(len(room_left), dtype=bool)


def _without(facts: EligibilityFacts, user_ids: Collection[int]) -> Mask | None:
    """Leave some people out."""
    if not user_ids:
        return None
    others = np.ones(len(facts), dtype=bool)
    others[facts.rows_of(user_ids)] = False
    return others
