"""How many answers it takes to know the scores of the full survey, by the order in which the items are asked."""

import time
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ml import correlations, factors, scoring
from ml.correlations import Floats
from ml.evaluation import Split
from ml.items import N_ITEMS, N_SCALES
from ml.measurement import MeasurementModel

MODEL = "model's next items"
OBLIMIN = "16 oblimin factors"
KEYED = "16 keyed scales"
WANTED = (0.90, 0.95)
# Most items that the model's own order may need.
LIMITS = {OBLIMIN: (37, 65), KEYED: (41, 79)}
N_RANDOM = 20

Order = NDArray[np.int64]


def evaluate_questions(people: Split, *, seed: int = 0, model: MeasurementModel | None = None) -> dict[str, Any]:
    """Count how many answered items tell the full survey's scores of people whom the model has not seen.

    A score is estimated as the model expects it from the answered items; what is counted is the correlation r of this
    with the score of the complete sheet over the people held out, averaged over the scores.

    Parameters
    ----------
    people : Split
        Learnt from and held out.
    seed : int, default 0
        Draws the random orders.
    model : MeasurementModel, optional
        Trained on the people to learn from; by default that is done here.

    Returns
    -------
    dict
        JSON-able: for each target and order the items needed for r of .90 and .95, on average and in every score, None
        when all items are not enough, and the mean r by number of items; ``is_reached`` says whether the model's own
        order keeps within the limits.

    Notes
    -----
    A training, and O(p^4) for each order: r follows from the covariance of the people held out.
    """
    model = model or people.train(random_state=seed)
    matrix = correlations.moments(people.answers).correlations
    pattern, phi = factors.oblimin(factors.minres(matrix, N_SCALES).loadings)
    # Regression scores: the factors expected from the items.
    factor_weights = np.asarray(np.linalg.solve(matrix, pattern @ phi).T)
    targets = {OBLIMIN: factor_weights, KEYED: model.scale_weights}
    plain = (people.held_out - model.item_means) / model.item_sds
    scored = scoring.score(people.held_out, scoring.normal_scores(model.item_shares))
    covariance: Floats = np.cov(np.hstack([plain, scored]).T)
    found: dict[str, dict[str, Any]] = {target: {} for target in targets}
    for name, orders in _orders(model, pattern, np.random.default_rng([seed, 2])).items():
        for target, weights in targets.items():
            known = [known_after(order, model.precision, covariance, weights) for order in orders]
            found[target][name] = _counted(np.mean(known, axis=0))
    return {
        "people": {"learnt_from": len(people.answers), "held_out": len(people.held_out)},
        "seed": seed,
        "milliseconds_a_choice": _milliseconds_a_choice(model),
        "targets": found,
        "limits": {target: dict(zip(map(_key, WANTED), most, strict=True)) for target, most in LIMITS.items()},
        "is_reached": all(_is_within(found[target][MODEL]["mean"], most) for target, most in LIMITS.items()),
    }


def known_after(order: Order, precision: Floats, covariance: Floats, weights: Floats) -> Floats:
    """Return how well scores are known after each further answer.

    A score of the complete sheet is a sum over its standardised answers. It is estimated as the model does: answered
    items count as they stand, the others as expected from the normal scores of the answered ones.

    Parameters
    ----------
    order : ndarray of int64, shape (p,)
        Every item once, as they are asked.
    precision : ndarray of float64, shape (p, p)
        Inverse of the items' covariance in the model.
    covariance : ndarray of float64, shape (2 p, 2 p)
        Of the standardised answers, and then of their normal scores, among the people who answer.
    weights : ndarray of float64, shape (t, p)
        From a complete sheet to its scores.

    Returns
    -------
    ndarray of float64, shape (p, t)
        Row n - 1: over these people, the correlation of each score as expected from the first n answers with the same
        score of the complete sheet; 0 where nothing is expected yet.

    Examples
    --------
    >>> covariance = np.array([[1.0, 0.8], [0.8, 1.0]])
    >>> both = np.tile(covariance, (2, 2))
    >>> known_after(np.array([0, 1]), np.linalg.inv(covariance), both, np.array([[0.0, 1.0]])).round(3).tolist()
    [[0.8], [1.0]]
    """
    p = len(order)
    full = np.sqrt(((weights @ covariance[:p, :p]) * weights).sum(axis=1))
    known = np.empty((p, len(weights)))
    for n in range(1, p + 1):
        answered, missed = order[:n], order[n:]
        estimate = np.zeros((len(weights), 2 * p))
        expected = np.linalg.solve(precision[np.ix_(missed, missed)], precision[np.ix_(missed, answered)])
        estimate[:, answered] = weights[:, answered]
        estimate[:, p + answered] = -weights[:, missed] @ expected
        crossed = estimate @ covariance
        spread = np.sqrt((crossed * estimate).sum(axis=1)) * full
        known[n - 1] = (crossed[:, :p] * weights).sum(axis=1) / np.maximum(spread, np.finfo(float).tiny)
    return known


def _orders(model: MeasurementModel, pattern: Floats, rng: np.random.Generator) -> dict[str, list[Order]]:
    return {
        MODEL: [model.next_items(np.zeros(N_ITEMS, dtype=bool), N_ITEMS)],
        "file order": [np.arange(N_ITEMS)],
        "highest loadings": [_highest_in_turn(pattern)],
        f"random, mean of {N_RANDOM}": [rng.permutation(N_ITEMS) for _ in range(N_RANDOM)],
    }


def _highest_in_turn(pattern: Floats) -> Order:
    # The factors take turns, each with the highest of its loadings that is left.
    left, order = np.abs(pattern), []
    for turn in range(len(pattern)):
        item = int(left[:, turn % pattern.shape[1]].argmax())
        left[item] = -1
        order.append(item)
    return np.array(order)


def _counted(known: Floats) -> dict[str, Any]:
    mean, every = known.mean(axis=1), known.min(axis=1)
    return {
        "mean": {_key(wanted): _first(mean >= wanted) for wanted in WANTED},
        "every": {_key(wanted): _first(every >= wanted) for wanted in WANTED},
        "mean_r": mean.round(4).tolist(),
    }


def _key(wanted: float) -> str:
    return f"{wanted:.2f}"


def _first(is_enough: NDArray[np.bool_]) -> int | None:
    return int(is_enough.argmax()) + 1 if is_enough.any() else None


def _is_within(needed: dict[str, int | None], limits: tuple[int, ...]) -> bool:
    return all(n is not None and n <= most for n, most in zip(needed.values(), limits, strict=True))


def _milliseconds_a_choice(model: MeasurementModel) -> dict[str, float]:
    # One choice at a time, as a survey asks, by a model that has chosen nothing yet: the first prepares the others.
    model = replace(model)
    answered, seconds = np.zeros(N_ITEMS, dtype=bool), []
    while not answered.all():
        started = time.perf_counter()
        item = model.next_items(answered)
        seconds.append(time.perf_counter() - started)
        answered[item] = True
    first, others = seconds[0], np.array(seconds[1:])
    return {
        name: round(1e3 * float(took), 3)
        for name, took in (("first", first), ("mean", others.mean()), ("most", others.max()))
    }
