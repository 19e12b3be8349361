"""Whether a learned model is judged as scikit-learn would judge it, and believed only where it predicts."""

import json

import numpy as np
import pytest
from sklearn.metrics import f1_score, roc_auc_score

from ml import decision_metrics, preference_evaluation
from ml.preference_folds import MOST_VERDICTS, N_FOLDS, concerned, folds_of_pairs, some
from ml.preference_penalties import START
from ml.preferences import Verdicts
from tests.ml.test_preferences import all_pairs, judged, make_people, planted


def test_area_under_the_curve_agrees_with_scikit_learn_with_weights_and_ties() -> None:
    rng = np.random.default_rng(0)
    scores, liked, weights = rng.integers(0, 20, 300).astype(float), rng.random(300) < 0.3, rng.integers(0, 4, 300)
    ours = decision_metrics.area_under_curve(scores, liked, weights[np.newaxis].astype(float))
    assert ours[0] == pytest.approx(roc_auc_score(liked, scores, sample_weight=weights))


def test_one_kind_of_verdict_has_no_order() -> None:
    area = decision_metrics.area_under_curve(np.arange(3.0), np.ones(3, dtype=bool), np.ones((1, 3)))
    assert area.tolist() == [0.5]


def test_no_other_threshold_has_a_better_f1() -> None:
    rng = np.random.default_rng(1)
    scores, liked = rng.integers(0, 30, 200) / 30, rng.random(200) < 0.4
    chosen = decision_metrics.best_threshold(scores, liked)
    best = max(f1_score(liked, scores >= threshold) for threshold in np.unique(scores))
    assert f1_score(liked, scores >= chosen) == pytest.approx(best)


def test_what_predicts_is_believed_and_chance_is_not() -> None:
    people = make_people(80)
    actors, _ = all_pairs(80)
    for logits, is_better in ((planted(people), True), (np.zeros(len(actors)), False)):
        report = preference_evaluation.against_likeness(people, judged(people, logits), START)
        assert report["is_better"] is is_better
        difference, low, high = report["difference"]
        assert low < difference < high
        assert json.loads(json.dumps(report)) == report


def test_both_directions_of_a_pair_lie_in_one_fold() -> None:
    verdicts = judged(make_people(), np.zeros(60 * 59))
    folds = folds_of_pairs(verdicts)
    by_pair: dict[tuple[int, int], set[int]] = {}
    for actor, target, fold in zip(verdicts.actors.tolist(), verdicts.targets.tolist(), folds.tolist(), strict=True):
        by_pair.setdefault((min(actor, target), max(actor, target)), set()).add(fold)
    assert all(len(folds) == 1 for folds in by_pair.values())
    assert np.bincount(folds, minlength=N_FOLDS).min() > len(verdicts) / N_FOLDS / 2


def test_of_many_verdicts_all_of_some_actors_are_taken() -> None:
    rng = np.random.default_rng(2)
    actors = rng.integers(0, 2_000, 30_000)
    verdicts = Verdicts(actors, actors + 1, rng.random(30_000) < 0.5, np.ones(30_000))
    part = some(verdicts)
    assert 0.9 * MOST_VERDICTS < len(part) <= MOST_VERDICTS
    counts = np.bincount(actors)
    for actor in np.unique(part.actors)[:50]:
        assert (part.actors == actor).sum() == counts[actor]


def test_only_people_concerned_are_kept_and_verdicts_still_mean_them() -> None:
    people = make_people()
    verdicts = Verdicts(np.array([50, 7]), np.array([7, 31]), np.array([True, False]), np.ones(2))
    few, same = concerned(people, verdicts)
    assert len(few) == 3
    assert np.array_equal(few.factors[same.actors], people.factors[verdicts.actors])
    assert np.array_equal(few.factors[same.targets], people.factors[verdicts.targets])
