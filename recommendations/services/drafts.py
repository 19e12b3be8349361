"""Lists as a process sees them from its arrays, before each person on them is checked in the database."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from django.conf import settings
from numpy.typing import NDArray

from ml import exposure as balance
from ml import serving
from ml.slots import Policy, Slots, choose
from recommendations.services import eligibility
from recommendations.services.eligibility import Apart
from recommendations.services.narrowing import Narrowing
from recommendations.services.population import Everybody


@dataclass(frozen=True)
class Draft:
    """Who would stand in a new list, and how each direction is scored."""

    shown_ids: list[int]
    slots: Slots
    logit_out: NDArray[np.float64]
    logit_in: NDArray[np.float64]
    among: NDArray[np.float64]
    """Logits of the probabilities that everybody who is eligible likes the viewer."""
    are_demo: list[bool]
    n_eligible: int
    n_others: int
    is_sketch: bool
    """Whether the viewer answered too little to be shown to anybody."""

    def reordered(self, order: NDArray[np.intp]) -> "Draft":
        """Return some of the people in another order, each in a slot that nobody but the order gave them."""
        chosen = order.tolist()
        return replace(
            self,
            shown_ids=[self.shown_ids[index] for index in chosen],
            slots=by_rank(self.slots.people[order]),
            logit_out=self.logit_out[order],
            logit_in=self.logit_in[order],
            are_demo=[self.are_demo[index] for index in chosen],
        )


def draft(
    everybody: Everybody,
    position: int,
    *,
    apart: Apart,
    narrowing: Narrowing,
    corrections: Mapping[int, float],
    rng: np.random.Generator,
) -> Draft:
    """Return eleven by rank and one drawn by chance for the person at a position, less attention dearly paid for."""
    found = _eligible(everybody, position, apart, narrowing)
    corrected = everybody.corrected(corrections)
    ranking = serving.rank(
        everybody.outgoing, everybody.incoming, position, found, n=settings.LIST_SIZE, corrections=corrected
    )
    rows = np.flatnonzero(found)
    # Who was shown more than their share pays for it, and who waits is lifted.
    scores = balance.after_prices(ranking.all_scores[rows], everybody.price[rows])
    lifted = balance.lifted(scores, everybody.waited[rows], everybody.n_shown[rows], size=settings.LIST_SIZE)
    slots = choose_slots(scores, rng, lifted)
    return _of_rows(everybody, position, rows, slots, corrected, ranking.all_logit_in)


def best(
    everybody: Everybody, position: int, *, apart: Apart, but: int, n: int, corrections: Mapping[int, float]
) -> Draft:
    """Return the best for the person at a position by rank alone, without somebody whom the list is about."""
    found = _eligible(everybody, position, replace(apart, blocked=apart.blocked | {but}), Narrowing())
    corrected = everybody.corrected(corrections)
    ranking = serving.rank(everybody.outgoing, everybody.incoming, position, found, n=n, corrections=corrected)
    rows = np.flatnonzero(found)
    slots = by_rank(np.searchsorted(rows, ranking.rows))
    return _of_rows(everybody, position, rows, slots, corrected, ranking.all_logit_in)


def choose_slots(
    scores: NDArray[np.float64], rng: np.random.Generator, lifted: NDArray[np.intp] | tuple[()] = ()
) -> Slots:
    """Return who stands in which slot of a list as long as the site's lists are; :func:`ml.slots.choose` says how."""
    return choose(scores, rng, lifted=lifted, size=settings.LIST_SIZE)


def by_rank(people: NDArray[np.intp]) -> Slots:
    """Return slots that chance has no part in."""
    return Slots(people, (Policy.RANKED,) * len(people), (1.0,) * len(people))


def _eligible(everybody: Everybody, position: int, apart: Apart, narrowing: Narrowing) -> NDArray[np.bool_]:
    """Return who may be shown to the person at a position."""
    return eligibility.eligible(
        facts=everybody.facts,
        viewer=position,
        apart=apart,
        narrowing=narrowing,
        room_left=everybody.room_left,
        is_shown=everybody.is_shown,
    )


def _of_rows(
    everybody: Everybody,
    position: int,
    eligible: NDArray[np.intp],
    slots: Slots,
    corrected: serving.Corrections,
    all_logit_in: NDArray[np.float32],
) -> Draft:
    """Return the draft of a list whose slots are filled from the rows of who is eligible."""
    facts, rows = everybody.facts, eligible[slots.people]
    logit_out, logit_in = serving.logits(everybody.outgoing, everybody.incoming, position, rows, corrected)
    return Draft(
        shown_ids=facts.user_ids[rows].tolist(),
        slots=slots,
        logit_out=logit_out,
        logit_in=logit_in,
        among=all_logit_in[eligible].astype(np.float64),
        are_demo=facts.is_demo[rows].tolist(),
        n_eligible=len(eligible),
        n_others=int(np.count_nonzero(eligibility.others(facts=facts, viewer=position, is_shown=everybody.is_shown))),
        is_sketch=not everybody.is_shown[position],
    )
