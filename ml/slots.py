"""Who stands in which slot of a list: the best by rank, whoever is lifted, and one drawn by chance."""

import enum
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ml import reciprocal

SIZE = 12


class Policy(enum.StrEnum):
    """Why a person stands in a slot."""

    RANKED = "ranked"
    BOOSTED = "boosted"
    EXPLORED = "explored"


@dataclass(frozen=True)
class Slots:
    """Who stands where in a new list, and how they came to.

    Attributes
    ----------
    people : ndarray of int, shape (n,)
        Indices into the scores, in the order of the slots; nobody twice.
    policies : tuple of Policy, n of them
        Why each of them stands there.
    propensities : tuple of float, n of them
        With which probability the list holds this person for this reason: 1 but for the one drawn by chance.
    """

    people: NDArray[np.intp]
    policies: tuple[Policy, ...]
    propensities: tuple[float, ...]

    def __len__(self) -> int:
        return len(self.people)


def choose(
    scores: NDArray[np.float64],
    rng: np.random.Generator,
    *,
    lifted: Sequence[int] | NDArray[np.intp] = (),
    size: int = SIZE,
) -> Slots:
    """Return who stands in which slot, with which probability and by which policy.

    All slots but one are filled with certainty: by those who are lifted, and the rest of them by the best scores. The
    last one goes to somebody drawn uniformly from everybody else, so each of those has the probability 1 / n_rest,
    which is the propensity. Where the lifted and the drawn stand is drawn uniformly too, independently of who they
    are, so that a place tells nothing about a person; the propensity does not count that draw.

    Parameters
    ----------
    scores : ndarray of shape (n_people,)
        Of everybody who may be shown; higher is better.
    rng : numpy.random.Generator
        Source of chance.
    lifted : sequence of int
        Indices of those who must be in the list whatever their score (:func:`ml.exposure.lifted`), the most pressing
        first; no more than `size` - 1 are taken. Who is among the best by score anyway counts as ranked.
    size : int
        Slots of a list, at least 1.

    Returns
    -------
    Slots
        Of `size` people, or of everybody when there are fewer.

    Raises
    ------
    ValueError
        When a score is not a number, or nobody has an index that is lifted.

    Notes
    -----
    O(n_people + size log size).

    Examples
    --------
    >>> slots = choose(np.arange(30.0), np.random.default_rng(0), lifted=[3])
    >>> sorted(slots.people.tolist())[-10:]
    [20, 21, 22, 23, 24, 25, 26, 27, 28, 29]
    >>> slots.policies[slots.people.tolist().index(3)]
    <Policy.BOOSTED: 'boosted'>
    """
    n_certain = size - 1
    by_rank = reciprocal.best(scores, n_certain)
    must = np.asarray(lifted, dtype=np.intp)[:n_certain]
    if must.size and (must.min() < 0 or must.max() >= len(scores)):
        raise ValueError(f"Somebody is lifted who is not among the {len(scores)} people.")
    raised = must[~np.isin(must, by_rank)]
    # The lifted take the lowest slots by rank, but never one of each other's.
    n_kept = len(by_rank) - len(raised)
    kept = by_rank[np.sort(np.argsort(~np.isin(by_rank, must), kind="stable")[:n_kept])]
    people, policies = kept.tolist(), [Policy.RANKED] * len(kept)
    for person in raised.tolist():
        slot = int(rng.integers(len(people) + 1))
        people.insert(slot, person)
        policies.insert(slot, Policy.BOOSTED)
    propensities = [1.0] * len(people)
    is_left = np.ones(len(scores), dtype=bool)
    is_left[people] = False
    rest = np.flatnonzero(is_left)
    if rest.size:
        slot = int(rng.integers(len(people) + 1))
        people.insert(slot, int(rng.choice(rest)))
        policies.insert(slot, Policy.EXPLORED)
        propensities.insert(slot, 1.0 / rest.size)
    return Slots(np.array(people, dtype=np.intp), tuple(policies), tuple(propensities))
