"""What an answer says: the five steps of an item as standard normal scores instead of the numbers 1 to 5."""

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from ml.correlations import Floats
from ml.responses import HIGHEST_ANSWER

# No answer is held to be rarer: one that nobody gave still needs a score.
LEAST_SHARE = 1e-6


def answer_shares(answers: NDArray[np.int8], weights: Floats | None = None) -> Floats:
    """Return how often each answer is given to each item.

    Parameters
    ----------
    answers : ndarray of int8, shape (n, p)
        1 to 5; 0 = missed. Each item is answered by somebody.
    weights : ndarray of float64, shape (n,), optional
        What each row counts; default 1.

    Returns
    -------
    ndarray of float64, shape (p, 5)
        Rows add up to 1.

    Examples
    --------
    >>> answer_shares(np.array([[1], [5], [5], [0]], dtype=np.int8)).round(3).tolist()
    [[0.333, 0.0, 0.0, 0.0, 0.667]]
    """
    weight = np.ones(len(answers)) if weights is None else weights
    chosen = np.stack([weight @ (answers == answer) for answer in range(1, HIGHEST_ANSWER + 1)], axis=1)
    return np.asarray(chosen / chosen.sum(axis=1, keepdims=True))


def normal_scores(shares: Floats) -> Floats:
    """Return what each answer is expected to say if a normal attitude, cut into five steps, lies behind it.

    A standard normal variable is cut so that its parts have the shares of the answers; the score of an answer is the
    mean of its part, ``(density(lower cut) - density(upper cut)) / share``. An extreme answer that many give says less
    than one that few give, which equal steps cannot express.

    Parameters
    ----------
    shares : ndarray of float64, shape (p, m)
        How often each answer is given; rows add up to 1.

    Returns
    -------
    ndarray of float64, shape (p, m)
        Rising along each row; among people with these shares each item has mean 0 and variance 1.

    Notes
    -----
    Where an item's answers have equal intervals on the normal scale the scores are as far apart as the numbers.

    Examples
    --------
    >>> normal_scores(np.array([[0.5, 0.5]])).round(3).tolist()
    [[-1.0, 1.0]]
    """
    known = np.maximum(shares, LEAST_SHARE)
    known = known / known.sum(axis=1, keepdims=True)
    cuts = ndtri(np.cumsum(known, axis=1)[:, :-1])
    density = np.pad(np.exp(-(cuts**2) / 2) / np.sqrt(2 * np.pi), ((0, 0), (1, 1)))
    means = -np.diff(density, axis=1) / known
    return np.asarray(means / np.sqrt((known * means**2).sum(axis=1, keepdims=True)))


def score(answers: NDArray[np.int8], scores: Floats) -> Floats:
    """Put each answer's score in its place.

    Parameters
    ----------
    answers : ndarray of int8, shape (n, p)
        1 to m; 0 = missed.
    scores : ndarray of float64, shape (p, m)
        Of each item's answers.

    Returns
    -------
    ndarray of float64, shape (n, p)
        0, the mean, where an answer is missed.

    Examples
    --------
    >>> score(np.array([[2, 0]], dtype=np.int8), np.array([[-1.0, 1.0], [-1.0, 1.0]])).tolist()
    [[1.0, 0.0]]
    """
    table = np.pad(scores, ((0, 0), (1, 0)))
    return np.asarray(table[np.arange(len(scores)), answers])
