"""Who may be shown to whom: every rule of it, applied to all people at once."""

import datetime
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from accounts import datasets
from accounts.datasets import ALL_GENDERS, ANYWHERE, CIRCLES, EVERYONE, LANGUAGE_BITS, UNKNOWN_PLACE, EligibilityFacts
from accounts.models import Block, Circle
from recommendations.models import Deferral, Verdict, VerdictValue
from recommendations.services.narrowing import Narrowing

Mask = NDArray[np.bool_]
Rules = Mapping[str, Mask | None]
ASKS_NOTHING = Narrowing()


@dataclass(frozen=True)
class Apart:
    """Whom one viewer is kept apart from, whatever the rules of either say."""

    blocked: frozenset[int] = frozenset()
    judged: frozenset[int] = frozenset()
    deferred: frozenset[int] = frozenset()

    def __contains__(self, user_id: int) -> bool:
        return user_id in self.blocked or user_id in self.judged or user_id in self.deferred


def eligible(
    *,
    facts: EligibilityFacts,
    viewer: int,
    apart: Apart,
    narrowing: Narrowing = ASKS_NOTHING,
    room_left: NDArray[np.uint8] | None = None,
    is_shown: Mask | None = None,
) -> Mask:
    """Return who may be shown to the person at position `viewer` of the facts; no query, O(people).

    Without `room_left` everybody has room, and without `is_shown` everybody has answered enough.
    """
    mask = others(facts=facts, viewer=viewer, is_shown=is_shown)
    for passes in rules(facts=facts, viewer=viewer, apart=apart, narrowing=narrowing, room_left=room_left).values():
        if passes is not None:
            mask &= passes
    return mask


def others(*, facts: EligibilityFacts, viewer: int, is_shown: Mask | None = None) -> Mask:
    """Return everybody but the viewer who is here and can be shown at all."""
    mask = facts.is_here.copy() if is_shown is None else facts.is_here & is_shown
    mask[viewer] = False
    return mask


def rules(
    *,
    facts: EligibilityFacts,
    viewer: int,
    apart: Apart,
    narrowing: Narrowing = ASKS_NOTHING,
    room_left: NDArray[np.uint8] | None = None,
) -> Rules:
    """Return who passes each rule, or None where everybody does; a rule of two sides is two rules.

    What begins with `their` is decided by the others, and nothing that the viewer changes helps.
    """
    age, reach = facts.ages[viewer], facts.reach[viewer]
    near, near_by_theirs, near_now = _near_enough(facts, viewer, narrowing.reach)
    visible, visible_to_them = _visible(facts, viewer)
    return {
        "age": _aged(facts, int(facts.youngest[viewer]), int(facts.oldest[viewer])),
        "their_age": (facts.youngest <= age) & (facts.oldest >= age),
        "gender": _of_wanted_gender(facts, viewer),
        "their_gender": (facts.wanted & facts.genders[viewer]) > 0,
        "place": near if reach != ANYWHERE else None,
        "their_place": near_by_theirs,
        "visibility": visible,
        "their_visibility": visible_to_them,
        "seen_age": _aged(facts, *narrowing.ages) if narrowing.ages else None,
        "seen_place": near_now,
        "language": _speaking(facts, narrowing.language),
        "circle": _in_circle(facts, narrowing.circle),
        "room": _with_room(room_left, viewer),
        "blocked": _without(facts, apart.blocked),
        "judged": _without(facts, apart.judged),
        "deferred": _without(facts, apart.deferred),
    }


def apart_from(*, viewer_id: int, purpose: str, now: datetime.datetime | None = None) -> Apart:
    """Return whom a person is kept apart from by blocks on either side and by what they have said; three queries."""
    deferred = Deferral.objects.in_force(now).filter(viewer_id=viewer_id, purpose=purpose)
    return Apart(
        blocked=frozenset(Block.objects.ids_apart_from(viewer_id)),
        judged=frozenset(judged_ids(viewer_id, purpose)),
        deferred=frozenset(deferred.values_list("other_id", flat=True)),
    )


def ids_to_be_seen(*, viewer_id: int, others: Collection[int], purpose: str, day: datetime.date) -> set[int]:
    """Return which of several people one may see for a purpose now, judged or not, with room or without."""
    facts = datasets.eligibility_facts(purpose=purpose, day=day, user_ids={viewer_id, *others})
    viewer = facts.position_of(viewer_id)
    if viewer is None:
        return set()
    apart = Apart(blocked=frozenset(Block.objects.ids_apart_from(viewer_id)))
    return set(facts.user_ids[eligible(facts=facts, viewer=viewer, apart=apart)].tolist())


def judged_ids(viewer_id: int, purpose: str) -> set[int]:
    """Return the ids of everyone whom a person has liked or passed for a purpose and not taken it back."""
    return set(
        Verdict.objects.filter(actor_id=viewer_id, purpose=purpose, is_current=True)
        .exclude(value=VerdictValue.UNDONE)
        .values_list("target_id", flat=True)
    )


def _aged(facts: EligibilityFacts, youngest: int, oldest: int) -> Mask:
    """Keep who is within a range of ages."""
    return np.asarray((facts.ages >= youngest) & (facts.ages <= oldest))


def _of_wanted_gender(facts: EligibilityFacts, viewer: int) -> Mask | None:
    """Keep the genders that the viewer wants, if they said which; who said none wants all."""
    wanted = facts.wanted[viewer]
    return None if wanted == ALL_GENDERS else np.asarray((facts.genders & wanted) > 0)


def _speaking(facts: EligibilityFacts, code: str) -> Mask | None:
    """Keep who speaks the language that is asked for, if any."""
    if not code:
        return None
    return np.asarray((facts.languages & np.uint64(LANGUAGE_BITS.get(code, 0))) > 0)


def _near_enough(facts: EligibilityFacts, viewer: int, reach: int | None) -> tuple[Mask, Mask, Mask | None]:
    """Return who lives near enough for the viewer, for themselves, and for this view.

    Who names no city is near to nobody. The steps are those of `Reach`: one city, one region, one country, anywhere.
    """
    nearness = np.zeros(len(facts), dtype=np.uint8)
    for steps, codes in ((1, facts.country), (2, facts.region), (3, facts.city)):
        mine = codes[viewer]
        if mine != UNKNOWN_PLACE:
            np.maximum(nearness, (codes == mine).view(np.uint8) * np.uint8(steps), out=nearness)
    distance = np.subtract(3, nearness, out=nearness)
    asked = None if reach is None or reach == ANYWHERE else distance <= reach
    return distance <= facts.reach[viewer], distance <= facts.reach, asked


def _visible(facts: EligibilityFacts, viewer: int) -> tuple[Mask | None, Mask]:
    """Return to whom the viewer may be shown, and who may be shown to the viewer.

    Who is visible in circles only shares one with the other; nobody hides and looks.
    """
    mine = facts.visibility[viewer]
    sharing = facts.sharing_circle_with(int(facts.user_ids[viewer]))
    inside = None if mine == EVERYONE else np.zeros(len(facts), dtype=bool)
    if inside is not None and mine == CIRCLES:
        inside[sharing] = True
    theirs = facts.visibility == EVERYONE
    theirs[sharing] = facts.visibility[sharing] <= CIRCLES
    return inside, np.asarray(theirs)


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
