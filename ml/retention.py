"""How many factors to keep: parallel analysis, Velicer's MAP and what two halves of the people have in common."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ml import factors
from ml.correlations import Floats, moments

# Random eigenvalues are exceeded when more than this share of draws lies below.
PARALLEL_LEVEL = 0.95
# Tucker's congruence from which two factors count as the same one.
REPRODUCED = 0.95
HALVES_TOLERANCE = 1e-4
# An item of which the components leave less than this is explained, and its partial correlations are rounding.
LEAST_LEFT = 1e-6
# Below so many people for each item, halves differ because they are small.
PEOPLE_PER_ITEM = 10


def random_eigenvalues(n_people: float, n_items: int, *, n_draws: int, rng: np.random.Generator) -> Floats:
    """Return how large the eigenvalues of correlations get when no two items have anything in common.

    The products of random normal answers follow a Wishart distribution, which is drawn directly (Bartlett's
    decomposition): no answers are ever made, so the cost does not depend on the number of people.

    Parameters
    ----------
    n_people : float
        People behind the correlations; more than items.
    n_items : int
        Number of items.
    n_draws : int
        Random matrices.
    rng : numpy.random.Generator
        Source of randomness.

    Returns
    -------
    ndarray of float64, shape (n_items,)
        The 95th percentile of the largest, the second largest eigenvalue, and so on.

    Raises
    ------
    ValueError
        When there are not more people than items.

    Notes
    -----
    O(n_draws p^3). Horn (1965), Psychometrika 30; the percentile instead of the mean after Glorfeld (1995).

    Examples
    --------
    >>> random_eigenvalues(1000, 3, n_draws=200, rng=np.random.default_rng(0)).round(1).tolist()
    [1.1, 1.0, 1.0]
    """
    if n_people <= n_items:
        raise ValueError(f"{n_people:.0f} people are too few for the random correlations of {n_items} items.")
    triangles = np.tril(rng.standard_normal((n_draws, n_items, n_items)), -1)
    freedom = n_people - 1 - np.arange(n_items)
    diagonal = np.arange(n_items)
    triangles[:, diagonal, diagonal] = np.sqrt(rng.chisquare(freedom, size=(n_draws, n_items)))
    # Rows of length one make the products correlations.
    triangles /= np.sqrt((triangles**2).sum(axis=2, keepdims=True))
    values = np.linalg.eigvalsh(triangles @ triangles.transpose(0, 2, 1))[:, ::-1]
    return np.asarray(np.quantile(values, PARALLEL_LEVEL, axis=0))


def parallel_number(eigenvalues: Floats, random: Floats) -> int:
    """Return how many of the largest eigenvalues are above the random ones, up to the first that is not.

    Parameters
    ----------
    eigenvalues, random : ndarray of float64, shape (p,)
        Falling; found, and expected without common factors.

    Returns
    -------
    int
        0 to p.

    Examples
    --------
    >>> parallel_number(np.array([2.0, 0.6, 0.4]), np.array([1.2, 1.0, 0.3]))
    1
    """
    below = np.flatnonzero(eigenvalues <= random)
    return int(below[0]) if len(below) else len(eigenvalues)


def minimum_average_partial(correlations: Floats) -> Floats:
    """Return the mean squared partial correlation of the items after the first m components are taken out.

    While components are shared by items, taking them out lowers it; what is shared no more raises it. Its minimum is
    Velicer's number of factors.

    Parameters
    ----------
    correlations : ndarray of float64, shape (p, p)
        Positive definite, ones on the diagonal.

    Returns
    -------
    ndarray of float64, shape (p - 1,)
        Entry m for m components, from none on; 1, the most there is, from where some item is explained entirely.

    Notes
    -----
    O(p^3). Velicer (1976), Psychometrika 41.

    Examples
    --------
    >>> two_groups = np.kron(np.eye(2), np.full((4, 4), 0.6)) + 0.4 * np.eye(8)
    >>> int(minimum_average_partial(two_groups).argmin())
    2
    """
    n_items = len(correlations)
    values, vectors = np.linalg.eigh(correlations)
    left, averages = correlations.copy(), np.ones(n_items - 1)
    for m in range(n_items - 1):
        variances = np.diag(left)
        if variances.min() < LEAST_LEFT:
            break
        partial = left / np.sqrt(np.outer(variances, variances))
        averages[m] = ((partial**2).sum() - n_items) / (n_items * (n_items - 1))
        component = vectors[:, -1 - m]
        left -= values[-1 - m] * np.outer(component, component)
    return averages


def halves_in_common(
    answers: NDArray[np.int8], *, weights: Floats | None, numbers: Sequence[int], rng: np.random.Generator
) -> list[dict[str, float]]:
    """Return how alike the factors of two random halves of the people are, for several numbers of factors.

    Minres and oblimin in each half alone; factors are paired so that their congruences add up to the most.

    Parameters
    ----------
    answers : ndarray of int8, shape (n, p)
        1 to 5; 0 = missed.
    weights : ndarray of float64, shape (n,), optional
        One a row.
    numbers : sequence of int
        Numbers of factors, rising.
    rng : numpy.random.Generator
        Draws the halves.

    Returns
    -------
    list of dict
        For each number ``k``, ``least`` and ``mean``: Tucker's congruence of the pairs. Empty when there are fewer
        than 20 people for each item.

    Notes
    -----
    O(n p^2), and for each number two extractions and two rotations.
    """
    n, n_items = answers.shape
    if n < 2 * PEOPLE_PER_ITEM * n_items:
        return []
    order = rng.permutation(n)
    halves = [
        moments(answers[part], None if weights is None else weights[part]).correlations
        for part in (order[: n // 2], order[n // 2 :])
    ]
    rows = []
    for k in numbers:
        first, second = (_oblique(half, k) for half in halves)
        alike = np.abs(factors.congruence(first, second))[np.arange(k), factors.match_factors(first, second)]
        rows.append({"k": k, "least": round(float(alike.min()), 4), "mean": round(float(alike.mean()), 4)})
    return rows


def _oblique(correlations: Floats, k: int) -> Floats:
    return factors.oblimin(factors.minres(correlations, k).loadings, tolerance=HALVES_TOLERANCE)[0]


def retention(
    correlations: Floats, n_people: float, *, halves: list[dict[str, float]], n_draws: int, rng: np.random.Generator
) -> dict[str, Any]:
    """Return what each criterion says about the number of factors.

    Parameters
    ----------
    correlations : ndarray of float64, shape (p, p)
        Positive definite, ones on the diagonal.
    n_people : float
        People behind them.
    halves : list of dict
        From :func:`halves_in_common`.
    n_draws : int
        Random matrices for the parallel analysis.
    rng : numpy.random.Generator
        Source of randomness.

    Returns
    -------
    dict
        ``kaiser``; ``parallel`` with its number and random eigenvalues; ``map`` with its number and averages;
        ``halves`` with the last number whose factors all come back (None when none does) and the rows; JSON-able.
    """
    random = random_eigenvalues(n_people, len(correlations), n_draws=n_draws, rng=rng)
    partial = minimum_average_partial(correlations)
    reproduced = [int(row["k"]) for row in halves if row["least"] >= REPRODUCED]
    return {
        "kaiser": factors.kaiser_number(correlations),
        "parallel": {
            "number": parallel_number(np.asarray(np.linalg.eigvalsh(correlations)[::-1]), random),
            "eigenvalues": random.round(4).tolist(),
        },
        "map": {"number": int(partial.argmin()), "averages": partial.round(6).tolist()},
        "halves": {"number": max(reproduced, default=None), "congruence": REPRODUCED, "per_k": halves},
    }
