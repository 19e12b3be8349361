"""How well a measurement model does for people it has never seen: found again, placed from few answers, sure of it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import cdist
from scipy.stats import rankdata

from ml import correlations, pipeline, placement, responses, retrieval
from ml.correlations import Floats
from ml.items import N_ITEMS, SCALES, scoring_weights
from ml.measurement import MeasurementModel
from ml.placement import Placements
from ml.responses import Responses
from ml.retrieval import Retrieval

N_HELD_OUT = 5_000
# At most this share of the complete sheets is held out of a small file.
SHARE_HELD_OUT = 0.2
N_BOOTSTRAPS = 1_000
INTERVAL = (0.025, 0.975)

CEILING = "full-covariance linear ceiling"
MODEL = "model"
# How far the model may stay below the ceiling, as a share of the people.
MOST_BELOW_CEILING = 0.04

N_ASKED = 32
SHORTENED = (16, 32, 64, 96)
MISSING = (2, 40)
# People are placed in so many groups, each with a random set of answers of its own.
N_MASKS = 50
N_VIEWERS = 500
LENGTH_OF_LIST = 10


@dataclass(frozen=True)
class Split:
    """Cleaned people in two parts: those a model learns from, and those it is judged on.

    Attributes
    ----------
    answers : ndarray of int8, shape (n, 163)
        Of the people to learn from; 0 = missed.
    is_norm : ndarray of bool, shape (n,)
        Which of them are known to be adults.
    held_out : ndarray of int8, shape (m, 163)
        Complete sheets of the others: each has a true full score and two whole halves.
    """

    answers: NDArray[np.int8]
    is_norm: NDArray[np.bool_]
    held_out: NDArray[np.int8]

    def train(self, *, random_state: int = 0) -> MeasurementModel:
        """Train as a site does, but without what only reports show and with little effort for the types.

        Parameters
        ----------
        random_state : int, default 0
            Seed of the training.

        Returns
        -------
        MeasurementModel
            It has seen nobody who is held out.
        """
        config = pipeline.TrainingConfig(n_types_fit=2_000, n_silhouette=200, n_bootstraps=1, halves=(), n_random=2)
        return pipeline.train_measurement(
            self.answers, norm_rows=self.is_norm, config=config, random_state=random_state
        )


def split(published: Responses, *, seed: int = 0, n_held_out: int = N_HELD_OUT) -> Split:
    """Clean the published rows and hold some people out.

    Parameters
    ----------
    published : Responses
        The file as it was published.
    seed : int, default 0
        Chooses whom to hold out.
    n_held_out : int, default 5000
        People held out; fewer when they were more than a fifth of the complete sheets.

    Returns
    -------
    Split
        Both parts in random and in file order.

    Raises
    ------
    ValueError
        When too few people are left to learn from or to judge on.
    """
    mask, _ = responses.training_mask(
        published.answers, age=published.age, accuracy=published.accuracy, elapsed=published.elapsed
    )
    answers, is_adult = published.answers[mask], responses.is_adult(published.age[mask])
    complete = np.random.default_rng(seed).permutation(np.flatnonzero((answers > 0).all(axis=1)))
    chosen = complete[: min(n_held_out, int(SHARE_HELD_OUT * len(complete)))]
    others = np.ones(len(answers), dtype=bool)
    others[chosen] = False
    if len(chosen) < 2 * LENGTH_OF_LIST or others.sum() <= N_ITEMS:
        raise ValueError(
            f"{len(answers)} cleaned people, {len(complete)} of them complete, are too few to evaluate on."
        )
    return Split(answers[others], is_adult[others], answers[chosen])


def evaluate_placement(people: Split, *, seed: int = 0, model: MeasurementModel | None = None) -> dict[str, Any]:
    """Measure how well a model places and finds again people it has not seen.

    Parameters
    ----------
    people : Split
        Learnt from and held out.
    seed : int, default 0
        Draws halves, missing answers and the bootstrap.
    model : MeasurementModel, optional
        Trained on the people to learn from; by default that is done here.

    Returns
    -------
    dict
        JSON-able; ``is_reached`` says whether the model is at most 4 points below the ceiling, first and among ten.

    Notes
    -----
    A training, O(m^2 q) for m people held out, and less than a minute for 5,000 of them on one core.
    """
    model = model or people.train(random_state=seed)
    rng = np.random.default_rng([seed, 1])
    sheets, half = people.held_out, retrieval.balanced_half(rng)
    asked, of_half = (_best_of(model, allowed) for allowed in (np.ones(N_ITEMS, dtype=bool), half))
    matrix = correlations.moments(people.answers).correlations
    scores = _half_retrieval(model, matrix, sheets, half)
    below = _below_ceiling(scores, rng)
    return {
        "people": {"learnt_from": len(people.answers), "held_out": len(sheets)},
        "seed": seed,
        "axes": model.n_axes,
        "retrieval": {
            "other half": _figures(scores, rng),
            f"{N_ASKED} best items, the rest": _figures(_few(model, matrix, sheets, asked, ~asked), rng),
            f"{N_ASKED} best items of a half, other half": _figures(_few(model, matrix, sheets, of_half, ~half), rng),
        },
        "below_ceiling": below,
        "serving": _serving(model, sheets, half, asked),
        "coverage": [_coverage(model, sheets, n, rng) for n in SHORTENED],
        "missing": [_agreement(model, sheets, n, rng) for n in MISSING],
        "overlap_of_lists": _overlap(model, sheets, half),
        "is_reached": all(figure["points"] <= 100 * MOST_BELOW_CEILING for figure in below.values()),
    }


def linear_ceiling(
    matrix: Floats, standardised: Floats, one: NDArray[np.bool_], other: NDArray[np.bool_]
) -> NDArray[np.float32]:
    """Return likeness under a normal model that has every correlation of the items as a parameter.

    The best that any linear score of two parts of a sheet can do, but for the error in so many parameters.

    Parameters
    ----------
    matrix : ndarray of float64, shape (p, p)
        Correlations of the items among the people learnt from.
    standardised : ndarray of float64, shape (n, p)
        Complete sheets.
    one, other : ndarray of bool, shape (p,)
        Items of the two parts, none in both.

    Returns
    -------
    ndarray of float32, shape (n, n)
        Row i, column j: one part of sheet i, other part of sheet j.

    Examples
    --------
    >>> matrix, sheets = np.array([[1.0, 0.8], [0.8, 1.0]]), np.array([[1.0, 1.0], [-1.0, -1.0]])
    >>> linear_ceiling(matrix, sheets, np.array([True, False]), np.array([False, True])).astype(float).round(3).tolist()
    [[0.955, -3.489], [-3.489, 0.955]]
    """
    items = np.concatenate([np.flatnonzero(one), np.flatnonzero(other)])
    n_one = int(one.sum())
    together = matrix[np.ix_(items, items)]
    precision, constant = np.linalg.inv(together), -np.linalg.slogdet(together)[1]
    values, own = standardised[:, items], []
    for part in (slice(None, n_one), slice(n_one, None)):
        gain = np.linalg.inv(together[part, part]) - precision[part, part]
        own.append(((values[:, part] @ gain) * values[:, part]).sum(axis=1))
        constant += np.linalg.slogdet(together[part, part])[1]
    crossed = -(values[:, :n_one] @ precision[:n_one, n_one:]) @ values[:, n_one:].T
    return np.asarray(crossed + (own[0][:, np.newaxis] + own[1] + constant) / 2, dtype=np.float32)


def _standardised(model: MeasurementModel, sheets: NDArray[np.int8]) -> Floats:
    return np.asarray((sheets - model.item_means) / model.item_sds)


def _best_of(model: MeasurementModel, allowed: NDArray[np.bool_]) -> NDArray[np.bool_]:
    # The model ranks all items that may be asked; what may not be is passed over.
    ranked = model.next_items(np.zeros(N_ITEMS, dtype=bool), N_ITEMS)
    best = np.zeros(N_ITEMS, dtype=bool)
    best[ranked[allowed[ranked]][:N_ASKED]] = True
    return best


def _half_retrieval(
    model: MeasurementModel, matrix: Floats, sheets: NDArray[np.int8], half: NDArray[np.bool_]
) -> dict[str, Retrieval]:
    standardised = _standardised(model, sheets)
    scores = [standardised[:, part] @ scoring_weights()[:, part].T for part in (half, ~half)]
    a, b = ((score - score.mean(axis=0)) / score.std(axis=0) for score in scores)
    # Both halves of everybody: the metric must not differ between them.
    inverse = np.linalg.inv(np.cov(np.vstack([a, b]).T))
    similarities: dict[str, Callable[[], NDArray[np.floating]]] = {
        "keyed scales, Euclid": lambda: -cdist(a, b),
        "keyed scales, cosine": lambda: -cdist(a, b, "cosine"),
        "keyed scales, Mahalanobis": lambda: -cdist(a, b, "mahalanobis", VI=inverse),
        CEILING: lambda: linear_ceiling(matrix, standardised, half, ~half),
        MODEL: lambda: _likeness(model, sheets, half, ~half),
    }
    # One matrix of all pairs at a time.
    return {name: retrieval.score_retrieval(similarity()) for name, similarity in similarities.items()}


def _few(
    model: MeasurementModel,
    matrix: Floats,
    sheets: NDArray[np.int8],
    one: NDArray[np.bool_],
    other: NDArray[np.bool_],
) -> dict[str, Retrieval]:
    ceiling = retrieval.score_retrieval(linear_ceiling(matrix, _standardised(model, sheets), one, other))
    return {CEILING: ceiling, MODEL: retrieval.score_retrieval(_likeness(model, sheets, one, other))}


def _likeness(
    model: MeasurementModel, sheets: NDArray[np.int8], one: NDArray[np.bool_], other: NDArray[np.bool_]
) -> NDArray[np.float32]:
    return placement.likeness(*(model.place(np.where(part, sheets, 0)) for part in (one, other)))


def _figures(scores: dict[str, Retrieval], rng: np.random.Generator) -> dict[str, Any]:
    return {
        name: {f"top_{n}": _with_interval(score.ahead < n, rng) for n in (1, 10)} | {"people": len(score.ahead)}
        for name, score in scores.items()
    }


def _with_interval(hits: NDArray[np.bool_], rng: np.random.Generator) -> dict[str, Any]:
    # The share of hits among people drawn anew is a binomial share.
    drawn = rng.binomial(len(hits), hits.mean(), N_BOOTSTRAPS) / len(hits)
    return {"share": round(float(hits.mean()), 4), "interval": np.quantile(drawn, INTERVAL).round(4).tolist()}


def _below_ceiling(scores: dict[str, Retrieval], rng: np.random.Generator) -> dict[str, Any]:
    # In points; both are about the same people, who are drawn anew together.
    n = len(scores[MODEL].ahead)
    drawn = rng.integers(n, size=(N_BOOTSTRAPS, n))
    below = {}
    for most in (1, 10):
        lost = 100.0 * ((scores[CEILING].ahead < most) * 1 - (scores[MODEL].ahead < most))
        interval = np.quantile(lost[drawn].mean(axis=1), INTERVAL)
        below[f"top_{most}"] = {"points": round(float(lost.mean()), 2), "interval": interval.round(2).tolist()}
    return below


def _serving(
    model: MeasurementModel, sheets: NDArray[np.int8], half: NDArray[np.bool_], asked: NDArray[np.bool_]
) -> list[dict[str, Any]]:
    # Lists rank by expected likeness, one matrix product from stored places. What both that and exact likeness stand
    # for is the order in which the complete sheets would put everybody.
    everybody, viewers = model.place(sheets), sheets[:N_VIEWERS]
    truth = placement.likeness(model.place(viewers), everybody)
    rows = []
    for part in (half, asked):
        partial = model.place(np.where(part, viewers, 0))
        exact = placement.likeness(partial, everybody)
        served = placement.expected_likeness(partial, everybody, model.full_reliability)
        agreement = {"exact": _mean_rank_correlation(exact, truth), "served": _mean_rank_correlation(served, truth)}
        row: dict[str, Any] = {"answers": int(part.sum()), "viewers": len(viewers)}
        row |= {f"{name}_with_complete": round(r, 4) for name, r in agreement.items()}
        row |= {"loss": round(agreement["exact"] - agreement["served"], 4)}
        rows.append(row | {"served_with_exact": round(_mean_rank_correlation(exact, served), 4)})
    return rows


def _mean_rank_correlation(first: NDArray[np.floating], second: NDArray[np.floating]) -> float:
    ranks = [rankdata(matrix, axis=1) for matrix in (first, second)]
    a, b = (rank - rank.mean(axis=1, keepdims=True) for rank in ranks)
    return float(((a * b).sum(axis=1) / np.sqrt((a**2).sum(axis=1) * (b**2).sum(axis=1))).mean())


def _shortened(
    model: MeasurementModel, sheets: NDArray[np.int8], n_answered: int, rng: np.random.Generator
) -> Placements:
    masks = np.zeros((min(N_MASKS, len(sheets)), N_ITEMS), dtype=bool)
    for mask in masks:
        mask[rng.permutation(N_ITEMS)[:n_answered]] = True
    return model.place(np.where(masks[np.arange(len(sheets)) % len(masks)], sheets, 0))


def _coverage(
    model: MeasurementModel, sheets: NDArray[np.int8], n_answered: int, rng: np.random.Generator
) -> dict[str, Any]:
    full, part = model.place(sheets), _shortened(model, sheets, n_answered, rng)
    # A scale whose items are all answered has no interval to hold anything.
    uncertain = part.high > part.low
    held = (part.low <= full.percentile) & (full.percentile <= part.high) & uncertain
    shares = held.sum(axis=0) / uncertain.sum(axis=0)
    return {
        "answers": n_answered,
        "overall": round(float(held.sum() / uncertain.sum()), 4),
        "least": round(float(shares.min()), 4),
        "most": round(float(shares.max()), 4),
        "scales": {scale.letter: round(float(share), 4) for scale, share in zip(SCALES, shares, strict=True)},
    }


def _agreement(
    model: MeasurementModel, sheets: NDArray[np.int8], n_missing: int, rng: np.random.Generator
) -> dict[str, Any]:
    full, part = model.place(sheets).scales, _shortened(model, sheets, N_ITEMS - n_missing, rng).scales
    r = [float(np.corrcoef(a, b)[0, 1]) for a, b in zip(full.T, part.T, strict=True)]
    return {"missing": n_missing, "mean_r": round(float(np.mean(r)), 4), "least_r": round(min(r), 4)}


def _overlap(model: MeasurementModel, sheets: NDArray[np.int8], half: NDArray[np.bool_]) -> float:
    # Each half of a person against the same half of everybody else.
    lists = []
    for part in (half, ~half):
        everybody = model.place(np.where(part, sheets, 0))
        between = placement.likeness(everybody, everybody)
        np.fill_diagonal(between, -np.inf)
        lists.append(np.argpartition(-between, LENGTH_OF_LIST, axis=1)[:, :LENGTH_OF_LIST])
    shared = (lists[0][:, :, np.newaxis] == lists[1][:, np.newaxis]).any(axis=2)
    return round(float(shared.mean()), 4)
