"""Expecting what was not answered from what was, and the factors' estimates from answers."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve, solve_triangular

from ml.correlations import Floats
from ml.factors import positive_sums


@dataclass(frozen=True)
class Completion:
    """Answers with the unanswered ones expected, and how uncertain linear targets still are.

    Attributes
    ----------
    values : ndarray of float64, shape (n, p)
        Standardised answers; unanswered items hold their expectation given the answered ones.
    variances : ndarray of float64, shape (n, t)
        Variance of each target given the answers; 0 where nothing that matters to it is unanswered.
    """

    values: Floats
    variances: Floats


def complete(standardised: Floats, observed: NDArray[np.bool_], precision: Floats, targets: Floats) -> Completion:
    """Expect what was not answered from what was, under one normal distribution of all items.

    With precision matrix P, the unanswered items m given the answered ones o are normal with mean ``-P_mm^-1 P_mo x_o``
    and covariance ``P_mm^-1``. Any linear function of a complete sheet (a score, a posterior mean) is therefore
    expected from a partial one by applying it to the completed sheet, and its variance is that of its unanswered part.

    Parameters
    ----------
    standardised : ndarray of float64, shape (n, p)
        Answers in units of their spread; values where nothing was answered are ignored.
    observed : ndarray of bool, shape (n, p)
        Which items were answered.
    precision : ndarray of float64, shape (p, p)
        Inverse of the items' covariance.
    targets : ndarray of float64, shape (t, p)
        Weights of the linear functions whose variance is wanted.

    Returns
    -------
    Completion
        A row without answers gets all zeros and the targets' prior variances.

    Notes
    -----
    Complete rows cost nothing; others O(m^3 + m^2 t) for each distinct set of m unanswered items.

    Examples
    --------
    >>> covariance = np.array([[1.0, 0.8], [0.8, 1.0]])
    >>> answers, observed = np.array([[1.5, 9.0]]), np.array([[True, False]])
    >>> completion = complete(answers, observed, np.linalg.inv(covariance), np.array([[0.0, 1.0]]))
    >>> completion.values.round(6).tolist(), completion.variances.round(6).tolist()
    ([[1.5, 1.2]], [[0.36]])
    """
    values = np.where(observed, standardised, 0.0)
    variances = np.zeros((len(values), len(targets)))
    for rows in equal_rows(observed, np.flatnonzero(~observed.all(axis=1))):
        missed = np.flatnonzero(~observed[rows[0]])
        lower, _ = cho_factor(precision[np.ix_(missed, missed)], lower=True)
        expected = -cho_solve((lower, True), precision[missed] @ values[rows].T)
        values[rows[:, np.newaxis], missed] = expected.T
        half = solve_triangular(lower, targets[:, missed].T, lower=True)
        variances[rows] = (half**2).sum(axis=0)
    return Completion(values, variances)


def equal_rows(matrix: NDArray[np.bool_], rows: NDArray[np.int64]) -> Iterator[NDArray[np.int64]]:
    """Group the given rows of a matrix of booleans by equality.

    Parameters
    ----------
    matrix : ndarray of bool, shape (n, p)
        Where the rows come from.
    rows : ndarray of int64
        Rows to group.

    Yields
    ------
    ndarray of int64
        Rows that are equal to each other; every given row appears once.

    Examples
    --------
    >>> groups = equal_rows(np.array([[True], [False], [True]]), np.arange(3))
    >>> sorted(group.tolist() for group in groups)
    [[0, 2], [1]]
    """
    if not len(rows):
        return
    packed = np.packbits(matrix[rows], axis=1)
    keys = np.ascontiguousarray(packed).view(f"V{packed.shape[1]}").ravel()
    _, group, sizes = np.unique(keys, return_inverse=True, return_counts=True)
    yield from np.split(rows[np.argsort(group, kind="stable")], np.cumsum(sizes)[:-1])


def canonical_axes(loadings: Floats, uniquenesses: Floats) -> tuple[Floats, Floats]:
    """Turn the factors so that the answers tell about each of them independently, most reliable first.

    With loadings L and uniquenesses U, the axes are the eigenvectors of ``L' U^-1 L``; an eigenvalue j gives the
    reliability ``j / (1 + j)`` of a complete sheet on its axis.

    Parameters
    ----------
    loadings : ndarray of float64, shape (p, q)
        Orthogonal factors of unit variance, in any rotation: the axes do not depend on it.
    uniquenesses : ndarray of float64, shape (p,)
        Above 0.

    Returns
    -------
    loadings : ndarray of float64, shape (p, q)
        On the canonical axes; signs by :func:`ml.factors.positive_sums`.
    reliability : ndarray of float64, shape (q,)
        Never rises.

    Examples
    --------
    >>> turned, reliability = canonical_axes(np.array([[0.6, 0], [0, 0.8]]), np.array([0.64, 0.36]))
    >>> reliability.round(2).tolist()
    [0.64, 0.36]
    """
    _, singular, right = np.linalg.svd(loadings / np.sqrt(uniquenesses)[:, np.newaxis], full_matrices=False)
    information = singular**2
    return positive_sums(loadings @ right.T), information / (1 + information)


def posterior_weights(loadings: Floats, uniquenesses: Floats) -> Floats:
    """Return the matrix that takes a complete standardised sheet to its posterior mean on the factors.

    Parameters
    ----------
    loadings : ndarray of float64, shape (p, k)
        Orthogonal factors of unit variance.
    uniquenesses : ndarray of float64, shape (p,)
        Above 0.

    Returns
    -------
    ndarray of float64, shape (k, p)
        ``(I + L' U^-1 L)^-1 L' U^-1``.

    Examples
    --------
    >>> posterior_weights(np.array([[0.6], [0.8]]), np.array([0.64, 0.36])).round(4).tolist()
    [[0.2807, 0.6653]]
    """
    scaled = (loadings / uniquenesses[:, np.newaxis]).T
    return np.asarray(np.linalg.solve(np.eye(loadings.shape[1]) + scaled @ loadings, scaled))
