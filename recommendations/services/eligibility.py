"""Who may be shown to whom: every rule of it, applied to all people at once."""

import datetime
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from accounts import datasets
from accounts.datasets import CIRCLES, NOBODY, EligibilityFacts
from accounts.models import Block, Circle
from recommendations.models import Verdict, VerdictValue

Mask = NDArray[np.bool_]


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
    purpose: str,
    circle: Circle | None = None,
    is_judged_left_out: bool = True,
) -> Eligible:
    """Return who may be shown to the person at position `viewer` of the facts; two queries, whatever the numbers."""
    viewer_id = int(facts.user_ids[viewer])
    rules = {
        "age": _ages_fit(facts, viewer),
        "gender": _genders_fit(facts, viewer),
        "visibility": _visible(facts, viewer),
        "circle": _in_circle(facts, circle),
        "blocked": ~np.isin(facts.user_ids, list(Block.objects.ids_apart_from(viewer_id))),
    }
    if is_judged_left_out:
        rules["judged"] = ~np.isin(facts.user_ids, list(judged_ids(viewer_id, purpose)))
    mask = np.ones(len(facts), dtype=bool)
    mask[viewer] = False
    removed = {}
    for name, passes in rules.items():
        removed[name] = int((mask & ~passes).sum())
        mask &= passes
    return Eligible(mask=mask, removed=removed)


def ids_to_be_seen(*, viewer_id: int, others: Collection[int], purpose: str, day: datetime.date) -> set[int]:
    """Return which of several people one may see for a purpose now, judged or not."""
    facts = datasets.eligibility_facts(purpose=purpose, day=day, user_ids={viewer_id, *others})
    viewer = facts.position_of(viewer_id)
    if viewer is None:
        return set()
    found = eligible(facts=facts, viewer=viewer, purpose=purpose, is_judged_left_out=False)
    return set(facts.user_ids[found.mask].tolist())


def judged_ids(viewer_id: int, purpose: str) -> set[int]:
    """Return the ids of everyone whom a person has liked or passed for a purpose and not taken it back."""
    return set(
        Verdict.objects.filter(actor_id=viewer_id, purpose=purpose, is_current=True)
        .exclude(value=VerdictValue.UNDONE)
        .values_list("target_id", flat=True)
    )


def _ages_fit(facts: EligibilityFacts, viewer: int) -> Mask:
    """Both are within the age range of the other."""
    age = facts.ages[viewer]
    theirs_fit = (facts.ages >= facts.youngest[viewer]) & (facts.ages <= facts.oldest[viewer])
    mine_fits = (facts.youngest <= age) & (age <= facts.oldest)
    return np.asarray(theirs_fit & mine_fits)


def _genders_fit(facts: EligibilityFacts, viewer: int) -> Mask:
    """Both want the gender of the other, where they said which they want; who said none wants all."""
    wanted = int(facts.wanted[viewer])
    bits = 1 << facts.genders.astype(np.int16)
    theirs_fit = (bits & wanted) > 0 if wanted else np.ones(len(facts), dtype=bool)
    mine_fits = (facts.wanted == 0) | ((facts.wanted & bits[viewer]) > 0)
    return np.asarray(theirs_fit & mine_fits)


def _visible(facts: EligibilityFacts, viewer: int) -> Mask:
    """Nobody hides from the other; who is visible in circles only shares one with the other."""
    if facts.visibility[viewer] == NOBODY:
        return np.zeros(len(facts), dtype=bool)
    is_circle_needed = (facts.visibility == CIRCLES) | (facts.visibility[viewer] == CIRCLES)
    shares = facts.shares_circle_with(int(facts.user_ids[viewer]))
    return np.asarray((facts.visibility != NOBODY) & (~is_circle_needed | shares))


def _in_circle(facts: EligibilityFacts, circle: Circle | None) -> Mask:
    """Keep who is in the circle that the viewer chose, if any."""
    return np.ones(len(facts), dtype=bool) if circle is None else facts.is_in_circle(circle.pk)
