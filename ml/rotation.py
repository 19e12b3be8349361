"""Rotation to simple structure: varimax keeps factors independent, oblimin lets them correlate."""

import numpy as np
from numpy.typing import NDArray

from ml.correlations import Floats

# A step of the gradient projection that falls short of its promise is halved at most so often.
HALVINGS = 20
LARGEST_STEP = 1e3


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
    return np.asarray(loadings * _signs(loadings))


def _signs(loadings: NDArray[np.floating]) -> Floats:
    return np.where(loadings.sum(axis=0) < 0, -1.0, 1.0)


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


def oblimin(
    loadings: Floats, *, gamma: float = 0.0, max_steps: int = 2_000, tolerance: float = 1e-6
) -> tuple[Floats, Floats]:
    """Rotate factors to a simple structure in which they may correlate (direct oblimin; gamma 0 is quartimin).

    Rows are **not** normalised (no Kaiser normalisation): each item counts by its communality, as in factor_analyzer
    and by default in R's GPArotation. With normalised rows the factors of a personality survey come out different.

    Parameters
    ----------
    loadings : ndarray of float64, shape (p, k)
        Orthogonal factors, as extracted: the way starts there.
    gamma : float, default 0
        At most 0 or little above; the lower, the less the factors correlate.
    max_steps : int, default 2000
        Most steps.
    tolerance : float, default 1e-6
        Length of the projected gradient below which it is settled.

    Returns
    -------
    pattern : ndarray of float64, shape (p, k)
        Weights of the factors in each item; factors by falling share of variance, each with a positive sum.
    phi : ndarray of float64, shape (k, k)
        Correlations of the factors in the same order. ``pattern @ phi @ pattern.T`` is ``loadings @ loadings.T``, and
        ``pattern @ phi`` is the structure: correlations of items with factors.

    Notes
    -----
    Gradient projection (Jennrich, 2002, Psychometrika 67; Bernaards and Jennrich, 2005, Educational and Psychological
    Measurement 65), O(p k^2) a step. The first length of each step is Barzilai and Borwein's, from how the gradient
    changed in the last one.

    Examples
    --------
    >>> pattern = np.array([[0.8, 0], [0.7, 0], [0, 0.6], [0, 0.5]])
    >>> phi = np.array([[1, 0.3], [0.3, 1]])
    >>> found, correlations = oblimin(pattern @ np.linalg.cholesky(phi))
    >>> (found + 0.0).round(3).tolist(), correlations.round(3).tolist()
    ([[0.8, 0.0], [0.7, 0.0], [0.0, 0.6], [0.0, 0.5]], [[1.0, 0.3], [0.3, 1.0]])
    """
    turn = _oblique_turn(loadings, gamma, max_steps, tolerance)
    pattern, phi = np.linalg.solve(turn, loadings.T).T, turn.T @ turn
    signs = _signs(pattern)
    pattern, phi = pattern * signs, phi * np.outer(signs, signs)
    order = np.argsort(-(pattern * (pattern @ phi)).sum(axis=0), kind="stable")
    return np.asarray(pattern[:, order]), np.asarray(phi[np.ix_(order, order)])


def _oblique_turn(loadings: Floats, gamma: float, max_steps: int, tolerance: float) -> Floats:
    # The columns of the turn are factors of length one, among the axes of the orthogonal loadings.
    turn = np.eye(loadings.shape[1])
    value, gradient = _oblimin_criterion(loadings, turn, gamma)
    step = 1.0
    for _ in range(max_steps):
        projected = gradient - turn * (turn * gradient).sum(axis=0)
        steepness = float((projected**2).sum())
        if steepness <= tolerance**2:
            break
        for _ in range(HALVINGS):
            trial = turn - step * projected
            trial /= np.sqrt((trial**2).sum(axis=0))
            new_value, new_gradient = _oblimin_criterion(loadings, trial, gamma)
            if new_value <= value - 0.5 * steepness * step:
                break
            step /= 2
        moved, bent = trial - turn, new_gradient - gradient
        turn, value, gradient = trial, new_value, new_gradient
        curvature = float((moved * bent).sum())
        step = min(float((moved**2).sum()) / curvature, LARGEST_STEP) if curvature > 0 else 2 * step
    return turn


def _oblimin_criterion(loadings: Floats, turn: Floats, gamma: float) -> tuple[float, Floats]:
    # The criterion and its gradient by the turn (Bernaards and Jennrich, 2005).
    inverse = np.linalg.inv(turn)
    pattern = loadings @ inverse.T
    squares = pattern**2
    others = squares.sum(axis=1, keepdims=True) - squares
    if gamma:
        others = others - gamma * others.mean(axis=0)
    slope = pattern * others
    return float((squares * others).sum()) / 4, -(pattern.T @ slope @ inverse).T
