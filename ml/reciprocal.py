"""From two directed scores to one list: what both sides want, the best of it, and the reasons that can be given."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ml.items import SCALES

Floats = NDArray[np.float64]
Rule = Literal["product", "harmonic", "minimum", "arithmetic"]

# Scales that people do not mind being known for, at either end. Whoever adds a letter adds two sentences for it too.
SAYABLE_LETTERS = ("A", "B", "D", "E", "F", "G", "H", "J", "K", "M", "N", "O")
SAYABLE = tuple(index for index, scale in enumerate(SCALES) if scale.letter in SAYABLE_LETTERS)
MOST_REASONS = 3


def directed(log_likelihood_ratio: Floats) -> Floats:
    """Return how likely one person is to like another, judged by likeness alone.

    Parameters
    ----------
    log_likelihood_ratio : ndarray of shape (n,)
        Natural logarithm of how much better "one mind" explains two answer sheets than "two strangers".

    Returns
    -------
    ndarray of shape (n,)
        Between 0 and 1, one half where the sheets say nothing. It orders people; it is not a calibrated probability.

    Notes
    -----
    The logistic function, O(n).

    Examples
    --------
    >>> directed(np.array([0.0]))
    array([0.5])
    """
    return np.asarray(0.5 * (1.0 + np.tanh(0.5 * np.asarray(log_likelihood_ratio, dtype=np.float64))))


def two_sided(score_out: Floats, score_in: Floats, rule: Rule = "product") -> Floats:
    """Return one score for a pair that punishes one-sided interest.

    Parameters
    ----------
    score_out, score_in : ndarray of shape (n,)
        Directed scores between 0 and 1: of the viewer for the others, and of the others for the viewer.
    rule : {"product", "harmonic", "minimum", "arithmetic"}
        How the two become one. The arithmetic mean lets one eager side hide a reluctant one; it is the baseline.

    Returns
    -------
    ndarray of shape (n,)
        Between 0 and 1; the same when the two sides change places.

    Raises
    ------
    ValueError
        When a score lies outside 0 to 1, the shapes differ or the rule is unknown.

    Notes
    -----
    O(n).

    Examples
    --------
    >>> float(two_sided(np.array([0.9]), np.array([0.1]))[0]) < float(two_sided(np.array([0.5]), np.array([0.5]))[0])
    True
    """
    one, other = np.asarray(score_out, dtype=np.float64), np.asarray(score_in, dtype=np.float64)
    if one.shape != other.shape:
        raise ValueError(f"The two sides have different shapes: {one.shape} and {other.shape}.")
    for side in (one, other):
        if side.size and not (np.isfinite(side).all() and side.min() >= 0 and side.max() <= 1):
            raise ValueError("A directed score lies outside 0 to 1.")
    if rule == "product":
        return one * other
    if rule == "minimum":
        return np.minimum(one, other)
    if rule == "arithmetic":
        return (one + other) / 2
    if rule == "harmonic":
        total = one + other
        return np.divide(2 * one * other, total, out=np.zeros_like(total), where=total > 0)
    raise ValueError(f"There is no rule called {rule!r}.")


def log_product(logit_out: Floats, logit_in: Floats) -> Floats:
    """Return the logarithm of the product of two directed scores, from their logits.

    Parameters
    ----------
    logit_out, logit_in : ndarray of shape (n,)
        Logits of the directed scores; likeness is the logit of `directed`.

    Returns
    -------
    ndarray of shape (n,)
        At most 0. It orders pairs as `two_sided(..., rule="product")` does, but keeps apart what rounds to 1 there.

    Notes
    -----
    ``log(s(x) s(y)) = -log(1 + exp(-x)) - log(1 + exp(-y))`` for the logistic function s. O(n).

    Examples
    --------
    >>> bool(log_product(np.array([50.0]), np.array([50.0]))[0] < log_product(np.array([60.0]), np.array([60.0]))[0])
    True
    """
    out, back = np.asarray(logit_out, dtype=np.float64), np.asarray(logit_in, dtype=np.float64)
    return np.asarray(-np.logaddexp(0.0, -out) - np.logaddexp(0.0, -back))


def best(scores: Floats, n: int) -> NDArray[np.intp]:
    """Return the indices of the n highest scores, best first; equals keep the order in which they came.

    Parameters
    ----------
    scores : ndarray of shape (n_people,)
        Higher is better.
    n : int
        How many are wanted; fewer come back when there are fewer people.

    Returns
    -------
    ndarray of shape (min(n, n_people),)
        Indices into `scores`.

    Raises
    ------
    ValueError
        When a score is not a number: nothing may be ranked by chance.

    Notes
    -----
    O(n_people + n log n): a partial sort finds the cut, and everybody at the cut is considered before ties are
    broken by order.

    Examples
    --------
    >>> best(np.array([1.0, 3.0, 3.0, 2.0]), 2)
    array([1, 2])
    """
    scores = np.asarray(scores, dtype=np.float64)
    if np.isnan(scores).any():
        raise ValueError("A score is not a number.")
    n = min(n, scores.size)
    if n <= 0:
        return np.empty(0, dtype=np.intp)
    cut = np.partition(scores, scores.size - n)[scores.size - n]
    candidates = np.flatnonzero(scores >= cut)
    return candidates[np.argsort(-scores[candidates], kind="stable")][:n]


def agreements(
    viewer: NDArray[np.floating], others: NDArray[np.floating], threshold: float = 0.5
) -> list[list[tuple[int, int]]]:
    """Return, for each of several people, the scales on which both stand clearly on the same side of the middle.

    Parameters
    ----------
    viewer : ndarray of shape (16,)
        Standardised scales of one person.
    others : ndarray of shape (n, 16)
        Standardised scales of the others.
    threshold : float
        How far from the middle, in standard deviations, counts as clearly.

    Returns
    -------
    list of list of (int, int)
        For each of the others at most three pairs of scale index and side (+1 high, -1 low), the strongest first.
        Scales that people may mind being known for never occur.

    Notes
    -----
    The strength of an agreement is the smaller of the two distances from the middle. O(n).

    Examples
    --------
    >>> agreements(np.eye(16)[0] * 2, np.eye(16)[:1])
    [[(0, 1)]]
    """
    viewer, others = np.asarray(viewer, dtype=np.float64), np.asarray(others, dtype=np.float64)
    same_side = np.sign(viewer) == np.sign(others)
    strength = np.where(same_side, np.minimum(np.abs(viewer), np.abs(others)), 0.0)
    allowed = np.zeros(viewer.size, dtype=bool)
    allowed[list(SAYABLE)] = True
    strength[:, ~allowed] = 0.0
    order = np.argsort(-strength, axis=1, kind="stable")[:, :MOST_REASONS]
    return [
        [(int(scale), int(np.sign(viewer[scale]))) for scale in row if strength[person, scale] >= threshold]
        for person, row in enumerate(order)
    ]
