"""Correlations of the items from incomplete answers, and what they say before any factor is taken."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import eigh
from scipy.sparse import csr_array
from scipy.special import chdtrc

Floats = NDArray[np.float64]

# Rows multiplied at a time: sums of products of answers stay exact in float32 up to 2**24 / 25 rows.
CHUNK = 65_536
LEAST_EIGENVALUE = 1e-4
LEAST_VARIANCE = 1e-9


@dataclass(frozen=True)
class Moments:
    """Means, spreads and correlations of the items, each from everybody who answered.

    Attributes
    ----------
    means, sds : ndarray of float64, shape (p,)
        Of the answers, 1 to 5.
    correlations : ndarray of float64, shape (p, p)
        Positive definite, ones on the diagonal.
    n_people : float
        Sum of the weights.
    """

    means: Floats
    sds: Floats
    correlations: Floats
    n_people: float


def moments(answers: NDArray[np.int8], weights: Floats | None = None) -> Moments:
    """Compute correlations in one pass over the answers; a missed answer is left out of each of its pairs.

    The correlation of items i and j is that over the people who answered both; means and spreads come from everybody
    who answered the item. Should few people and many gaps make the matrix indefinite, its smallest eigenvalues are
    lifted and the diagonal is set back to one.

    Parameters
    ----------
    answers : ndarray of int8, shape (n, p)
        1 to 5; 0 = missed.
    weights : ndarray of float64, shape (n,), optional
        Weight of each row, default 1.

    Returns
    -------
    Moments
        Its correlations are positive definite.

    Raises
    ------
    ValueError
        When an item is constant, or too few people answered two items together.

    Notes
    -----
    O(n p^2), in float32 products of small whole numbers, which are exact without weights.

    Examples
    --------
    >>> answers = np.array([[1, 5], [2, 3], [5, 1], [4, 2], [3, 0]], dtype=np.int8)
    >>> moments(answers).correlations.round(3).tolist()
    [[1.0, -0.962], [-0.962, 1.0]]
    """
    n_items = answers.shape[1]
    products, squares, sums, counts = np.zeros((4, n_items, n_items))
    for start in range(0, len(answers), CHUNK):
        chunk = answers[start : start + CHUNK]
        weight = np.ones(len(chunk)) if weights is None else weights[start : start + CHUNK]
        values = chunk.astype(np.float32)
        weighted = values if weights is None else values * weight.astype(np.float32)[:, np.newaxis]
        products += weighted.T @ values
        missed = csr_array(chunk == 0, dtype=np.float64)
        present = (chunk > 0).astype(np.float32)
        # Over pairs: what everybody adds up to, less the few who missed the other item.
        counts += _over_pairs(present, weight, missed)
        sums += _over_pairs(values, weight, missed)
        squares += _over_pairs(values**2, weight, missed)
    n_people = float(len(answers) if weights is None else weights.sum())
    return _moments_from_sums(products, squares, sums, counts, n_people)


def _over_pairs(values: NDArray[np.float32], weight: Floats, missed: csr_array) -> Floats:
    weighted = values * weight[:, np.newaxis]
    return np.asarray(weighted.sum(axis=0)[:, np.newaxis] - (missed.T @ weighted).T)


def _moments_from_sums(products: Floats, squares: Floats, sums: Floats, counts: Floats, n_people: float) -> Moments:
    if counts.min() <= 0:
        raise ValueError("Two items were never answered by the same person, so their correlation is unknown.")
    means = sums / counts
    variances = np.maximum(squares / counts - means**2, 0)
    n_constant = int((np.diag(variances) < LEAST_VARIANCE).sum())
    if n_constant:
        raise ValueError(f"{n_constant} of {len(counts)} items are constant: everybody gave the same answer.")
    if variances.min() < LEAST_VARIANCE:
        raise ValueError("Among the people who answered two items, one is constant, so their correlation is unknown.")
    spreads = np.sqrt(variances)
    correlations = (products / counts - means * means.T) / (spreads * spreads.T)
    return Moments(np.diag(means).copy(), np.diag(spreads).copy(), positive_definite(correlations), n_people)


def positive_definite(correlations: Floats) -> Floats:
    """Return the matrix itself, or with its smallest eigenvalues lifted when it is not safely positive definite.

    Parameters
    ----------
    correlations : ndarray of float64, shape (p, p)
        Symmetric, ones on the diagonal.

    Returns
    -------
    ndarray of float64, shape (p, p)
        Symmetric, ones on the diagonal, eigenvalues above about 1e-4.

    Examples
    --------
    >>> indefinite = np.array([[1, 0.9, -0.9], [0.9, 1, 0.9], [-0.9, 0.9, 1]])
    >>> bool(np.linalg.eigvalsh(positive_definite(indefinite)).min() > 0)
    True
    """
    symmetric = (correlations + correlations.T) / 2
    values, vectors = eigh(symmetric)
    if values[0] < LEAST_EIGENVALUE:
        symmetric = (vectors * np.maximum(values, LEAST_EIGENVALUE)) @ vectors.T
        spread = np.sqrt(np.diag(symmetric))
        symmetric = symmetric / np.outer(spread, spread)
    np.fill_diagonal(symmetric, 1.0)
    return np.asarray(symmetric)


def squared_multiple_correlations(correlations: Floats) -> Floats:
    """Return the share of each item's variance that the other items predict.

    Parameters
    ----------
    correlations : ndarray of float64, shape (p, p)
        Positive definite, ones on the diagonal.

    Returns
    -------
    ndarray of float64, shape (p,)
        0 to 1.

    Examples
    --------
    >>> squared_multiple_correlations(np.array([[1, 0.5], [0.5, 1]])).round(3).tolist()
    [0.25, 0.25]
    """
    return np.asarray(1 - 1 / np.diag(np.linalg.inv(correlations)))


def kaiser_meyer_olkin(correlations: Floats) -> float:
    """Return the Kaiser-Meyer-Olkin measure: how little is left between two items once the others are known.

    Parameters
    ----------
    correlations : ndarray of float64, shape (p, p)
        Positive definite, ones on the diagonal.

    Returns
    -------
    float
        0 to 1; below 0.6 the items hardly share factors.

    Examples
    --------
    >>> float(round(kaiser_meyer_olkin(np.array([[1, 0.6, 0.6], [0.6, 1, 0.6], [0.6, 0.6, 1]])), 3))
    0.719
    """
    precision = np.linalg.inv(correlations)
    spread = np.sqrt(np.diag(precision))
    off_diagonal = ~np.eye(len(correlations), dtype=bool)
    partial = (precision / np.outer(spread, spread))[off_diagonal]
    plain = correlations[off_diagonal]
    return float((plain**2).sum() / ((plain**2).sum() + (partial**2).sum()))


def bartlett(correlations: Floats, n_people: float) -> dict[str, float]:
    """Test whether the items correlate at all (Bartlett's test of sphericity).

    Parameters
    ----------
    correlations : ndarray of float64, shape (p, p)
        Positive definite, ones on the diagonal.
    n_people : float
        People the correlations come from.

    Returns
    -------
    dict
        ``chi_square``, ``degrees_of_freedom`` and ``p``.

    Examples
    --------
    >>> bartlett(np.eye(3), 100)["p"]
    1.0
    """
    n_items = len(correlations)
    log_determinant = np.linalg.slogdet(correlations)[1]
    chi_square = abs(log_determinant) * (n_people - 1 - (2 * n_items + 5) / 6)
    degrees = n_items * (n_items - 1) / 2
    return {"chi_square": float(chi_square), "degrees_of_freedom": degrees, "p": float(chdtrc(degrees, chi_square))}


def alpha(correlations: Floats, weights: Floats) -> float:
    """Return Cronbach's alpha of a scale: the share of its score's variance that another such scale would repeat.

    Parameters
    ----------
    correlations : ndarray of float64, shape (p, p)
        Covariances or correlations of the items.
    weights : ndarray of float64, shape (p,)
        Weight of each item in the score; 0 for items of other scales.

    Returns
    -------
    float
        At most 1.

    Examples
    --------
    >>> round(alpha(np.array([[1, 0.5], [0.5, 1]]), np.array([0.5, 0.5])), 3)
    0.667
    """
    n_items = int((weights != 0).sum())
    total = float(weights @ correlations @ weights)
    own = float(weights**2 @ np.diag(correlations))
    return n_items / (n_items - 1) * (1 - own / total)
