"""From two directed scores to one list: what both sides want, and the best of it."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

Floats = NDArray[np.float64]
Rule = Literal["product", "harmonic", "minimum", "arithmetic"]


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
    # Unlike a hyperbolic tangent, this tells very unlike pairs apart to 1e-300, and metrics rank by what is logged.
    return np.asarray(expit(np.asarray(log_likelihood_ratio, dtype=np.float64)))


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


def log_harmonic(logit_out: Floats, logit_in: Floats) -> Floats:
    """Return the logarithm of the harmonic mean of two directed scores, from their logits.

    Parameters
    ----------
    logit_out, logit_in : ndarray of shape (n,)
        Logits of the directed scores.

    Returns
    -------
    ndarray of shape (n,)
        At most 0. It orders pairs as `two_sided(..., rule="harmonic")` does, but keeps apart what rounds to 1 there.

    Notes
    -----
    ``2 / (1 / s(x) + 1 / s(y)) = 1 / (1 + (exp(-x) + exp(-y)) / 2)`` for the logistic function s. O(n).

    Examples
    --------
    >>> bool(log_harmonic(np.array([50.0]), np.array([50.0]))[0] < log_harmonic(np.array([60.0]), np.array([60.0]))[0])
    True
    """
    out, back = np.asarray(logit_out, dtype=np.float64), np.asarray(logit_in, dtype=np.float64)
    return np.asarray(-np.logaddexp(0.0, np.logaddexp(-out, -back) - np.log(2.0)))


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
