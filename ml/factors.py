"""Factor analysis: the number of factors, extraction, rotation and alignment."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import eigh
from scipy.optimize import linear_sum_assignment, minimize

from ml.correlations import Floats, squared_multiple_correlations

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
        Sum of squares of what the factors leave unexplained off the diagonal and on it.
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
    n_items = len(correlations)
    if not 1 <= n_factors < n_items:
        raise ValueError(f"{n_factors} factors cannot be taken from {n_items} items.")

    def residual_and_gradient(uniquenesses: Floats) -> tuple[float, Floats]:
        values, vectors = _reduced_eigen(correlations, uniquenesses)
        left = values.copy()
        left[-n_factors:] = np.minimum(left[-n_factors:], 0)
        return float(left @ left), -2 * (vectors**2 @ left)

    start = 1 - squared_multiple_correlations(correlations)
    best = minimize(
        residual_and_gradient,
        np.clip(start, LOWEST_UNIQUENESS, 1),
        jac=True,
        method="L-BFGS-B",
        bounds=[(LOWEST_UNIQUENESS, 1)] * n_items,
        options={"maxiter": 1000, "ftol": 1e-13, "gtol": 1e-6},
    )
    values, vectors = _reduced_eigen(correlations, best.x)
    largest = np.maximum(values[::-1][:n_factors], 0)
    loadings = positive_sums(vectors[:, ::-1][:, :n_factors] * np.sqrt(largest))
    return Solution(loadings, np.asarray(best.x), float(best.fun), int(best.nit))


def _reduced_eigen(correlations: Floats, uniquenesses: Floats) -> tuple[Floats, Floats]:
    reduced = correlations.copy()
    np.fill_diagonal(reduced, np.diag(correlations) - uniquenesses)
    values, vectors = eigh(reduced)
    return np.asarray(values), np.asarray(vectors)


def positive_sums(loadings: Floats) -> Floats:
    """Return the loadings with each factor turned so that its loadings add up to something positive.

    Parameters
    ----------
    loadings : ndarray of float64, shape (p, k)
        A factor's sign is arbitrary; this fixes it.

    Returns
    -------
    ndarray of float64, shape (p, k)
        The same up to the signs of whole columns.

    Examples
    --------
    >>> positive_sums(np.array([[-0.5], [-0.4]])).ravel().tolist()
    [0.5, 0.4]
    """
    return np.asarray(loadings * np.where(loadings.sum(axis=0) < 0, -1.0, 1.0))


def varimax(loadings: Floats, *, max_sweeps: int = 50, tolerance: float = 1e-8) -> Floats:
    """Rotate orthogonal factors so that each item speaks for few of them (Kaiser's varimax, rows normalised).

    Every pair of factors is turned in turn by the angle that is best for that pair, which has a closed form, until
    that brings nothing more: the criterion never falls.

    Parameters
    ----------
    loadings : ndarray of float64, shape (p, k)
        Orthogonal factors.
    max_sweeps : int, default 50
        Most rounds over all pairs.
    tolerance : float, default 1e-8
        Relative growth of the criterion in a round below which it is settled.

    Returns
    -------
    ndarray of float64, shape (p, k)
        Same communalities; factors by falling sum of squares, each with a positive sum.

    Notes
    -----
    O(p k^2) a sweep. Gives what the rotation of that name in factor_analyzer 0.5.1 gives.

    Examples
    --------
    >>> simple = np.array([[0.8, 0], [0.7, 0], [0, 0.6], [0, 0.5]])
    >>> turn = np.array([[0.8, 0.6], [-0.6, 0.8]])
    >>> np.abs(varimax(simple @ turn)).round(3).tolist()
    [[0.8, 0.0], [0.7, 0.0], [0.0, 0.6], [0.0, 0.5]]
    """
    lengths = np.sqrt((loadings**2).sum(axis=1, keepdims=True))
    # One factor a row: the two that turn are then contiguous in memory.
    rows = np.ascontiguousarray((loadings / np.maximum(lengths, 1e-12)).T)
    criterion = _varimax_criterion(rows)
    for _ in range(max_sweeps):
        _varimax_sweep(rows)
        before, criterion = criterion, _varimax_criterion(rows)
        if criterion - before <= tolerance * criterion:
            break
    rotated = positive_sums(rows.T * lengths)
    return np.asarray(rotated[:, np.argsort(-(rotated**2).sum(axis=0), kind="stable")])


def _varimax_criterion(rows: Floats) -> float:
    return float((rows**2).var(axis=1).sum())


def _varimax_sweep(rows: Floats) -> None:
    # Turns the rows in place; the caller owns them.
    n_factors, n_items = rows.shape
    for i in range(n_factors - 1):
        for j in range(i + 1, n_factors):
            difference = rows[i] ** 2 - rows[j] ** 2
            product = 2 * rows[i] * rows[j]
            sum_difference, sum_product = difference.sum(), product.sum()
            sine = 2 * (difference @ product - sum_difference * sum_product / n_items)
            cosine = difference @ difference - product @ product - (sum_difference**2 - sum_product**2) / n_items
            angle = np.arctan2(sine, cosine) / 4
            turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
            rows[[i, j]] = turn @ rows[[i, j]]


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
