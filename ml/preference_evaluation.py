"""Whether verdicts predict better than likeness alone does, judged on pairs that the model has not seen."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ml.preference_fit import fit_with
from ml.preference_folds import N_FOLDS, concerned, folds_of_pairs, some
from ml.preference_model import Floats, People, Verdicts
from ml.preference_problem import Penalties

N_BOOTSTRAPS = 500
INTERVAL = (0.025, 0.975)


def against_likeness(people: People, verdicts: Verdicts, penalties: Penalties, *, seed: int = 0) -> dict[str, Any]:
    """Compare the learned model with likeness on verdicts held out.

    Parameters
    ----------
    people : People
        n people.
    verdicts : Verdicts
        m verdicts; of very many only those of some randomly chosen actors are used.
    penalties : Penalties
        With which the model is fitted.
    seed : int, default 0
        Of the bootstrap.

    Returns
    -------
    dict
        JSON-able: AUC of both, their difference with a 95 % interval, the number of verdicts, the threshold of the
        probability at which F1 is best, and ``is_better``: whether the lower bound of the difference is above 0.

    Notes
    -----
    Four folds of unordered pairs; the bootstrap resamples actors, whose verdicts depend on each other.
    """
    people, verdicts = concerned(people, some(verdicts))
    folds = folds_of_pairs(verdicts)
    scores, likeness = np.empty(len(verdicts)), people.likeness(verdicts.actors, verdicts.targets)
    for fold in range(N_FOLDS):
        held_out = folds == fold
        model, unseen = fit_with(people, verdicts.rows(~held_out), penalties), verdicts.rows(held_out)
        scores[held_out] = model.probabilities(people, unseen.actors, unseen.targets)
    actors, of_verdict = np.unique(verdicts.actors, return_inverse=True)
    rng = np.random.default_rng(seed)
    drawn = rng.multinomial(len(actors), np.full(len(actors), 1 / len(actors)), size=N_BOOTSTRAPS)
    differences = [
        area_under_curve(scores, verdicts.liked, weights) - area_under_curve(likeness, verdicts.liked, weights)
        for weights in drawn[:, of_verdict].astype(np.float64)
    ]
    low, high = np.quantile(differences, INTERVAL)
    ones = np.ones(len(verdicts))
    of_model, of_likeness = (area_under_curve(values, verdicts.liked, ones) for values in (scores, likeness))
    return {
        "verdicts": len(verdicts),
        "auc": of_model,
        "auc_of_likeness": of_likeness,
        "difference": [of_model - of_likeness, float(low), float(high)],
        "threshold": best_threshold(scores, verdicts.liked),
        "is_better": bool(low > 0),
    }


def area_under_curve(scores: Floats, liked: NDArray[np.bool_], weights: Floats) -> float:
    """Return the probability that somebody liked is scored above somebody passed, ties counting half.

    Returns
    -------
    float
        0.5 where one of the two kinds is missing.

    Examples
    --------
    >>> area_under_curve(np.array([3.0, 1.0, 2.0]), np.array([True, False, False]), np.ones(3))
    1.0
    """
    values, places = np.unique(scores, return_inverse=True)
    likes = np.bincount(places, weights * liked, minlength=len(values))
    passes = np.bincount(places, weights * ~liked, minlength=len(values))
    pairs = likes.sum() * passes.sum()
    if pairs == 0:
        return 0.5
    return float((likes * (np.cumsum(passes) - passes / 2)).sum() / pairs)


def best_threshold(scores: Floats, liked: NDArray[np.bool_]) -> float:
    """Return the score at or above which a like is predicted, where F1 is best.

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
