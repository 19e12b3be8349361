"""Find a person again from the other half of their answers: a measure of how well likeness measures."""

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ml import factors, placement, scoring
from ml.correlations import Floats, moments
from ml.items import KEYED, N_ITEMS, SCALE_OF
from ml.placement import Evidence

LEAST_HELD_OUT = 50
SHARE_HELD_OUT = 0.2


@dataclass(frozen=True)
class Retrieval:
    """How often, and how surely, the right half was found among everybody's.

    Attributes
    ----------
    ahead : ndarray of int64, shape (n,)
        How many others' halves were at least as similar as each person's own: 0 when it was first.
    log_probability : ndarray of float64, shape (n,)
        Logarithm of the probability that each person's own half was given, had one half of all been theirs for sure.
    """

    ahead: NDArray[np.int64]
    log_probability: Floats

    @property
    def top_1(self) -> float:
        """Share of people whose own other half was first."""
        return float((self.ahead < 1).mean())

    @property
    def top_10(self) -> float:
        """Share of people whose own other half was among the first ten."""
        return float((self.ahead < 10).mean())


def balanced_half(rng: np.random.Generator) -> NDArray[np.bool_]:
    """Draw half of the items so that every scale and both keyed directions are split evenly.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of randomness; of an odd group it draws which half gets the larger part.

    Returns
    -------
    ndarray of bool, shape (163,)
        True for the items of one half.

    Examples
    --------
    >>> int(balanced_half(np.random.default_rng(0)).sum()) in range(75, 90)
    True
    """
    half = np.zeros(N_ITEMS, dtype=bool)
    for group in np.unique(SCALE_OF * 2 + (KEYED > 0)):
        items = rng.permutation(np.flatnonzero(SCALE_OF * 2 + (KEYED > 0) == group))
        half[items[: (len(items) + int(rng.integers(2))) // 2]] = True
    return half


def score_retrieval(similarity: NDArray[Any]) -> Retrieval:
    """Score a matrix of similarities between everybody's one half and everybody's other half.

    Parameters
    ----------
    similarity : ndarray, shape (n, n)
        Row i, column j: one half of person i, other half of person j; natural-log likelihood ratios for the
        probabilities to mean something.

    Returns
    -------
    Retrieval
        Ties count against the model.

    Examples
    --------
    >>> score_retrieval(np.array([[5.0, 0.0], [1.0, 0.0]])).top_1
    0.5
    """
    own = np.diag(similarity).astype(np.float64)
    ahead = (similarity >= np.diag(similarity)[:, np.newaxis]).sum(axis=1) - 1
    largest = similarity.max(axis=1).astype(np.float64)
    total = np.log(np.exp(similarity - largest[:, np.newaxis]).sum(axis=1, dtype=np.float64)) + largest
    return Retrieval(ahead, own - total)


def choose_axes(
    answers: NDArray[np.int8],
    *,
    weights: Floats | None,
    candidates: tuple[int, ...],
    n_held_out: int,
    rng: np.random.Generator,
) -> tuple[int, list[dict[str, float]]]:
    """Choose how many axes likeness has: the fewest that find people's other halves as surely as any number does.

    For each candidate a factor model of the other people places both halves of people held out. The fewest axes are
    taken whose mean log-probability of the right half is within one standard error of the best.

    Parameters
    ----------
    answers : ndarray of int8, shape (n, 163)
        1 to 5; 0 = missed.
    weights : ndarray of float64, shape (n,), optional
        One a row.
    candidates : tuple of int
        Numbers of axes, rising.
    n_held_out : int
        Most people held out; only complete sheets are.
    rng : numpy.random.Generator
        Draws the people and the halves.

    Returns
    -------
    n_axes : int
        The smallest candidate when there are too few complete sheets to tell.
    rows : list of dict
        For each candidate ``axes``, ``top_1``, ``top_10``, ``log_probability`` and ``people``; JSON-able.
    """
    complete = rng.permutation(np.flatnonzero((answers > 0).all(axis=1)))
    held_out = complete[: min(n_held_out, int(SHARE_HELD_OUT * len(complete)))]
    others = np.ones(len(answers), dtype=bool)
    others[held_out] = False
    half = balanced_half(rng)
    if len(held_out) < LEAST_HELD_OUT or others.sum() <= N_ITEMS:
        return candidates[0], []
    their_weights = None if weights is None else weights[others]
    found = moments(answers[others], their_weights)
    answer_scores = scoring.normal_scores(scoring.answer_shares(answers[others], their_weights))
    scored = scoring.score(answers[held_out], answer_scores)
    scores = [score_retrieval(_halves(found.correlations, n, scored, half)) for n in candidates]
    rows = [
        {
            "axes": n,
            "top_1": round(score.top_1, 4),
            "top_10": round(score.top_10, 4),
            "log_probability": round(float(score.log_probability.mean()), 4),
            "people": len(held_out),
        }
        for n, score in zip(candidates, scores, strict=True)
    ]
    return candidates[_fewest_within_error([score.log_probability for score in scores])], rows


def _halves(correlations: Floats, n_axes: int, scored: Floats, half: NDArray[np.bool_]) -> NDArray[np.float32]:
    solution = factors.minres(correlations, n_axes)
    loadings, reliability = placement.canonical_axes(solution.loadings, solution.uniquenesses)
    precision = np.asarray(np.linalg.inv(loadings @ loadings.T + np.diag(solution.uniquenesses)))
    weights = placement.posterior_weights(loadings, solution.uniquenesses)

    def place(observed: NDArray[np.bool_]) -> SimpleNamespace:
        known = np.broadcast_to(observed, scored.shape)
        completion = placement.complete(scored, known, precision, weights)
        left = np.clip(reliability - completion.variances, 0, reliability)
        evidence = Evidence(known, loadings, solution.uniquenesses)
        return SimpleNamespace(axes=completion.values @ weights.T, reliability=left, evidence=evidence)

    return placement.likeness(place(half), place(~half))


def _fewest_within_error(log_probabilities: list[Floats]) -> int:
    best = max(log_probabilities, key=np.mean)
    for index, other in enumerate(log_probabilities):
        # Both are about the same people, so the error is that of their differences.
        behind = best - other
        if behind.mean() <= behind.std() / np.sqrt(len(behind)):
            return index
    return len(log_probabilities) - 1
