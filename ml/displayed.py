"""What may be said of two people before they match: one blurred score that is a sum over few scales, and its words."""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr, ndtri

from ml.items import N_ITEMS, SCALES
from ml.measurement import MeasurementModel
from ml.norms import PERCENTILES

Floats = NDArray[np.float64]

# Scales that people do not mind being known for, at either end. Whoever adds a letter adds two sentences for it too.
# Never among them: calm, vigilance, apprehension and tension, which make up the global factor of anxiety.
SAYABLE_LETTERS = ("A", "B", "D", "E", "F", "G", "H", "J", "K", "M", "N", "O")
SAYABLE = tuple(index for index, scale in enumerate(SCALES) if scale.letter in SAYABLE_LETTERS)
MOST_REASONS = 3
# Standard deviation of what is added to each scale of another person, in standard deviations of the scale.
NOISE_SD = 0.6
# How far from the middle, in standard deviations of what is compared, counts as clearly on one side.
CLEARLY = 0.5
# Share of random pairs below each of the cuts between the five labels.
LABEL_SHARES = (0.5, 0.8, 0.95, 0.99)
N_LABELS = len(LABEL_SHARES) + 1
# Below this much on either side nobody is called very close: the answers that are missing could still say otherwise.
TOP_LABEL_FROM_ANSWERS = N_ITEMS // 2
# Alpha is an estimate: it can fall below 0, and reach 1 where all answers are alike.
MOST_RELIABLE = 0.99
N_RANDOM_PAIRS = 40_000
SEED = 163

OPEN, FAIR, STRONG = 0, 1, 2
# Shares of the viewer's eligible people who are less likely to like them, and the probability that each word needs.
FAIR_FROM, STRONG_FROM = 0.5, 0.8
FAIR_PROBABILITY, STRONG_PROBABILITY = 0.2, 0.4
# Standard deviation of a logit above which too little is known: at one half it stands for 31 to 69 %.
MOST_UNCERTAIN = 0.8


@dataclass(frozen=True)
class Shown:
    """What is displayed of several people to one viewer, with the sum that it rests on.

    Attributes
    ----------
    scores : ndarray of float64, shape (n,)
        Displayed scores: the sums of the contributions.
    contributions : ndarray of float64, shape (n, 12)
        One column a scale of `SAYABLE`, in its order.
    labels : ndarray of intp, shape (n,)
        1, far, to 5, very close.
    reasons : list of list of (int, int)
        For each person at most three pairs of scale index and side (+1 high, -1 low), the strongest first.
    """

    scores: Floats
    contributions: Floats
    labels: NDArray[np.intp]
    reasons: list[list[tuple[int, int]]]


def noise(keys: Sequence[bytes]) -> Floats:
    """Return the noise that belongs to each of several secret keys: the same key, the same noise, for ever.

    Parameters
    ----------
    keys : sequence of bytes, length n
        One for each person. Who knows a key can take the noise away, so keys are secret and belong to nobody else.

    Returns
    -------
    ndarray of float64, shape (n, 12)
        Independent standard normal numbers, one for each scale of `SAYABLE`.

    Raises
    ------
    ValueError
        When a key is shorter than 16 bytes: it could be guessed.

    Notes
    -----
    The first 64 bits of HMAC-SHA-256 (RFC 2104) of the scale's letter under the key, as a uniform number, through the
    inverse of the normal distribution. A scale that is added or taken away changes nothing for the others. O(n).

    Examples
    --------
    >>> key = bytes(range(32))
    >>> noise([key]).shape, bool((noise([key]) == noise([key])).all())
    ((1, 12), True)
    """
    if any(len(key) < 16 for key in keys):
        raise ValueError("A key of fewer than 16 bytes could be guessed.")
    letters = [SCALES[scale].letter.encode() for scale in SAYABLE]
    drawn = b"".join(hmac.digest(key, letter, "sha256")[:8] for key in keys for letter in letters)
    uniform = (np.frombuffer(drawn, dtype=">u8").astype(np.float64) + 0.5) / 2.0**64
    # The 2048 highest of 2^64 numbers would round to 1, whose quantile is infinite.
    return np.asarray(ndtri(np.minimum(uniform, np.nextafter(1.0, 0.0)))).reshape(len(keys), len(SAYABLE))


def perturbed(scales: ArrayLike, keys: Sequence[bytes], noise_sd: float = NOISE_SD) -> Floats:
    """Return the few scales of people that may be spoken of, each with its person's noise added.

    Parameters
    ----------
    scales : array_like, shape (n, 16)
        Standardised to the norms.
    keys : sequence of bytes, length n
        See `noise`.
    noise_sd : float
        Standard deviation of the noise, in that of the norms.

    Returns
    -------
    ndarray of float64, shape (n, 12)
        Scales outside `SAYABLE` do not enter.

    Raises
    ------
    ValueError
        When there is not one key a person, or a scale is not finite.

    Examples
    --------
    >>> keys = [bytes(32), bytes(range(32))]
    >>> bool(np.allclose(perturbed(np.zeros((2, 16)), keys), 0.6 * noise(keys)))
    True
    """
    rows = _sayable(scales)
    if len(rows) != len(keys):
        raise ValueError(f"{len(rows)} people need as many keys, not {len(keys)}.")
    return np.asarray(rows + noise_sd * noise(keys))


def reliability_of(model: MeasurementModel) -> Floats:
    """Return how reliable a model's scales are.

    Parameters
    ----------
    model : MeasurementModel
        Its ``scale_alphas`` are used.

    Returns
    -------
    ndarray of float64, shape (16,)
        Cronbach's alpha, kept within 0 and 0.99.
    """
    return np.asarray(np.clip(model.scale_alphas, 0.0, MOST_RELIABLE))


def contributions(
    viewer: ArrayLike,
    others: ArrayLike,
    reliability: ArrayLike,
    *,
    unknown: tuple[ArrayLike, ArrayLike] = (0.0, 0.0),
    noise_sd: float = NOISE_SD,
) -> Floats:
    """Return what each scale adds to the displayed scores of one viewer and several others.

    Of a scale of reliability r the viewer's value a and the other's perturbed value b, of variance ``v = 1 + noise^2``,
    have the correlation ``c = r / sqrt(v)`` if both came from one mind and 0 if from two. The contribution is the
    logarithm of the ratio of the two normal densities, expected over what is not answered (variances t and u):

    ``-log(1 - c^2) / 2 + (c a b / sqrt(v) - c^2 (a^2 + t + (b^2 + u) / v) / 2) / (1 - c^2)``

    Parameters
    ----------
    viewer : array_like, shape (16,)
        Standardised scales of the viewer, as they are.
    others : array_like, shape (n, 12)
        Of the others, as `perturbed` returns them.
    reliability : array_like, shape (16,)
        Of the scales, at least 0 and below 1: see `reliability_of`.
    unknown : pair of array_like, shapes (16,) and (n, 16)
        Variance of what the viewer and the others have not answered yet; 0 for complete sheets. Without it, whoever
        answered little would lie near everybody, because nobody expects anything extreme of them.
    noise_sd : float
        What `perturbed` was given.

    Returns
    -------
    ndarray of float64, shape (n, 12)
        Above 0 where the scale speaks for one mind. The sum of a row is the displayed score.

    Raises
    ------
    ValueError
        When a value is not finite, or a reliability lies outside 0 to 1.

    Notes
    -----
    Scales are added as if they were independent, which they are not: the score orders pairs, and its size means
    nothing. O(n).

    Examples
    --------
    >>> both_high = contributions(np.full(16, 1.5), np.full((1, 12), 1.5), np.full(16, 0.8))
    >>> apart = contributions(np.full(16, 1.5), np.full((1, 12), -1.5), np.full(16, 0.8))
    >>> bool((both_high > 0).all()), bool((apart < 0).all())
    (True, True)
    """
    a = _sayable(np.atleast_2d(viewer))[0]
    b = np.asarray(others, dtype=np.float64)
    r = np.asarray(reliability, dtype=np.float64)[list(SAYABLE)]
    if not (np.isfinite(b).all() and np.isfinite(r).all()):
        raise ValueError("Scales and reliabilities must be finite.")
    if r.min() < 0 or r.max() >= 1:
        raise ValueError("A reliability must be at least 0 and below 1.")
    t, u = (_columns(variance) for variance in unknown)
    variance = 1 + noise_sd**2
    c = r / np.sqrt(variance)
    squares = a**2 + t + (b**2 + u) / variance
    return np.asarray(-np.log1p(-(c**2)) / 2 + (c * a * b / np.sqrt(variance) - c**2 * squares / 2) / (1 - c**2))


def label_cuts(model: MeasurementModel, noise_sd: float = NOISE_SD) -> Floats:
    """Return the displayed scores between the five labels: quantiles among random pairs of the model's norm people.

    Parameters
    ----------
    model : MeasurementModel
        Its norms say how each scale is distributed, its covariance how scales go together.
    noise_sd : float
        What `perturbed` is given.

    Returns
    -------
    ndarray of float64, shape (4,)
        Below them lie 50, 80, 95 and 99 % of pairs.

    Notes
    -----
    40,000 pairs are drawn by a Gaussian copula: normal variables correlated as the scales are under the model, each
    bent to its scale's norms. The seed is fixed: one model, one set of cuts. About 60 ms.

    Examples
    --------
    >>> from ml.artifacts import load_reference
    >>> cuts = label_cuts(load_reference())
    >>> cuts.shape, bool((np.diff(cuts) > 0).all())
    ((4,), True)
    """
    rng = np.random.default_rng(SEED)
    viewers, others = np.split(_norm_people(model, 2 * N_RANDOM_PAIRS, rng), 2)
    others = others + noise_sd * rng.standard_normal(others.shape)
    variance = 1 + noise_sd**2
    c = reliability_of(model)[list(SAYABLE)] / np.sqrt(variance)
    products = (c / np.sqrt(variance) / (1 - c**2)) * viewers * others
    squares = (c**2 / (1 - c**2) / 2) * (viewers**2 + others**2 / variance)
    return np.asarray(np.quantile((products - squares).sum(axis=1) - np.log1p(-(c**2)).sum() / 2, LABEL_SHARES))


def labels_of(scores: ArrayLike, cuts: ArrayLike, n_answered: ArrayLike = N_ITEMS) -> NDArray[np.intp]:
    """Return the label of each displayed score.

    Parameters
    ----------
    scores : array_like, shape (n,)
        Displayed scores.
    cuts : array_like, shape (4,)
        See `label_cuts`.
    n_answered : array_like, shape (n,) or ()
        Answers of the side that answered less.

    Returns
    -------
    ndarray of intp, shape (n,)
        1 to 5, never falling with the score; at most 4 where less than half of the survey is answered.

    Examples
    --------
    >>> labels_of([9.0, 9.0, -1.0], [0.0, 1.0, 2.0, 3.0], [163, 36, 163]).tolist()
    [5, 4, 1]
    """
    labels = 1 + np.searchsorted(np.asarray(cuts), np.asarray(scores, dtype=np.float64), side="right")
    return np.where(np.asarray(n_answered) < TOP_LABEL_FROM_ANSWERS, np.minimum(labels, N_LABELS - 1), labels)


def reasons_of(
    viewer: ArrayLike, others: ArrayLike, contributed: ArrayLike, noise_sd: float = NOISE_SD
) -> list[list[tuple[int, int]]]:
    """Return the scales that speak most for each pair, where both stand clearly on the same side of the middle.

    Parameters
    ----------
    viewer : array_like, shape (16,)
        Standardised scales of the viewer.
    others, contributed : array_like, shapes (n, 12)
        Of the others: what `perturbed` and `contributions` returned.
    noise_sd : float
        What `perturbed` was given.

    Returns
    -------
    list of list of (int, int)
        For each of the others at most three pairs of scale index and side (+1 high, -1 low), the largest contribution
        first. Only scales of `SAYABLE` can occur, and only contributions above 0.

    Examples
    --------
    >>> viewer, other = np.eye(16)[0] * 2, np.eye(12)[:1] * 2
    >>> reasons_of(viewer, other, contributions(viewer, other, np.full(16, 0.8)))
    [[(0, 1)]]
    """
    a = _sayable(np.atleast_2d(viewer))[0]
    b = np.asarray(others, dtype=np.float64) / np.sqrt(1 + noise_sd**2)
    values = np.asarray(contributed, dtype=np.float64)
    is_clear = (np.sign(a) == np.sign(b)) & (np.minimum(np.abs(a), np.abs(b)) >= CLEARLY) & (values > 0)
    order = np.argsort(np.where(is_clear, -values, np.inf), axis=1, kind="stable")[:, :MOST_REASONS]
    return [
        [(SAYABLE[column], int(np.sign(a[column]))) for column in columns if is_clear[person, column]]
        for person, columns in enumerate(order)
    ]


def displayed(
    viewer: ArrayLike,
    others: ArrayLike,
    model: MeasurementModel,
    cuts: ArrayLike,
    *,
    n_answered: ArrayLike = N_ITEMS,
    unknown: tuple[ArrayLike, ArrayLike] = (0.0, 0.0),
) -> Shown:
    """Return everything that one viewer is shown of several others, and nothing that could not be said.

    Parameters
    ----------
    viewer : array_like, shape (16,)
        Standardised scales of the viewer.
    others : array_like, shape (n, 12)
        Of the others, as `perturbed` returns them.
    model : MeasurementModel
        Its reliabilities of the scales are used.
    cuts : array_like, shape (4,)
        See `label_cuts`.
    n_answered : array_like, shape (n,) or ()
        Answers of the side that answered less.
    unknown : pair of array_like
        See `contributions`.

    Returns
    -------
    Shown
        In the order of `others`.

    Examples
    --------
    >>> from ml.artifacts import load_reference
    >>> model = load_reference()
    >>> shown = displayed(np.ones(16), np.ones((1, 12)), model, label_cuts(model))
    >>> shown.labels.tolist(), len(shown.reasons[0])
    ([5], 3)
    """
    contributed = contributions(viewer, others, reliability_of(model), unknown=unknown)
    scores = contributed.sum(axis=1)
    return Shown(scores, contributed, labels_of(scores, cuts, n_answered), reasons_of(viewer, others, contributed))


def interest(logits: ArrayLike, among: ArrayLike, deviations: ArrayLike) -> NDArray[np.intp]:
    """Return in one of three steps how much speaks for others liking the viewer.

    Parameters
    ----------
    logits : array_like, shape (n,)
        Of the probability that each of the others likes the viewer, without what they already said of the viewer.
    among : array_like, shape (m,)
        The same of everybody whom the viewer could be shown.
    deviations : array_like, shape (n,) or ()
        Standard deviations of the logits; infinite where they are no calibrated ones.

    Returns
    -------
    ndarray of intp, shape (n,)
        `STRONG` from the 80th percentile of the viewer's people and a probability of 0.4 on, `FAIR` from the median
        and 0.2 on, else `OPEN`. Where too little is known it is `OPEN` too: nobody can tell a cool word from ignorance.

    Raises
    ------
    ValueError
        When a logit is not a number.

    Notes
    -----
    The cuts depend on this moment alone, not on what was said before. O(n + m).

    Examples
    --------
    >>> interest([3.0, 0.1, -1.5, 3.0], np.linspace(-2, 2, 9), [0.5, 0.5, 0.5, np.inf]).tolist()
    [2, 1, 0, 0]
    """
    own, everyone = np.asarray(logits, dtype=np.float64), np.asarray(among, dtype=np.float64)
    if np.isnan(own).any() or np.isnan(everyone).any():
        raise ValueError("A logit is not a number.")
    if not everyone.size:
        return np.full(own.shape, OPEN, dtype=np.intp)
    fair, strong = np.quantile(everyone, (FAIR_FROM, STRONG_FROM))
    steps = (own >= max(fair, _logit(FAIR_PROBABILITY))).astype(np.intp)
    steps += own >= max(strong, _logit(STRONG_PROBABILITY))
    return np.where(np.asarray(deviations) <= MOST_UNCERTAIN, steps, OPEN)


def _logit(probability: float) -> float:
    return float(np.log(probability / (1 - probability)))


def _sayable(scales: ArrayLike) -> Floats:
    rows = np.asarray(scales, dtype=np.float64)
    if rows.ndim != 2 or rows.shape[1] != len(SCALES):
        raise ValueError(f"People have {len(SCALES)} scales each, not an array of shape {rows.shape}.")
    chosen = rows[:, list(SAYABLE)]
    if not np.isfinite(chosen).all():
        raise ValueError("Scales must be finite.")
    return np.asarray(chosen)


def _columns(variance: ArrayLike) -> Floats:
    values = np.asarray(variance, dtype=np.float64)
    return values if values.ndim == 0 else np.asarray(values[..., list(SAYABLE)])


def _norm_people(model: MeasurementModel, n: int, rng: np.random.Generator) -> Floats:
    chosen = list(SAYABLE)
    weights = model.scale_weights[chosen]
    covariance = weights @ model.covariance @ weights.T
    spread = np.sqrt(np.diag(covariance))
    root = np.linalg.cholesky(covariance / np.outer(spread, spread))
    shares = ndtr(rng.standard_normal((n, len(chosen))) @ root.T)
    tables = model.scale_quantiles[chosen]
    return np.stack([np.interp(column, PERCENTILES, table) for column, table in zip(shares.T, tables, strict=True)], 1)
