"""How well logged scores told likes from passes, from histograms alone: figures that outlive the rows they come from.

A histogram counts scores between 0 and 1 in a thousand bins of equal width. From one of the scores that were followed
by a like and one of those followed by a pass come AUC, precision, recall, F1 and calibration, each with an interval.

**What is resampled.** Every answer on its own: a bootstrap sample takes each answer Poisson(1) times, so that a bin of
c answers holds Poisson(c) of them in the sample, and the numbers of likes and passes vary as well. The interval goes
from the 2.5th to the 97.5th percentile of the samples. Answers of one person count as independent, which they are not
quite: intervals of few very busy people are too narrow.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import binom

from ml.metric_formulae import areas, rates

Floats = NDArray[np.float64]
Counts = NDArray[np.uint32]

N_BINS = 1000
N_RESAMPLES = 200
INTERVAL = (0.025, 0.975)
# Up to so many bins that hold something are resampled one by one; above, ten neighbours count as one.
MOST_RESAMPLED = 200
MERGED = 10
LIST_LENGTH = 12
# Half of all likeness between strangers is farther from 0 than this; logits of doubles end at the other.
STRETCH, FARTHEST = 80.0, 700.0


@dataclass(frozen=True)
class Estimate:
    """A figure, what it rests on, and between which values it lies with 95 % probability.

    Attributes
    ----------
    value, low, high : float or None
        None where there is nothing to compute them from.
    n : int
        How many answers, lists or impressions it rests on.
    """

    value: float | None
    low: float | None
    high: float | None
    n: int


@dataclass(frozen=True)
class Calibration:
    """What was predicted and what happened, in one range of scores.

    Attributes
    ----------
    predicted : float
        Mean score.
    liked : Estimate
        Share that was liked.
    """

    predicted: float
    liked: Estimate


def binned(scores: ArrayLike) -> Counts:
    """Return how many scores lie in each bin; 1 belongs to the last.

    Parameters
    ----------
    scores : array_like, shape (m,)
        Between 0 and 1.

    Returns
    -------
    ndarray of uint32, shape (1000,)
        Bin k holds what lies from k / 1000 to below (k + 1) / 1000.

    Raises
    ------
    ValueError
        When a score lies outside 0 to 1 or is not a number.

    Notes
    -----
    O(m).

    Examples
    --------
    >>> np.flatnonzero(binned([0.0005, 0.9995, 1.0])).tolist()
    [0, 999]
    """
    return np.bincount(bins_of(scores), minlength=N_BINS).astype(np.uint32)


def bins_of(scores: ArrayLike) -> NDArray[np.intp]:
    """Return in which bin each score lies.

    Parameters
    ----------
    scores : array_like, shape (m,)
        Between 0 and 1.

    Returns
    -------
    ndarray of intp, shape (m,)
        From 0 to 999.

    Raises
    ------
    ValueError
        When a score lies outside 0 to 1 or is not a number.
    """
    values = np.asarray(scores, dtype=np.float64)
    if not ((values >= 0) & (values <= 1)).all():
        raise ValueError("A score lies outside 0 to 1.")
    # A thousandth is not exact in binary: what lies a rounding error below an edge belongs above it.
    return np.minimum((values * N_BINS + 1e-9).astype(np.intp), N_BINS - 1)


def stretched(logits: ArrayLike) -> Floats:
    """Return logits over a very wide range as scores from 0 to 1 that keep their order.

    Likeness reaches from -500 to 50, where a probability is 0 or 1 to any bin; it orders people and is no probability.

    Parameters
    ----------
    logits : array_like, shape (m,)
        Log-likelihood ratios; infinite ones count as the farthest.

    Returns
    -------
    ndarray of float64, shape (m,)
        0 becomes one half, 80 becomes three quarters; a bin near the middle is .16 wide.

    Notes
    -----
    ``(1 + x / (|x| + 80)) / 2``, O(m).

    Examples
    --------
    >>> stretched([-80.0, 0.0, 240.0]).tolist()
    [0.25, 0.5, 0.875]
    """
    values = np.clip(np.asarray(logits, dtype=np.float64), -FARTHEST, FARTHEST)
    return np.asarray((1 + values / (np.abs(values) + STRETCH)) / 2)


def threshold_bin(threshold: float) -> int:
    """Return the first bin in which a like is predicted.

    Parameters
    ----------
    threshold : float
        Between 0 and 1; at or above it a like is predicted.

    Returns
    -------
    int
        The bin that begins at the threshold or holds it. Thresholds are kept in thousandths, so that it begins there.

    Examples
    --------
    >>> threshold_bin(0.42)
    420
    """
    return int(bins_of([threshold])[0])


def area_under_curve(likes: ArrayLike, passes: ArrayLike, *, seed: int = 0) -> Estimate:
    """Return the probability that somebody liked was scored above somebody passed, a tie counting half.

    Parameters
    ----------
    likes, passes : array_like of int, shape (k,)
        Histograms of the scores; two scores in one bin are a tie.
    seed : int
        Of the resamples.

    Returns
    -------
    Estimate
        Without a value where one of the two kinds is missing.

    Raises
    ------
    ValueError
        When the histograms differ in length or a count is negative.

    Notes
    -----
    O(k) for the value, O(r k) for r resamples.

    Examples
    --------
    >>> area_under_curve([0, 1, 3], [2, 1, 0]).value
    0.9583333333333334
    """
    positives, negatives = _pair(likes, passes)
    n = int(positives.sum() + negatives.sum())
    if not positives.sum() or not negatives.sum():
        return Estimate(None, None, None, n)
    value = areas(positives[np.newaxis], negatives[np.newaxis])[0]
    occupied = positives + negatives > 0
    if occupied.sum() > MOST_RESAMPLED:
        positives, negatives = _merged(positives), _merged(negatives)
        occupied = positives + negatives > 0
    # Merging makes a few more ties, so the spread is taken around the value of the merged bins.
    shift = value - areas(positives[np.newaxis], negatives[np.newaxis])[0]
    rng = np.random.default_rng(seed)
    samples = areas(*(_resampled(counts[occupied], rng) for counts in (positives, negatives)))
    return _estimate(float(value), samples + shift, n)


def outcomes(likes: ArrayLike, passes: ArrayLike, first_bin: int) -> NDArray[np.int64]:
    """Return what becomes of predicting a like from a score on.

    Parameters
    ----------
    likes, passes : array_like of int, shape (k,)
        Histograms of the scores.
    first_bin : int
        From this bin on a like is predicted; see :func:`threshold_bin`.

    Returns
    -------
    ndarray of int64, shape (4,)
        Likes predicted, passes predicted to be likes, likes missed, passes told. Outcomes of models with thresholds of
        their own may be added up.

    Raises
    ------
    ValueError
        When the histograms differ in length or a count is negative.

    Examples
    --------
    >>> outcomes([0, 1, 3], [2, 1, 0], 1).tolist()
    [4, 1, 0, 2]
    """
    positives, negatives = _pair(likes, passes)
    predicted = np.arange(len(positives)) >= first_bin
    parts = (positives[predicted], negatives[predicted], positives[~predicted], negatives[~predicted])
    return np.array([int(part.sum()) for part in parts], dtype=np.int64)


def classification(outcomes: ArrayLike, *, seed: int = 0) -> dict[str, Estimate]:
    """Return how good predicted likes are.

    Parameters
    ----------
    outcomes : array_like of int, shape (4,)
        See :func:`outcomes`.
    seed : int
        Of the resamples.

    Returns
    -------
    dict of str to Estimate
        ``precision``, the share of likes among the predicted ones; ``recall``, the share of the likes that was
        predicted; ``f1``, the harmonic mean of both. Without a value where the denominator is 0.

    Raises
    ------
    ValueError
        When a count is negative.

    Notes
    -----
    All three need but the sums of bins, and a sum of Poisson numbers is one: O(r) for r resamples.

    Examples
    --------
    >>> classification([4, 1, 0, 2])["precision"].value
    0.8
    """
    counts = _counts(outcomes)
    found = rates(*counts[:3, np.newaxis])
    samples = rates(*_resampled(counts, np.random.default_rng(seed)).T[:3])
    return {name: _estimate(_single(found[name]), values, int(counts.sum())) for name, values in samples.items()}


def calibration(likes: ArrayLike, passes: ArrayLike, *, n_ranges: int = 10) -> list[Calibration]:
    """Return what share was liked in each range of scores, beside the mean score there.

    Parameters
    ----------
    likes, passes : array_like of int, shape (k,)
        Histograms of the scores.
    n_ranges : int
        Ranges of equal width; k is a multiple of it.

    Returns
    -------
    list of Calibration
        Of the ranges that hold something, from low to high.

    Raises
    ------
    ValueError
        When the histograms differ in length or a count is negative.

    Examples
    --------
    >>> [(point.predicted, point.liked.value) for point in calibration([0, 0, 0, 3], [1, 0, 0, 1], n_ranges=2)]
    [(0.125, 0.0), (0.875, 0.75)]
    """
    positives, negatives = _pair(likes, passes)
    centres = (np.arange(len(positives)) + 0.5) / len(positives)
    curve = []
    for rows in np.split(np.arange(len(positives)), n_ranges):
        liked, total = positives[rows], positives[rows] + negatives[rows]
        if n := int(total.sum()):
            curve.append(Calibration(float(total @ centres[rows] / n), rate(int(liked.sum()), n)))
    return curve


def rate(part: int, whole: int) -> Estimate:
    """Return a share with the interval of its bootstrap.

    Parameters
    ----------
    part, whole : int
        How many of how many.

    Returns
    -------
    Estimate
        Resampling n rows of which a share p counts gives Binomial(n, p) / n: its quantiles are exact, nothing is drawn.

    Raises
    ------
    ValueError
        When the part is negative or larger than the whole.

    Examples
    --------
    >>> rate(10, 40)
    Estimate(value=0.25, low=0.125, high=0.4, n=40)
    """
    if not 0 <= part <= whole:
        raise ValueError(f"{part} is no part of {whole}.")
    if not whole:
        return Estimate(None, None, None, 0)
    low, high = (float(binom.ppf(level, whole, part / whole)) / whole for level in INTERVAL)
    return Estimate(part / whole, low, high, whole)


def precision_at(lists_by_likes: ArrayLike, *, length: int = LIST_LENGTH, seed: int = 0) -> Estimate:
    """Return the share of a list's slots that were liked, over all lists.

    Parameters
    ----------
    lists_by_likes : array_like of int, shape (length + 1,)
        How many lists had no like, one like, and so on.
    length : int
        Slots of a list; a shorter list counts its empty slots as not liked.
    seed : int
        Of the resamples, which take whole lists.

    Returns
    -------
    Estimate
        n is the number of lists.

    Raises
    ------
    ValueError
        When there are not as many counts as there can be likes, or one is negative.

    Examples
    --------
    >>> precision_at([1, 0, 1], length=2).value
    0.5
    """
    lists = _counts(lists_by_likes)
    if len(lists) != length + 1:
        raise ValueError(f"{len(lists)} counts, where lists of {length} slots have {length + 1}.")
    shares, n = np.arange(length + 1) / length, int(lists.sum())
    if not n:
        return Estimate(None, None, None, 0)
    samples = _resampled(lists, np.random.default_rng(seed))
    totals = samples.sum(axis=1)
    means = np.divide(samples @ shares, totals, out=np.full(len(samples), np.nan), where=totals > 0)
    return _estimate(float(lists @ shares / n), means, n)


def _counts(histogram: ArrayLike) -> NDArray[np.int64]:
    counts = np.asarray(histogram).astype(np.int64)
    if counts.ndim != 1 or (counts < 0).any():
        raise ValueError("A histogram is one row of counts, none of them negative.")
    return counts


def _pair(likes: ArrayLike, passes: ArrayLike) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    positives, negatives = _counts(likes), _counts(passes)
    if positives.shape != negatives.shape:
        raise ValueError(f"Histograms of {len(positives)} and of {len(negatives)} bins do not go together.")
    return positives, negatives


def _merged(counts: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.asarray(np.add.reduceat(counts, np.arange(0, len(counts), MERGED)))


def _resampled(counts: NDArray[np.int64], rng: np.random.Generator) -> Floats:
    return rng.poisson(counts, size=(N_RESAMPLES, len(counts))).astype(np.float64)


def _single(values: Floats) -> float | None:
    return None if np.isnan(values[0]) else float(values[0])


def _estimate(value: float | None, samples: Floats, n: int) -> Estimate:
    # Return a figure with the interval of its resamples, those aside that came out without a denominator.
    drawn = samples[~np.isnan(samples)]
    if value is None or not drawn.size:
        return Estimate(None, None, None, n)
    low, high = np.quantile(drawn, INTERVAL)
    return Estimate(value, float(max(low, 0.0)), float(min(high, 1.0)), n)
