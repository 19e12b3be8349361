"""How likely two answer sheets are two sheets of one person rather than of two strangers."""

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.linalg import cholesky, solve_triangular

from ml.completion import equal_rows
from ml.correlations import Floats

Singles = NDArray[np.float32]

# Floats that one block of pairs holds while likeness is computed axis by axis: what fits a processor's cache.
BLOCK = 65_536
# A reliability that at least this share of the rows have in common is worth a matrix product of its own.
COMMON = 1 / 16
# Pairs of distinct sets of answered items for which the exact likeness is affordable: about a second.
MOST_EXACT = 20_000


class Located(Protocol):
    """Anything that lies on the axes of likeness, from one row on."""

    @property
    def axes(self) -> Singles:
        """Posterior means on the canonical axes, shape (n, q)."""

    @property
    def reliability(self) -> Singles:
        """Share of each axis' variance that the answers tell, 0 to 1, shape (n, q)."""


@dataclass(frozen=True)
class Evidence:
    """What makes likeness exact: which items each row answered, and what the items tell about the axes.

    Attributes
    ----------
    answered : ndarray of bool, shape (n, p)
        Which items each row answered.
    loadings : ndarray of float64, shape (p, q)
        Of the items on the canonical axes; one array for all rows.
    uniquenesses : ndarray of float64, shape (p,)
        Of the items, above 0.
    """

    answered: NDArray[np.bool_]
    loadings: Floats
    uniquenesses: Floats


@runtime_checkable
class Evidenced(Located, Protocol):
    """Anything located that still knows what it was placed by."""

    @property
    def evidence(self) -> Evidence:
        """What each row was placed by."""


def likeness(a: Located, b: Located) -> Singles:
    """Return how much more probable each pair of sheets is as two sheets of one person than of two strangers.

    The natural logarithm of the likelihood ratio, in closed form from both posteriors. Answers o tell about the axes
    with information ``J = L_o' U_o^-1 L_o``; their posterior mean is x, of precision ``I + J``. With ``h = (I + J) x``,
    ``T = I + J_a + J_b`` and ``|.|`` for determinants, two sheets give

    ``h_a' T^-1 h_b + (h_a' T^-1 h_a - h_a' x_a + h_b' T^-1 h_b - h_b' x_b - log(|T| / (|I + J_a| |I + J_b|))) / 2``

    Where J is diagonal, as for complete sheets, the axes add up: an estimate x of reliability r has variance r, two
    estimates x, y of one person have covariance r s, and with ``c = r s`` an axis gives

    ``-log(1 - c) / 2 + (x y - (s x^2 + r y^2) / 2) / (1 - c)``

    0 means no evidence either way; a sheet without answers gives exactly 0 with everybody.

    Parameters
    ----------
    a, b : Placements, or anything with ``axes`` and ``reliability``, n_a and n_b rows of q axes
        Placements by the same model. What was stored without its ``evidence`` is compared axis by axis, which leaves
        out what is not diagonal in J: nothing for complete sheets.

    Returns
    -------
    ndarray of float32, shape (n_a, n_b)
        Symmetric: ``likeness(a, b)`` is ``likeness(b, a).T``.

    Raises
    ------
    ValueError
        When the shapes do not fit, a value is not finite, or two models placed the two sides.

    Notes
    -----
    Exact in O(n_a n_b q), and O(q^3) for each pair of distinct sets of answered items: rows that answered the same are
    one matrix product. Axis by axis without evidence, and also where there are more than 20,000 such pairs of sets: a
    matrix product where many rows share their reliabilities, and one expression for each pair of the others.

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
    if isinstance(a, Evidenced) and isinstance(b, Evidenced):
        told_a, told_b = _told_by_both(axes_a, a.evidence, axes_b, b.evidence)
        if len(told_a) * len(told_b) <= MOST_EXACT:
            return _exact_likeness(told_a, told_b, (len(axes_a), len(axes_b)))
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


def likeness_vectors(placed: Located, full_reliability: ArrayLike) -> tuple[Singles, Singles]:
    """Return vectors whose inner products are the expected likeness of people.

    Parameters
    ----------
    placed : Placements, n rows of q axes
        Where they lie.
    full_reliability : array_like, shape (q,)
        Of a complete sheet.

    Returns
    -------
    out, back : ndarray of float32, shape (n, q + 2)
        ``out @ back.T`` is :func:`expected_likeness` of everybody with everybody.
    """
    axes, full = placed.axes.astype(np.float64), np.asarray(full_reliability, dtype=np.float64)
    rest = 1 - full**2
    own = (axes**2 + full - placed.reliability) @ (full / rest / 2)
    one, constant = np.ones((len(axes), 1)), np.log(rest).sum() / 2
    out = np.hstack([axes / rest, -own[:, np.newaxis] - constant, one])
    back = np.hstack([axes, one, -own[:, np.newaxis]])
    return out.astype(np.float32), back.astype(np.float32)


@dataclass(frozen=True)
class _Told:
    """Rows that answered the same items: their information J, what they tell h, and the logarithm of |I + J|."""

    rows: NDArray[np.int64]
    information: Floats
    told: Floats
    own: Floats
    log_determinant: float


def _told_by_both(axes_a: Singles, a: Evidence, axes_b: Singles, b: Evidence) -> tuple[list[_Told], list[_Told]]:
    if not (np.array_equal(a.loadings, b.loadings) and np.array_equal(a.uniquenesses, b.uniquenesses)):
        raise ValueError("The two sides were placed by two different models.")
    return _told_by(axes_a, a), _told_by(axes_b, b)


def _exact_likeness(told_a: list[_Told], told_b: list[_Told], shape: tuple[int, int]) -> Singles:
    # Rows that answered nothing are in no group: their likeness stays exactly 0.
    result = np.zeros(shape, dtype=np.float32)
    for one in told_a:
        for other in told_b:
            result[np.ix_(one.rows, other.rows)] = _likeness_of_groups(one, other)
    return result


def _told_by(axes: Singles, evidence: Evidence) -> list[_Told]:
    scaled = evidence.loadings / np.sqrt(evidence.uniquenesses)[:, np.newaxis]
    complete = scaled.T @ scaled
    groups = []
    for rows in equal_rows(evidence.answered, np.flatnonzero(evidence.answered.any(axis=1))):
        missed = scaled[~evidence.answered[rows[0]]]
        information = complete - missed.T @ missed
        precision = np.eye(len(complete)) + information
        x = axes[rows].astype(np.float64)
        told = x @ precision
        groups.append(_Told(rows, information, told, (told * x).sum(axis=1), _log_determinant(cholesky(precision))))
    return groups


def _likeness_of_groups(one: _Told, other: _Told) -> Floats:
    upper = cholesky(np.eye(len(one.information)) + one.information + other.information)
    # Both sides in one solve: most groups are single rows, whose cost is that of the calls.
    told = np.concatenate([one.told, other.told]).T
    both = solve_triangular(upper, told, trans="T", check_finite=False).T
    x, y = both[: len(one.told)], both[len(one.told) :]
    gain_x, gain_y = (x**2).sum(axis=1) - one.own, (y**2).sum(axis=1) - other.own
    constant = one.log_determinant + other.log_determinant - _log_determinant(upper)
    return np.asarray(x @ y.T + (gain_x[:, np.newaxis] + gain_y + constant) / 2)


def _log_determinant(factor: Floats) -> float:
    return 2 * float(np.log(np.diag(factor)).sum())


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
