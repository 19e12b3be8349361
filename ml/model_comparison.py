"""How alike two measurement models are: their factors, and where they place the same answers."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ml import factors
from ml.correlations import Floats
from ml.measurement import MeasurementModel
from ml.placement import likeness

N_NEIGHBOURS = 10


@dataclass(frozen=True)
class FactorPair:
    """A factor of one solution with the one of another that belongs to it.

    Attributes
    ----------
    first, second : int or None
        Which factors, from 0; None where the other solution has no factor left.
    congruence : float or None
        Tucker's, without its sign: the direction of a factor has no meaning. None without a partner.
    """

    first: int | None
    second: int | None
    congruence: float | None


@dataclass(frozen=True)
class Agreement:
    """What two models say of the same answer sheets.

    Attributes
    ----------
    rank_correlation : float
        Spearman's, between the orders in which both put everybody else by likeness, averaged over the sheets.
    neighbours : float
        Share of the nearest ten that both name, averaged over the sheets.
    types : ndarray of int64, shape (n_types of the first, n_types of the second)
        How many sheets have which type under the one and under the other.
    """

    rank_correlation: float
    neighbours: float
    types: NDArray[np.int64]


def pair_factors(first: Floats, second: Floats) -> tuple[FactorPair, ...]:
    """Pair the factors of two solutions, which may have different numbers of them.

    Parameters
    ----------
    first, second : ndarray of float64, shapes (p, k) and (p, m)
        Loadings of the same items.

    Returns
    -------
    tuple of FactorPair
        In the order of the first solution; factors of the second without a partner come last.

    Examples
    --------
    >>> [pair.second for pair in pair_factors(np.eye(3)[:, :2], np.eye(3)[:, [2, 0, 1]])]
    [1, 2, 0]
    """
    between = np.abs(factors.congruence(first, second))
    if first.shape[1] <= second.shape[1]:
        partner = dict(enumerate(factors.match_factors(first, second).tolist()))
    else:
        partner = {own: other for other, own in enumerate(factors.match_factors(second, first).tolist())}
    pairs = []
    for own in range(first.shape[1]):
        other = partner.get(own)
        pairs.append(FactorPair(own, other, None if other is None else float(between[own, other])))
    alone = sorted(set(range(second.shape[1])) - set(partner.values()))
    return tuple(pairs) + tuple(FactorPair(None, other, None) for other in alone)


def agreement(first: MeasurementModel, second: MeasurementModel, answers: NDArray[np.int8]) -> Agreement:
    """Compare what two models say of the same answer sheets.

    Parameters
    ----------
    first, second : MeasurementModel
        Which need not have the same number of axes, factors or types.
    answers : ndarray of int8, shape (n, 163)
        1 to 5; 0 = missed. At least 12 sheets.

    Returns
    -------
    Agreement
        Symmetric in the two models, but for the table of types, which is transposed.

    Raises
    ------
    ValueError
        With fewer than 12 sheets.

    Notes
    -----
    O(n^2 log n).
    """
    if len(answers) < N_NEIGHBOURS + 2:
        raise ValueError(f"{len(answers)} sheets are too few to compare neighbours; {N_NEIGHBOURS + 2} are needed.")
    placed = [model.place(answers) for model in (first, second)]
    ranks = [_ranks(np.asarray(likeness(places, places), dtype=np.float64)) for places in placed]
    one, other = (rows - rows.mean(axis=1, keepdims=True) for rows in ranks)
    alike = (one * other).sum(axis=1) / np.sqrt((one**2).sum(axis=1) * (other**2).sum(axis=1))
    last = ranks[0].shape[1] - N_NEIGHBOURS
    near_both = (ranks[0] >= last) & (ranks[1] >= last)
    table = np.zeros((len(first.type_centres), len(second.type_centres)), dtype=np.int64)
    np.add.at(table, (placed[0].types, placed[1].types), 1)
    return Agreement(float(alike.mean()), float(near_both.sum(axis=1).mean() / N_NEIGHBOURS), table)


def _ranks(between: Floats) -> Floats:
    # Of everybody but oneself, the least alike first.
    n = len(between)
    others = between[~np.eye(n, dtype=bool)].reshape(n, n - 1)
    return others.argsort(axis=1).argsort(axis=1).astype(np.float64)
