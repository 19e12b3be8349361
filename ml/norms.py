"""Norms: what the people of the norms scored, and the five global factors of their scales."""

import numpy as np

from ml import factors
from ml.correlations import Floats, positive_definite
from ml.items import GLOBAL_FACTORS, N_SCALES, SCALES

PERCENTILES = np.linspace(0, 1, 101)
# Scores that differ only after so many decimals differ by rounding alone.
TIES = 9


def weighted_quantiles(values: Floats, weights: Floats, shares: Floats) -> Floats:
    """Return the values below which given shares of the weight lie.

    Parameters
    ----------
    values, weights : ndarray of float64, shape (n,)
        Observations and what each counts, above 0.
    shares : ndarray of float64, shape (m,)
        0 to 1.

    Returns
    -------
    ndarray of float64, shape (m,)
        Interpolated; with equal weights these are numpy's own quantiles.

    Examples
    --------
    >>> weighted_quantiles(np.array([3.0, 1.0, 2.0]), np.ones(3), np.array([0, 0.5, 0.75])).tolist()
    [1.0, 2.0, 2.5]
    """
    order = np.argsort(values, kind="stable")
    ordered, weight = values[order], weights[order]
    position = np.cumsum(weight) - weight / 2
    span = position[-1] - position[0]
    position = (position - position[0]) / span if span > 0 else np.zeros_like(position)
    return np.interp(shares, position, ordered)


def quantile_tables(values: Floats, weights: Floats) -> Floats:
    """Return the percentiles of each column.

    Parameters
    ----------
    values : ndarray of float64, shape (n, s)
        One row a person.
    weights : ndarray of float64, shape (n,)
        What each counts.

    Returns
    -------
    ndarray of float64, shape (s, 101)
        From 0 % to 100 %, never falling.

    Examples
    --------
    >>> quantile_tables(np.array([[0.0], [1.0]]), np.ones(2))[0, [0, 25, 100]].tolist()
    [0.0, 0.25, 1.0]
    """
    return np.stack([weighted_quantiles(column, weights, PERCENTILES) for column in values.T])


def percentile_of(values: Floats, quantiles: Floats) -> Floats:
    """Return where values stand among the norms.

    Parameters
    ----------
    values : ndarray of float64, shape (n, s)
        One column a scale.
    quantiles : ndarray of float64, shape (s, 101)
        The norms' quantiles from 0 % to 100 %, never falling.

    Returns
    -------
    ndarray of float64, shape (n, s)
        0 to 100; a value that many norms share gets the middle of their percentiles.

    Examples
    --------
    >>> table = np.array([np.arange(101.0)])
    >>> percentile_of(np.array([[25.5], [500.0]]), table).tolist()
    [[25.5], [100.0]]
    """
    steps = np.linspace(0, 100, quantiles.shape[1])
    percentiles = np.empty(values.shape)
    for column, table in enumerate(quantiles):
        known, first = np.unique(table.round(TIES), return_index=True)
        last = np.append(first[1:], len(table)) - 1
        below = np.interp(values[:, column], known, steps[first])
        above = np.interp(values[:, column], known, steps[last])
        percentiles[:, column] = (below + above) / 2
    return percentiles


def global_pattern() -> Floats:
    """Return what Cattell's theory expects: which scales belong to which global factor.

    Returns
    -------
    ndarray of float64, shape (16, 5)
        1, -1 or 0.

    Examples
    --------
    >>> global_pattern()[:, 0].astype(int).tolist()
    [1, 0, 0, 0, 1, 0, 1, 0, 0, 0, -1, 0, 0, -1, 0, 0]
    """
    letters = [scale.letter for scale in SCALES]
    pattern = np.zeros((N_SCALES, len(GLOBAL_FACTORS)))
    for column, factor in enumerate(GLOBAL_FACTORS):
        for letter, sign in factor.pattern:
            pattern[letters.index(letter), column] = sign
    return pattern


def global_factors(scales: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """Take the five second-order factors out of the scales, each nearest to the pattern that names it.

    Five factors by minimum residuals, turned as one towards Cattell's pattern; scores by regression.

    Parameters
    ----------
    scales : ndarray of float64, shape (n, 16)
        Standardised scales of the people of the norms.
    weights : ndarray of float64, shape (n,)
        What each counts.

    Returns
    -------
    score_weights : ndarray of float64, shape (5, 16)
        From standardised scales to standardised global factors.
    loadings : ndarray of float64, shape (16, 5)
        Of the scales on the factors.
    """
    correlations = positive_definite(np.cov(scales.T, aweights=weights, ddof=0))
    loadings = factors.minres(correlations, len(GLOBAL_FACTORS)).loadings
    turned = np.asarray(loadings @ factors.procrustes(loadings, global_pattern()))
    score_weights = np.linalg.solve(correlations, turned).T
    spread = np.sqrt(np.einsum("gs,st,gt->g", score_weights, correlations, score_weights))
    return np.asarray(score_weights / spread[:, np.newaxis]), turned
