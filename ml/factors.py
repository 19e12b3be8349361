"""Factor analysis: the number of factors, extraction, rotation and alignment."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import eigh
from scipy.optimize import OptimizeResult, linear_sum_assignment, minimize

from ml.correlations import Floats, squared_multiple_correlations
from ml.rotation import oblimin, positive_sums, varimax

__all__ = [
    "Solution",
    "common_variance_shares",
    "congruence",
    "kaiser_number",
    "match_factors",
    "maximum_likelihood",
    "minres",
    "oblimin",
    "positive_sums",
    "procrustes",
    "varimax",
]

LOWEST_UNIQUENESS = 0.005


@dataclass(frozen=True)
class Solution:
    """A factor solution: correlations are loadings @ loadings.T plus the uniquenesses on the diagonal.

    Attributes
    ----------
    loadings : ndarray of float64, shape (p, k)
        Orthogonal factors, by falling share of variance, each with a positive sum.
    uniquenesses : ndarray of float64, shape (p,)
        Share of each item's variance that it shares with no factor.
    residual : float
        What the method made least: for minres the sum of squares that the factors leave unexplained, for maximum
        likelihood its discrepancy from the correlations.
    n_iterations : int
        Steps of the optimiser.
    """

    loadings: Floats
    uniquenesses: Floats
    residual: float
    n_iterations: int


def kaiser_number(correlations: Floats) -> int:
    """Return how many eigenvalues are above 1: factors that explain more than one item would.

    Parameters
    ----------
    correlations : ndarray of float64, shape (p, p)
        Ones on the diagonal.

    Returns
    -------
    int
        At least 1 unless no two items correlate.

    Examples
    --------
    >>> kaiser_number(np.array([[1, 0.5, 0], [0.5, 1, 0], [0, 0, 1]]))
    1
    """
    return int((np.linalg.eigvalsh(correlations) > 1 + 1e-9).sum())


def common_variance_shares(correlations: Floats) -> Floats:
    """Return the share of common variance that the first k factors hold, for every k.

    Common variance is what an item shares with the others. Its squared multiple correlation stands on the diagonal in
    place of 1 (Guttman's lower bound); the positive eigenvalues of that matrix, added up from the largest, are the
    shares.

    Parameters
    ----------
    correlations : ndarray of float64, shape (p, p)
        Positive definite, ones on the diagonal.

    Returns
    -------
    ndarray of float64, shape (p,)
        Entry k - 1 belongs to k factors; never falls, ends at 1.

    Examples
    --------
    >>> two_pairs = np.kron(np.eye(2), np.array([[1, 0.5], [0.5, 1]]))
    >>> common_variance_shares(two_pairs).round(2).tolist()
    [0.5, 1.0, 1.0, 1.0]
    """
    reduced = correlations.copy()
    np.fill_diagonal(reduced, squared_multiple_correlations(correlations))
    values = np.maximum(np.linalg.eigvalsh(reduced)[::-1], 0)
    return np.asarray(np.cumsum(values) / max(values.sum(), np.finfo(float).tiny))


def minres(correlations: Floats, n_factors: int) -> Solution:
    """Extract factors by minimum residuals, with the analytic gradient.

    Minimises over the uniquenesses the sum of squares of what is left of ``correlations - diag(uniquenesses)`` after
    its ``n_factors`` largest positive eigenvalues are taken out. By the envelope theorem the derivative by uniqueness
    i is minus two times the sum over the left eigenvalues of eigenvalue times squared entry i of its eigenvector, so
    one eigendecomposition gives both.

    Parameters
    ----------
    correlations : ndarray of float64, shape (p, p)
        Positive definite, ones on the diagonal.
    n_factors : int
        From 1 to p - 1.

    Returns
    -------
    Solution
        The same for the same input, whatever the machine's threads.

    Raises
    ------
    ValueError
        When the number of factors is not possible.

    Notes
    -----
    O(p^3) a step, about ten to thirty steps. The objective is that of factor_analyzer 0.5.1 (`_fit_uls_objective`) and,
    but for the diagonal, of `factor.minres` in R's psych; at a minimum inside the bounds the diagonal is zero.

    Examples
    --------
    >>> loadings = np.array([[0.8], [0.7], [0.6], [0.5]])
    >>> planted = loadings @ loadings.T
    >>> np.fill_diagonal(planted, 1)
    >>> minres(planted, 1).loadings.ravel().round(3).tolist()
    [0.8, 0.7, 0.6, 0.5]
    """
    _check_number(correlations, n_factors)

    def residual_and_gradient(uniquenesses: Floats) -> tuple[float, Floats]:
        values, vectors = _reduced_eigen(correlations, uniquenesses)
        left = values.copy()
        left[-n_factors:] = np.minimum(left[-n_factors:], 0)
        return float(left @ left), -2 * (vectors**2 @ left)

    best = _least(residual_and_gradient, correlations)
    values, vectors = _reduced_eigen(correlations, best.x)
    largest = np.maximum(values[::-1][:n_factors], 0)
    loadings = positive_sums(vectors[:, ::-1][:, :n_factors] * np.sqrt(largest))
    return Solution(loadings, np.asarray(best.x), float(best.fun), int(best.nit))


def maximum_likelihood(correlations: Floats, n_factors: int) -> Solution:
    """Extract factors by maximum likelihood under a normal distribution, with the analytic gradient.

    With the correlations scaled by the uniquenesses, ``S / sqrt(u u')``, and their eigenvalues beyond the largest
    ``n_factors``, the discrepancy is the sum of ``eigenvalue - log(eigenvalue) - 1``. Its derivative by uniqueness i is
    entry i of the diagonal of (what the factors and uniquenesses make of the correlations, less the correlations),
    divided by the square of the uniqueness.

    Parameters
    ----------
    correlations : ndarray of float64, shape (p, p)
        Positive definite, ones on the diagonal.
    n_factors : int
        From 1 to p - 1.

    Returns
    -------
    Solution
        The same for the same input; ``residual`` is the discrepancy, 0 for correlations that the factors explain.

    Raises
    ------
    ValueError
        When the number of factors is not possible.

    Notes
    -----
    O(p^3) a step. Joereskog (1967), Psychometrika 32; the form is that of ``factanal`` in R.

    Examples
    --------
    >>> loadings = np.array([[0.8], [0.7], [0.6], [0.5]])
    >>> planted = loadings @ loadings.T
    >>> np.fill_diagonal(planted, 1)
    >>> maximum_likelihood(planted, 1).loadings.ravel().round(3).tolist()
    [0.8, 0.7, 0.6, 0.5]
    """
    _check_number(correlations, n_factors)

    def discrepancy_and_gradient(uniquenesses: Floats) -> tuple[float, Floats]:
        values, vectors = _scaled_eigen(correlations, uniquenesses)
        left = values[:-n_factors]
        explained = uniquenesses * (vectors[:, -n_factors:] ** 2 @ np.maximum(values[-n_factors:] - 1, 0))
        slope = (explained + uniquenesses - np.diag(correlations)) / uniquenesses**2
        return float((left - np.log(left) - 1).sum()), slope

    best = _least(discrepancy_and_gradient, correlations)
    values, vectors = _scaled_eigen(correlations, best.x)
    largest = np.maximum(values[::-1][:n_factors] - 1, 0)
    loadings = positive_sums(np.sqrt(best.x)[:, np.newaxis] * vectors[:, ::-1][:, :n_factors] * np.sqrt(largest))
    return Solution(loadings, np.asarray(best.x), float(best.fun), int(best.nit))


def _check_number(correlations: Floats, n_factors: int) -> None:
    if not 1 <= n_factors < len(correlations):
        raise ValueError(f"{n_factors} factors cannot be taken from {len(correlations)} items.")


def _least(objective: Callable[[Floats], tuple[float, Floats]], correlations: Floats) -> OptimizeResult:
    start = 1 - squared_multiple_correlations(correlations)
    return minimize(
        objective,
        np.clip(start, LOWEST_UNIQUENESS, 1),
        jac=True,
        method="L-BFGS-B",
        bounds=[(LOWEST_UNIQUENESS, 1)] * len(correlations),
        options={"maxiter": 1000, "ftol": 1e-13, "gtol": 1e-6},
    )


def _reduced_eigen(correlations: Floats, uniquenesses: Floats) -> tuple[Floats, Floats]:
    reduced = correlations.copy()
    np.fill_diagonal(reduced, np.diag(correlations) - uniquenesses)
    values, vectors = eigh(reduced)
    return np.asarray(values), np.asarray(vectors)


def _scaled_eigen(correlations: Floats, uniquenesses: Floats) -> tuple[Floats, Floats]:
    spread = np.sqrt(uniquenesses)
    values, vectors = eigh(correlations / np.outer(spread, spread))
    return np.maximum(values, np.finfo(float).tiny), np.asarray(vectors)


def procrustes(loadings: Floats, target: Floats) -> Floats:
    """Return the rotation that brings orthogonal loadings closest to a target.

    Parameters
    ----------
    loadings : ndarray of float64, shape (p, k)
        What is turned.
    target : ndarray of float64, shape (p, k)
        What it should look like.

    Returns
    -------
    ndarray of float64, shape (k, k)
        Orthogonal; ``loadings @ rotation`` is nearest to the target in squares.

    Examples
    --------
    >>> procrustes(np.array([[0.0, 1.0], [1.0, 0.0]]), np.eye(2)).round(3).tolist()
    [[0.0, 1.0], [1.0, 0.0]]
    """
    left, _, right = np.linalg.svd(loadings.T @ target)
    return np.asarray(left @ right)


def congruence(first: Floats, second: Floats) -> Floats:
    """Return Tucker's congruence of every factor of one solution with every factor of another.

    Parameters
    ----------
    first, second : ndarray of float64, shapes (p, k) and (p, m)
        Loadings of the same items.

    Returns
    -------
    ndarray of float64, shape (k, m)
        Cosines of the columns, -1 to 1; 0.95 and more is called the same factor.

    Examples
    --------
    >>> congruence(np.array([[1.0], [2.0]]), np.array([[2.0], [4.0]])).round(3).tolist()
    [[1.0]]
    """
    lengths = np.outer(np.linalg.norm(first, axis=0), np.linalg.norm(second, axis=0))
    return np.asarray(first.T @ second / np.maximum(lengths, 1e-12))


def match_factors(first: Floats, second: Floats) -> NDArray[np.int64]:
    """Pair each factor of one solution with one of another so that the congruences add up to the most.

    Parameters
    ----------
    first, second : ndarray of float64, shapes (p, k) and (p, k)
        Loadings of the same items.

    Returns
    -------
    ndarray of int64, shape (k,)
        Entry i is the factor of ``second`` that belongs to factor i of ``first``; signs are ignored.

    Examples
    --------
    >>> match_factors(np.eye(3), np.eye(3)[:, [2, 0, 1]]).tolist()
    [1, 2, 0]
    """
    return np.asarray(linear_sum_assignment(-np.abs(congruence(first, second)))[1], dtype=np.int64)
