"""From any subset of answers to a place with its uncertainty, and from two places to likeness."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.linalg import cho_factor, cho_solve, solve_triangular

from ml.correlations import Floats
from ml.factors import positive_sums

Singles = NDArray[np.float32]

# Floats that one block of pairs holds while likeness is computed axis by axis: what fits a processor's cache.
BLOCK = 65_536
# A reliability that at least this share of the rows have in common is worth a matrix product of its own.
COMMON = 1 / 16


class Located(Protocol):
    """Anything that lies on the axes of likeness, from one row on."""

    @property
    def axes(self) -> Singles:
        """Posterior means on the canonical axes, shape (n, q)."""

    @property
    def reliability(self) -> Singles:
        """Share of each axis' variance that the answers tell, 0 to 1, shape (n, q)."""


@dataclass(frozen=True)
class Placements:
    """Where answer sheets lie, row by row.

    Attributes
    ----------
    n_answered : ndarray of int64, shape (n,)
        Items answered.
    space : ndarray of float32, shape (n, k)
        Expected full-survey position in the factor space (neighbours, reports, stability).
    axes : ndarray of float32, shape (n, q)
        Posterior means on the canonical axes, which likeness compares; in the population each axis has mean 0 and
        variance 1.
    reliability : ndarray of float32, shape (n, q)
        Share of each axis' variance that these answers tell; 0 without answers.
    scales : ndarray of float64, shape (n, 16)
        Expected full-survey scale scores, standardised to the norms.
    scale_sd : ndarray of float64, shape (n, 16)
        Standard deviation around them, in the same unit: of the unanswered items and of measurement itself.
    percentile, low, high : ndarray of float64, shape (n, 16)
        Percentile among the norms, 0 to 100, and the 90 % interval for the percentile that the full survey would give;
        once every item of a scale is answered the interval is a point.
    globals_ : ndarray of float64, shape (n, 5)
        The five global factors, standardised to the norms.
    global_percentile, global_low, global_high : ndarray of float64, shape (n, 5)
        As for the scales.
    types : ndarray of int64, shape (n,)
        Index of the nearest type.
    typicality : ndarray of float64, shape (n,)
        Share of the type's people who lie farther from its centre: 1 at the centre, 0 at the edge.
    """

    n_answered: NDArray[np.int64]
    space: Singles
    axes: Singles
    reliability: Singles
    scales: Floats
    scale_sd: Floats
    percentile: Floats
    low: Floats
    high: Floats
    globals_: Floats
    global_percentile: Floats
    global_low: Floats
    global_high: Floats
    types: NDArray[np.int64]
    typicality: Floats

    def __len__(self) -> int:
        return len(self.n_answered)


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


def likeness(a: Located, b: Located) -> Singles:
    """Return how much more probable each pair of sheets is as two sheets of one person than of two strangers.

    The natural logarithm of the likelihood ratio. On an axis of variance 1, the estimate x of a sheet of reliability r
    has variance r; two estimates x, y of one person have covariance r s, so with correlation squared ``c = r s``

    ``-log(1 - c) / 2 + (x y - (s x^2 + r y^2) / 2) / (1 - c)``

    and the axes add up. 0 means no evidence either way; a sheet without answers gives exactly 0 with everybody.

    Parameters
    ----------
    a, b : anything with ``axes`` and ``reliability``, n_a and n_b rows of q axes
        Placements by the same model.

    Returns
    -------
    ndarray of float32, shape (n_a, n_b)
        Symmetric: ``likeness(a, b)`` is ``likeness(b, a).T``.

    Raises
    ------
    ValueError
        When the shapes do not fit or a value is not finite.

    Notes
    -----
    Exact when each posterior covariance is diagonal on the axes, as for complete sheets; otherwise its off-diagonal
    part is left out. O(n_a n_b q): a matrix product where many rows share their reliabilities, as complete sheets do,
    and an expression axis by axis for the others.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> def sheet(x, r):
    ...     return SimpleNamespace(axes=np.array([[x]]), reliability=np.array([[r]]))
    >>> round(float(likeness(sheet(1.0, 0.8), sheet(1.0, 0.8))[0, 0]), 4)
    1.0664
    >>> likeness(sheet(1.0, 0.8), sheet(0.0, 0.0)).tolist()
    [[0.0]]
    """
    axes_a, reliability_a = _checked(a)
    axes_b, reliability_b = _checked(b)
    if axes_a.shape[1] != axes_b.shape[1]:
        raise ValueError(f"The two sides lie on {axes_a.shape[1]} and {axes_b.shape[1]} axes: two different models.")
    result = np.zeros((len(axes_a), len(axes_b)), dtype=np.float32)
    groups_b = _groups(reliability_b)
    for rows, is_common_a in _groups(reliability_a):
        for columns, is_common_b in groups_b:
            block = _likeness_by_product if is_common_a and is_common_b else _likeness_by_axis
            x, y = axes_a[rows], axes_b[columns]
            result[np.ix_(rows, columns)] = block(x, reliability_a[rows], y, reliability_b[columns])
    return result


def expected_likeness(a: Located, b: Located, full_reliability: ArrayLike) -> Singles:
    """Return the likeness that two people would have on average if both answered the full survey.

    Likeness itself measures evidence: two strangers with few answers lie near 0, those with all answers far below, so a
    list ranked by it would favour whoever answered little. The expectation over the unanswered items is on one scale
    for everybody and equals :func:`likeness` for complete sheets. With full reliability R per axis,

    ``-log(1 - R^2) / 2 + (x y - R (x^2 + R - r + y^2 + R - s) / 2) / (1 - R^2)``

    and the axes add up: squares are expected with the variance ``R - r`` that the unanswered items leave.

    Parameters
    ----------
    a, b : anything with ``axes`` and ``reliability``, n_a and n_b rows of q axes
        Placements by the same model.
    full_reliability : array_like, shape (q,)
        Of a complete sheet: the model's ``full_reliability``.

    Returns
    -------
    ndarray of float32, shape (n_a, n_b)
        Symmetric; what to rank and label people by when some answered less than others.

    Raises
    ------
    ValueError
        When the shapes do not fit or a value is not finite.

    Notes
    -----
    One matrix product, O(n_a n_b q). Exact: only the diagonals of the posterior covariances enter an expectation of
    squares.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> complete = SimpleNamespace(axes=np.array([[1.0], [-1.0]]), reliability=np.full((2, 1), 0.8))
    >>> np.allclose(expected_likeness(complete, complete, [0.8]), likeness(complete, complete), atol=1e-5)
    True
    """
    axes_a, reliability_a = _checked(a)
    axes_b, reliability_b = _checked(b)
    full = np.asarray(full_reliability, dtype=np.float32)
    if not axes_a.shape[1] == axes_b.shape[1] == len(full):
        raise ValueError(f"{axes_a.shape[1]}, {axes_b.shape[1]} and {len(full)} axes do not belong to one model.")
    rest = 1 - full**2
    own_a, own_b = (
        (axes**2 + full - reliability) @ (full / rest / 2)
        for axes, reliability in ((axes_a, reliability_a), (axes_b, reliability_b))
    )
    constant = np.log(rest).sum() / 2
    return np.asarray((axes_a / rest) @ axes_b.T - own_a[:, np.newaxis] - own_b - constant, dtype=np.float32)


def _checked(side: Located) -> tuple[Singles, Singles]:
    axes = np.asarray(side.axes, dtype=np.float32)
    reliability = np.asarray(side.reliability, dtype=np.float32)
    if axes.ndim != 2 or axes.shape != reliability.shape:
        raise ValueError(f"Axes and reliability must be matrices of one shape, not {axes.shape}, {reliability.shape}.")
    if not (np.isfinite(axes).all() and np.isfinite(reliability).all()):
        raise ValueError("Axes and reliability must be finite.")
    if axes.size and (reliability.min() < 0 or reliability.max() >= 1):
        raise ValueError("Reliability must be at least 0 and below 1.")
    return axes, reliability


def _groups(reliability: Singles) -> list[tuple[NDArray[np.int64], bool]]:
    # Rows that share one reliability, for the common ones, and then all other rows together.
    rows = np.arange(len(reliability))
    if not len(rows) or (reliability == reliability[0]).all():
        return [(rows, True)] if len(rows) else []
    # Rows are told apart by one random combination of their values: sorting numbers is faster than sorting rows.
    keys = reliability @ np.random.default_rng(0).standard_normal(reliability.shape[1])
    _, group, sizes = np.unique(keys, return_inverse=True, return_counts=True)
    common = np.flatnonzero(sizes >= COMMON * len(rows))
    groups = [(np.flatnonzero(group == index), True) for index in common]
    others = np.flatnonzero(~np.isin(group, common))
    return groups + ([(others, False)] if len(others) else [])


def _likeness_by_product(x: Singles, reliability_x: Singles, y: Singles, reliability_y: Singles) -> Singles:
    r, s = reliability_x[0], reliability_y[0]
    rest = 1 - r * s
    block = (x / rest) @ y.T
    block -= (x**2 @ (s / rest) / 2)[:, np.newaxis]
    block -= y**2 @ (r / rest) / 2
    return np.asarray(block - np.log(rest).sum() / 2)


def _likeness_by_axis(x: Singles, reliability_x: Singles, y: Singles, reliability_y: Singles) -> Singles:
    if len(x) > len(y):
        return _likeness_by_axis(y, reliability_y, x, reliability_x).T
    result = np.empty((len(x), len(y)), dtype=np.float32)
    step = max(1, BLOCK // x.shape[1])
    for start in range(0, len(y), step):
        block, s = y[start : start + step], reliability_y[start : start + step]
        squares = block**2
        for row, (value, r) in enumerate(zip(x, reliability_x, strict=True)):
            rest = 1 - r * s
            evidence = (value * block - (s * (value**2 / 2) + squares * (r / 2))) / rest
            result[row, start : start + step] = evidence.sum(axis=1) - np.log(rest).sum(axis=1) / 2
    return result


def next_items(observed: ArrayLike, precision: Floats, targets: Floats, n: int = 1) -> NDArray[np.int64]:
    """Choose the items whose answers would most reduce what is still uncertain about the targets.

    Greedy: each choice takes the item with the largest fall of the targets' summed variance. Under a normal model this
    depends on which items are answered, not on the answers.

    Parameters
    ----------
    observed : array_like of bool, shape (p,)
        Which items are answered.
    precision : ndarray of float64, shape (p, p)
        Inverse of the items' covariance.
    targets : ndarray of float64, shape (t, p)
        Weights of the linear functions to learn about.
    n : int, default 1
        Items wanted.

    Returns
    -------
    ndarray of int64, shape (at most n,)
        Indices of unanswered items in the order to ask them; fewer than n when fewer are left.

    Notes
    -----
    O(p^3 + p t) for the first, O(p^2 + p t) for each further one.

    Examples
    --------
    >>> covariance = np.array([[1.0, 0.9, 0.0], [0.9, 1.0, 0.0], [0.0, 0.0, 1.0]])
    >>> targets = np.array([[1.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    >>> next_items([False, False, False], np.linalg.inv(covariance), targets, n=3).tolist()
    [0, 2, 1]
    """
    left = np.flatnonzero(~np.asarray(observed, dtype=bool))
    if not len(left) or n < 1:
        return np.empty(0, dtype=np.int64)
    covariance = np.linalg.inv(precision[np.ix_(left, left)])
    influence = targets[:, left] @ covariance
    chosen: list[int] = []
    for _ in range(min(n, len(left))):
        spread = np.diag(covariance).copy()
        gain = (influence**2).sum(axis=0) / np.maximum(spread, 1e-12)
        gain[chosen] = -1.0
        best = int(gain.argmax())
        chosen.append(best)
        # Knowing this answer takes its part out of everything that is still uncertain.
        column = covariance[:, best] / spread[best]
        influence = influence - np.outer(influence[:, best], column)
        covariance = covariance - np.outer(covariance[:, best], column)
    return left[chosen]
