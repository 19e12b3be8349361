"""How well the preference model and its baselines predict real decisions, one-sided and mutual, with intervals."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ml import decision_metrics as metrics
from ml import preferences, reciprocal
from ml.decision_baselines import Baseline, baselines
from ml.decisions import Decisions
from ml.preference_folds import N_FOLDS, folds_of_pairs
from ml.preference_model import Floats, Indices, People, Verdicts
from ml.preference_problem import probabilities
from ml.reciprocal import Rule

MODEL = "model"
RULES: tuple[Rule, ...] = ("product", "harmonic", "minimum", "arithmetic")
# The best on mutual likes of the development speed dates.
RULE: Rule = "harmonic"
N_BOOTSTRAPS = 1_000
INTERVAL = (0.025, 0.975)
# Fewer test decisions, or fewer groups to resample, say too little.
LEAST_TESTED, LEAST_GROUPS = 20, 2

# Enough to keep an order, too little to move a probability.
LEAST_SLOPE = 1e-6

# Of each metric its value and then that of every resample.
Sampled = dict[str, Floats]


@dataclass(frozen=True)
class Scored:
    """Scores of one way of ranking, for the test decisions and, out of fold, for the training decisions.

    Attributes
    ----------
    test, train : ndarray of float64
        Probabilities where the way of ranking gives them; else scores calibrated on the training decisions, which
        leaves their order as it is.
    """

    test: Floats
    train: Floats


@dataclass(frozen=True)
class Pairs:
    """Unordered pairs of whom both directions were decided.

    Attributes
    ----------
    one, other : ndarray of intp, shape (p,)
        Rows of the decisions: of somebody on somebody, and of the latter on the former.
    matched : ndarray of bool, shape (p,)
        Both liked.
    """

    one: Indices
    other: Indices
    matched: NDArray[np.bool_]


def evaluate(decisions: Decisions, *, seed: int = 0) -> dict[str, Any]:
    """Evaluate the model and its baselines.

    Parameters
    ----------
    decisions : Decisions
        Split into training and test; labels of the test serve for nothing but judging.
    seed : int, default 0
        Of the random baseline and the bootstrap.

    Returns
    -------
    dict
        JSON-able: ``likes`` and ``mutual`` by way of ranking, ``data``, and ``not_enough``: sentences on what there is
        too little of.

    Raises
    ------
    ValueError
        When nothing is left to learn from, or to judge on.
    """
    sampled, data = sample(decisions, seed=seed)
    return {part: report(ways) for part, ways in sampled.items()} | data


def sample(decisions: Decisions, *, seed: int = 0) -> tuple[dict[str, dict[str, Sampled]], dict[str, Any]]:
    """Compute all metrics for the test set and for its resamples.

    Parameters
    ----------
    decisions, seed
        As for `evaluate`.

    Returns
    -------
    sampled : dict
        By part (``likes``, ``mutual``), way of ranking and metric: the value, then one for each resample.
    data : dict
        JSON-able: counts, notes, the rules compared, and what there is too little of.

    Raises
    ------
    ValueError
        As for `evaluate`.
    """
    train, test = (_verdicts(decisions, rows) for rows in (~decisions.is_test, decisions.is_test))
    if not len(train) or not len(test):
        raise ValueError("There is no decision to learn from, or none to judge on; split them into train and test.")
    folds = _folds(decisions, train, test)
    scored = _scored(decisions.people, train, test, folds, seed)
    of_people = _weights_of_people(decisions, seed)
    likes = {name: _likes(scores, train, test, of_people) for name, scores in scored.items()}
    trained, tested = _pairs(train), _pairs(test)
    mutual = {name: _mutual(scores, trained, tested, test, of_people, RULE) for name, scores in scored.items()}
    rules = {rule: _mutual(scored[MODEL], trained, tested, test, of_people, rule) for rule in RULES}
    data = {
        "data": {
            "people": len(decisions.people),
            "factors": decisions.people.factors.shape[1],
            "groups": len(np.unique(decisions.groups)) if decisions.has_groups else None,
            "train": len(train),
            "test": len(test),
            "test_pairs": len(tested.one),
            "test_matches": int(tested.matched.sum()),
            "is_cold": _is_cold(train, test),
            "notes": list(decisions.notes),
        },
        "rule": RULE,
        "rules": {rule: {name: float(values[0]) for name, values in found.items()} for rule, found in rules.items()},
        "not_enough": _too_little(decisions, train, test, tested),
    }
    return {"likes": likes, "mutual": mutual}, data


def report(ways: Mapping[str, Sampled]) -> dict[str, Any]:
    """Return values, intervals and the model's paired differences to every baseline.

    Parameters
    ----------
    ways : mapping
        By way of ranking and metric, as `sample` returns them.

    Returns
    -------
    dict
        JSON-able.
    """
    result: dict[str, Any] = {}
    for name, found in ways.items():
        figures: dict[str, Any] = {metric: float(values[0]) for metric, values in found.items()}
        figures["interval"] = {metric: _interval(values[1:]) for metric, values in found.items()}
        result[name] = figures
    own = ways[MODEL]
    result[MODEL]["minus"] = {
        name: {
            metric: [float(values[0] - found[metric][0]), *_interval(values[1:] - found[metric][1:])]
            for metric, values in own.items()
        }
        for name, found in ways.items()
        if name != MODEL
    }
    return result


def _verdicts(decisions: Decisions, rows: NDArray[np.bool_]) -> Verdicts:
    return Verdicts(decisions.actors[rows], decisions.targets[rows], decisions.liked[rows], np.ones(int(rows.sum())))


def _is_cold(train: Verdicts, test: Verdicts) -> bool:
    # Whether most of those who decide in the test are new.
    return bool(np.isin(test.actors, train.actors).mean() < 0.5)


def _folds(decisions: Decisions, train: Verdicts, test: Verdicts) -> Indices:
    # What is held out resembles the test: whole groups, or whole people, where the test has new people.
    if not _is_cold(train, test):
        return folds_of_pairs(train)
    codes = decisions.groups if decisions.has_groups else np.arange(len(decisions.people))
    _, units = np.unique(codes[train.actors], return_inverse=True)
    drawn = np.random.default_rng(0).permutation(units.max() + 1) % N_FOLDS
    return np.asarray(drawn[units], dtype=np.intp)


def _scored(people: People, train: Verdicts, test: Verdicts, folds: Indices, seed: int) -> dict[str, Scored]:
    penalties = preferences.choose_penalties(people, train)
    ways: dict[str, Baseline] = {MODEL: partial(_by_model, penalties), **baselines(seed)}
    scored = {}
    for name, way in ways.items():
        out_of_fold = np.empty(len(train))
        for fold in np.unique(folds):
            held_out = folds == fold
            known = train.rows(~held_out)
            # A single group, or a single pair, leaves nothing to learn from.
            known = known if len(known) else train
            out_of_fold[held_out] = way(people, known, train.actors[held_out], train.targets[held_out])
        tested = way(people, train, test.actors, test.targets)
        calibration = _calibration(out_of_fold, train.liked)
        scored[name] = Scored(*(_calibrated(calibration, values) for values in (tested, out_of_fold)))
    return scored


def _by_model(
    penalties: preferences.Penalties, people: People, verdicts: Verdicts, actors: Indices, targets: Indices
) -> Floats:
    return preferences.fit(people, verdicts, penalties=penalties).logits(people, actors, targets)


def _calibration(scores: Floats, liked: NDArray[np.bool_]) -> tuple[float, float]:
    # Platt scaling: intercept and slope of a logistic regression on the score alone, by Newton steps; the weak prior
    # keeps it finite where scores part the two kinds.
    spread = float(scores.std()) or 1.0
    design = np.column_stack([np.ones(len(scores)), (scores - scores.mean()) / spread])
    prior, own = np.diag([1e-6, 1e-2]), np.zeros(2)
    for _ in range(25):
        p = probabilities(design @ own)
        hessian = (design * (p * (1 - p))[:, np.newaxis]).T @ design + prior
        own = own + np.clip(np.linalg.solve(hessian, design.T @ (liked - p) - prior @ own), -2, 2)
    slope = float(own[1]) / spread
    if slope < LEAST_SLOPE:
        # The other way round would undo the order that is to be judged: then the scores say nothing of probabilities.
        rate = (liked.sum() + 1) / (len(liked) + 2)
        return float(np.log(rate / (1 - rate))) - LEAST_SLOPE * float(scores.mean()), LEAST_SLOPE
    return float(own[0]) - slope * float(scores.mean()), slope


def _calibrated(calibration: tuple[float, float], scores: Floats) -> Floats:
    intercept, slope = calibration
    return probabilities(intercept + slope * scores)


def _weights_of_people(decisions: Decisions, seed: int) -> Floats:
    # First everybody once, then resamples of groups, or of people without groups.
    _, units = np.unique(decisions.groups, return_inverse=True)
    n = int(units.max()) + 1
    drawn = np.random.default_rng([seed, 1]).multinomial(n, np.full(n, 1 / n), size=N_BOOTSTRAPS)
    return np.vstack([np.ones((1, n)), drawn])[:, units]


def _likes(scored: Scored, train: Verdicts, test: Verdicts, of_people: Floats) -> Sampled:
    weights, liked = of_people[:, test.actors], test.liked
    threshold = metrics.best_threshold(scored.train, train.liked)
    return {
        "auc": metrics.area_under_curve(scored.test, liked, weights),
        "per_chooser_auc": metrics.area_by_chooser(scored.test, liked, test.actors, weights),
        **metrics.classification(scored.test >= threshold, liked, weights),
        "log_loss": metrics.log_loss(scored.test, liked, weights),
        "calibration_error": metrics.calibration_error(scored.test, liked, weights),
    }


def _mutual(scored: Scored, trained: Pairs, tested: Pairs, test: Verdicts, of_people: Floats, rule: Rule) -> Sampled:
    of_train = reciprocal.two_sided(scored.train[trained.one], scored.train[trained.other], rule)
    scores = reciprocal.two_sided(scored.test[tested.one], scored.test[tested.other], rule)
    threshold = metrics.best_threshold(of_train, trained.matched) if len(of_train) else 0.5
    ends = test.actors[tested.one], test.targets[tested.one]
    weights = (of_people[:, ends[0]] + of_people[:, ends[1]]) / 2
    # Each pair is a candidate of both.
    owners = np.concatenate(ends)
    twice, matched = np.concatenate([scores, scores]), np.concatenate([tested.matched, tested.matched])
    return {
        "auc": metrics.area_under_curve(scores, tested.matched, weights),
        **metrics.classification(scores >= threshold, tested.matched, weights),
        **metrics.ranked_lists(twice, matched, owners, of_people[:, owners]),
    }


def _pairs(verdicts: Verdicts) -> Pairs:
    rows = {pair: row for row, pair in enumerate(zip(verdicts.actors.tolist(), verdicts.targets.tolist(), strict=True))}
    both = [(row, rows[b, a]) for (a, b), row in rows.items() if a < b and (b, a) in rows]
    one, other = np.array(both, dtype=np.intp).reshape(-1, 2).T
    return Pairs(one, other, verdicts.liked[one] & verdicts.liked[other])


def _interval(values: Floats) -> list[float]:
    low, high = np.quantile(values, INTERVAL)
    return [float(low), float(high)]


def _too_little(decisions: Decisions, train: Verdicts, test: Verdicts, tested: Pairs) -> list[str]:
    sentences = []
    if len(test) < LEAST_TESTED:
        sentences.append(
            f"Not enough data: {len(test)} test decisions; figures of fewer than {LEAST_TESTED} are chance."
        )
    if len(np.unique(decisions.groups[test.actors])) < LEAST_GROUPS:
        sentences.append("Not enough data: the test has a single group, so intervals say nothing.")
    for name, liked in (("training", train.liked), ("test", test.liked)):
        if liked.all() or not liked.any():
            sentences.append(f"Not enough data: all {name} decisions are the same, so nothing can be ranked by them.")
    if not tested.matched.any() or tested.matched.all():
        sentences.append(
            "Not enough data: the test has no pairs of both kinds, matched and not, so mutual figures are chance."
        )
    return sentences
