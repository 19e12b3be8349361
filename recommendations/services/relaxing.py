"""Why a list is empty or short: how many more people there would be without one rule, and which to let go of.

Nobody is named, and blocks are counted nowhere: nobody is told that somebody blocked them.
"""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from django.utils import timezone
from numpy.typing import NDArray

from accounts.models import User
from recommendations.services import arms, eligibility, population
from recommendations.services.narrowing import OF_A_VIEW, Narrowing
from recommendations.services.population import Everybody

# With fewer people left than this the page says what keeps others away.
FEW = 3
# What a person calls one rule, by the masks that it consists of, in the order in which it is told.
RULES: Mapping[str, tuple[str, ...]] = {
    "seen_age": ("seen_age",),
    "seen_place": ("seen_place",),
    "language": ("language",),
    "circle": ("circle",),
    "age": ("age", "their_age"),
    "gender": ("gender", "their_gender"),
    "place": ("place", "their_place"),
    "visibility": ("visibility", "their_visibility"),
    "room": ("room",),
    "judged": ("judged",),
    "deferred": ("deferred",),
}
# What the viewer alone can let go of: rules that last, and what was said of others.
LASTING = ("age", "place", "gender", "visibility")
SAID = ("judged", "deferred")


@dataclass(frozen=True)
class Relaxation:
    """The one thing to let go of that brings most people."""

    rule: str
    n_more: int
    narrowing: Narrowing | None = None
    """What is left of the view's filters, where the rule is one of them."""


@dataclass(frozen=True)
class Reasons:
    """How many people each single rule keeps away, and what helps most."""

    n_others: int
    n_kept: Mapping[str, int]
    """How many more there would be without this one rule, in the order of `RULES`; those that keep nobody left out."""
    best: Relaxation | None


def reasons(
    *, viewer: User, purpose: str, narrowing: Narrowing, now: datetime.datetime | None = None
) -> Reasons | None:
    """Return why a person sees so few; None for who cannot be shown anybody at all.

    One pass over everybody for each rule.
    """
    now = now or timezone.now()
    serving = arms.serving_for(viewer=viewer, now=now)
    if serving is None:
        return None
    apart = eligibility.apart_from(viewer_id=viewer.pk, purpose=purpose, now=now)
    everyone = population.of(version=serving.version, purpose=purpose, other=serving.other)
    with everyone.hold(now=now) as everybody:
        position = everybody.facts.position_of(viewer.pk)
        if position is None:
            return None
        masks = eligibility.rules(
            facts=everybody.facts,
            viewer=position,
            apart=apart,
            narrowing=narrowing,
            room_left=everybody.room_left,
        )
        return _counted(everybody, position, masks, narrowing)


def _counted(everybody: Everybody, position: int, masks: eligibility.Rules, narrowing: Narrowing) -> Reasons:
    """Count by which rules people are kept away."""
    others = eligibility.others(facts=everybody.facts, viewer=position, is_shown=everybody.is_shown)
    if masks["blocked"] is not None:
        others &= masks["blocked"]
    failed = _failed(masks, len(others))
    alone = {rule: _n_only(failed, others, masks, parts) for rule, parts in RULES.items()}
    mine = {rule: _n_only(failed, others, masks, (rule,)) for rule in (*OF_A_VIEW, *LASTING, *SAID)}
    return Reasons(
        n_others=int(np.count_nonzero(others)),
        n_kept={rule: n for rule, n in alone.items() if n},
        best=_best(mine, narrowing),
    )


def _failed(masks: eligibility.Rules, n: int) -> NDArray[np.uint8]:
    """Return how many rules each person does not pass."""
    failed = np.zeros(n, dtype=np.uint8)
    for passes in masks.values():
        if passes is not None:
            failed += ~passes
    return failed


def _n_only(
    failed: NDArray[np.uint8], others: NDArray[np.bool_], masks: eligibility.Rules, parts: tuple[str, ...]
) -> int:
    """Return how many people nothing but one rule keeps away, which may have two sides."""
    by_rule = np.zeros(len(failed), dtype=np.uint8)
    for part in parts:
        passes = masks.get(part)
        if passes is not None:
            by_rule += ~passes
    return int(np.count_nonzero(others & (by_rule > 0) & (by_rule == failed)))


def _best(mine: Mapping[str, int], narrowing: Narrowing) -> Relaxation | None:
    """Return what brings most people; filters of the view come before rules that last, and those before verdicts."""
    for rules in ((*OF_A_VIEW, *LASTING), SAID):
        rule = max(rules, key=lambda one: mine[one])
        if mine[rule]:
            return Relaxation(rule, mine[rule], narrowing.without(rule) if rule in OF_A_VIEW else None)
    return None
