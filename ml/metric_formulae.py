"""Formulae of metrics on counts, for many samples at once: what histograms, experiments and simulations share."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def ratios(parts: NDArray[np.generic], wholes: NDArray[np.generic]) -> Floats:
    """Divide counts by counts.

    Parameters
    ----------
    parts, wholes : ndarray, shape (r,)
        One a sample.

    Returns
    -------
    ndarray of float64, shape (r,)
        nan where the whole is 0.

    Examples
    --------
    >>> ratios(np.array([1, 0]), np.array([4, 0])).tolist()
    [0.25, nan]
    """
    whole = wholes.astype(np.float64)
    return np.asarray(np.divide(parts.astype(np.float64), whole, out=np.full(len(whole), np.nan), where=whole > 0))


def areas(likes: NDArray[np.generic], passes: NDArray[np.generic]) -> Floats:
    """Return the probability that somebody liked was scored above somebody passed, a tie counting half.

    Parameters
    ----------
    likes, passes : ndarray, shape (r, k)
        Histograms of the scores, one pair a row; two scores in one bin are a tie.

    Returns
    -------
    ndarray of float64, shape (r,)
        nan without likes or without passes.

    Notes
    -----
    O(r k).

    Examples
    --------
    >>> areas(np.array([[0, 1, 3]]), np.array([[2, 1, 0]])).round(4).tolist()
    [0.9583]
    """
    positives, negatives = likes.astype(np.float64), passes.astype(np.float64)
    below = np.cumsum(negatives, axis=1) - negatives / 2
    return ratios(np.einsum("ij,ij->i", positives, below), positives.sum(axis=1) * negatives.sum(axis=1))


def rates(right: NDArray[np.generic], wrong: NDArray[np.generic], missed: NDArray[np.generic]) -> Mapping[str, Floats]:
    """Return how good predicted likes are.

    Parameters
    ----------
    right, wrong, missed : ndarray, shape (r,)
        Likes predicted, passes predicted to be likes, and likes not predicted, one a sample.

    Returns
    -------
    dict of str to ndarray of float64, shape (r,)
        ``precision``, ``recall`` and ``f1``; nan where a denominator is 0.

    Examples
    --------
    >>> {name: found.tolist() for name, found in rates(*np.array([[4], [1], [0]])).items()}["precision"]
    [0.8]
    """
    told, mistaken, unseen = (counts.astype(np.float64) for counts in (right, wrong, missed))
    return {
        "precision": ratios(told, told + mistaken),
        "recall": ratios(told, told + unseen),
        "f1": ratios(2 * told, 2 * told + mistaken + unseen),
    }


def gini(amounts: ArrayLike) -> float | None:
    """Return how unequal amounts are: 0 where all are equal, near 1 where one has everything.

    Parameters
    ----------
    amounts : array_like, shape (n,)
        Not negative. Who has nothing is in it as 0.

    Returns
    -------
    float or None
        Half the mean absolute difference of two of them over their mean; None without anybody or anything.

    Raises
    ------
    ValueError
        When an amount is negative or no number.

    Notes
    -----
    ``sum_i (2 i - n - 1) x_i / (n sum_i x_i)`` with x ascending and i from 1. O(n log n).

    Examples
    --------
    >>> gini([1, 1, 1, 1]), gini([0, 0, 0, 4]), gini([0, 0])
    (0.0, 0.75, None)
    """
    values = np.sort(np.asarray(amounts, dtype=np.float64))
    if (values.size and not values[0] >= 0) or np.isnan(values).any():
        raise ValueError("Amounts are numbers that are not negative.")
    n, total = values.size, values.sum()
    if not total > 0:
        return None
    return float((2 * np.arange(1, n + 1) - n - 1) @ values / (n * total))
