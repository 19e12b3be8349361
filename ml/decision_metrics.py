"""How well scores predict decisions, with every row counted by a weight: one row of weights a resample.

All metrics take ``weights`` of shape (r, m), r resamples of m rows, and return r values. The first resample usually
counts every row once, so its value is the metric itself; the others are the bootstrap.
"""

import numpy as np
from numpy.typing import NDArray

from ml.preference_model import Floats, Indices

Truths = NDArray[np.bool_]
N_BINS = 10


def area_under_curve(scores: Floats, liked: Truths, weights: Floats) -> Floats:
    """Return the probability that somebody liked is scored above somebody passed, ties counting half.

    Parameters
    ----------
    scores : ndarray, shape (m,)
        Higher is better.
    liked : ndarray of bool, shape (m,)
        What was said.
    weights : ndarray, shape (r, m)
        How often each row counts in each resample.

    Returns
    -------
    ndarray, shape (r,)
        0.5 where one of the two kinds is missing.

    Notes
    -----
    One sort for all resamples, O(m log m + r m).

    Examples
    --------
    >>> area_under_curve(np.array([3.0, 1.0, 2.0]), np.array([True, False, True]), np.ones((1, 3))).tolist()
    [1.0]
    """
    if not len(scores):
        return np.full(len(weights), 0.5)
    order = np.argsort(scores, kind="stable")
    starts = np.flatnonzero(np.append(True, np.diff(scores[order]) > 0))
    likes = np.add.reduceat(weights[:, order] * liked[order], starts, axis=1)
    passes = np.add.reduceat(weights[:, order] * ~liked[order], starts, axis=1)
    below = np.cumsum(passes, axis=1) - passes / 2
    pairs = likes.sum(axis=1) * passes.sum(axis=1)
    won = (likes * below).sum(axis=1)
    return np.asarray(np.divide(won, pairs, out=np.full(len(weights), 0.5), where=pairs > 0))


def best_threshold(scores: Floats, liked: Truths) -> float:
    """Return the score at or above which a like is predicted, where F1 is best.

    Parameters
    ----------
    scores : ndarray, shape (m,)
        Higher is better.
    liked : ndarray of bool, shape (m,)
        What was said.

    Returns
    -------
    float
        The lowest such score.

    Examples
    --------
    >>> best_threshold(np.array([0.9, 0.6, 0.2]), np.array([True, True, False]))
    0.6
    """
    order = np.argsort(-scores, kind="stable")
    right = np.cumsum(liked[order])
    f1 = 2 * right / (np.arange(1, len(scores) + 1) + liked.sum())
    # Equal scores are predicted together: only the last of them can be a threshold.
    is_last = np.append(np.diff(scores[order]) != 0, True)
    return float(scores[order][is_last][np.argmax(f1[is_last])])


def area_by_chooser(scores: Floats, liked: Truths, actors: Indices, weights: Floats) -> Floats:
    """Return the mean of the areas under the curves of single choosers who did both, like and pass.

    Parameters
    ----------
    scores : ndarray, shape (m,)
        Higher is better.
    liked : ndarray of bool, shape (m,)
        What was said.
    actors : ndarray of intp, shape (m,)
        Who said it.
    weights : ndarray, shape (r, m)
        The weight of a chooser is that of their first row: whole choosers are resampled.

    Returns
    -------
    ndarray, shape (r,)
        0.5 without any such chooser.
    """
    areas, firsts = [], []
    order = np.argsort(actors, kind="stable")
    for rows in np.split(order, np.flatnonzero(np.diff(actors[order])) + 1):
        if rows.size and 0 < liked[rows].sum() < len(rows):
            areas.append(area_under_curve(scores[rows], liked[rows], np.ones((1, len(rows))))[0])
            firsts.append(rows[0])
    return _mean(np.array(areas), weights[:, np.array(firsts, dtype=np.intp)], 0.5)


def classification(predicted: Truths, liked: Truths, weights: Floats) -> dict[str, Floats]:
    """Return F1, precision and recall of predicted likes.

    Returns
    -------
    dict of ndarray, shape (r,)
        0 where nothing is predicted, or nothing is there.

    Examples
    --------
    >>> found = classification(np.array([True, True]), np.array([True, False]), np.ones((1, 2)))
    >>> {name: round(float(value[0]), 3) for name, value in found.items()}
    {'f1': 0.667, 'precision': 0.5, 'recall': 1.0}
    """
    right = weights @ (predicted & liked).astype(np.float64)
    n_predicted, n_liked = weights @ predicted.astype(np.float64), weights @ liked.astype(np.float64)
    return {
        "f1": _ratio(2 * right, n_predicted + n_liked),
        "precision": _ratio(right, n_predicted),
        "recall": _ratio(right, n_liked),
    }


def log_loss(probabilities: Floats, liked: Truths, weights: Floats) -> Floats:
    """Return the mean of minus the logarithm of the probability of what was said, in nats.

    Returns
    -------
    ndarray, shape (r,)
        Probabilities are kept 1e-6 away from 0 and 1.
    """
    p = np.clip(probabilities, 1e-6, 1 - 1e-6)
    return _mean(-np.log(np.where(liked, p, 1 - p)), weights, 0.0)


def calibration_error(probabilities: Floats, liked: Truths, weights: Floats) -> Floats:
    """Return how far probabilities lie from rates, in ten bins of equal width: the mean distance, bins by their weight.

    Returns
    -------
    ndarray, shape (r,)
        Between 0 and 1.
    """
    bins = np.minimum((probabilities * N_BINS).astype(np.intp), N_BINS - 1)
    is_in = (bins[:, np.newaxis] == np.arange(N_BINS)).astype(np.float64)
    distance = np.abs(weights @ (is_in * (probabilities - liked)[:, np.newaxis]))
    return _ratio(distance.sum(axis=1), weights.sum(axis=1))


def ranked_lists(scores: Floats, matched: Truths, owners: Indices, weights: Floats) -> dict[str, Floats]:
    """Return how good the heads of single people's lists are.

    Parameters
    ----------
    scores : ndarray, shape (m,)
        Of each candidate of each person; ties are broken by the order of the rows.
    matched : ndarray of bool, shape (m,)
        Whether it became a match.
    owners : ndarray of intp, shape (m,)
        Whose candidate it is.
    weights : ndarray, shape (r, m)
        The weight of a person is that of their first row.

    Returns
    -------
    dict of ndarray, shape (r,)
        ``p_at_3``: share of matches among the first three, over all people; ``r_at_3``: share of a person's matches
        that stand there, and ``ndcg_at_5`` with a gain of 1 a match, both over people with a match. 0 without any.
    """
    p_at_3, of_all, r_at_3, ndcg, of_matched = [], [], [], [], []
    discounts = 1 / np.log2(np.arange(2, 7))
    order = np.argsort(owners, kind="stable")
    for rows in np.split(order, np.flatnonzero(np.diff(owners[order])) + 1):
        if not rows.size:
            continue
        found = matched[rows][np.argsort(-scores[rows], kind="stable")]
        p_at_3.append(found[:3].mean())
        of_all.append(rows[0])
        if n_matches := int(found.sum()):
            r_at_3.append(found[:3].sum() / n_matches)
            ndcg.append(found[:5] @ discounts[: len(found)] / discounts[:n_matches].sum())
            of_matched.append(rows[0])
    everybody, some = (weights[:, np.array(rows, dtype=np.intp)] for rows in (of_all, of_matched))
    return {
        "p_at_3": _mean(np.array(p_at_3), everybody, 0.0),
        "r_at_3": _mean(np.array(r_at_3), some, 0.0),
        "ndcg_at_5": _mean(np.array(ndcg), some, 0.0),
    }


def _mean(values: Floats, weights: Floats, otherwise: float) -> Floats:
    total = weights.sum(axis=1)
    return np.asarray(np.divide(weights @ values, total, out=np.full(len(weights), otherwise), where=total > 0))


def _ratio(part: Floats, whole: Floats) -> Floats:
    return np.asarray(np.divide(part, whole, out=np.zeros(len(whole)), where=whole > 0))
