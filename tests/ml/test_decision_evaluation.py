"""The evaluation as a whole: what predicts is ahead, tests are not learned from, and little data is called little."""

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from ml import decision_evaluation
from ml.decision_baselines import baselines
from ml.decisions import Decisions, people_of
from tests.ml.test_preferences import all_pairs, judged, make_people, planted


def make_decisions(n: int = 80, *, share: float = 0.5, seed: int = 0, **fields: Any) -> Decisions:
    """Return planted decisions in four groups, a quarter of the pairs to be tested."""
    people = make_people(n, seed=seed)
    verdicts = judged(people, planted(people, seed=seed + 1), share=share, seed=seed + 2)
    pair = np.minimum(verdicts.actors, verdicts.targets) * n + np.maximum(verdicts.actors, verdicts.targets)
    values: dict[str, Any] = {
        "people": people_of(people.factors.astype(float)),
        "groups": np.arange(n) % 4,
        "has_groups": True,
        "actors": verdicts.actors,
        "targets": verdicts.targets,
        "liked": verdicts.liked,
        "is_test": np.random.default_rng(seed).permutation(n * n)[pair] % 4 == 0,
    }
    return Decisions(**(values | fields))


@pytest.fixture(scope="module")
def found() -> dict[str, Any]:
    return decision_evaluation.evaluate(make_decisions())


def test_the_model_is_ahead_of_every_baseline_where_there_are_tastes(found: dict[str, Any]) -> None:
    for part in ("likes", "mutual"):
        for difference in found[part]["model"]["minus"].values():
            assert difference["auc"][0] > 0
    assert found["likes"]["random"]["auc"] == pytest.approx(0.5, abs=0.05)


def test_everything_has_an_interval_and_is_json(found: dict[str, Any]) -> None:
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    assert set(found["likes"]) == set(found["mutual"]) == {"model", *baselines(0)}
    for part, names in (("likes", 7), ("mutual", 7)):
        for figures in found[part].values():
            for metric, (low, high) in figures["interval"].items():
                assert low <= figures[metric] <= high
            assert len(figures["interval"]) == names
    assert set(found["rules"]) == {"product", "harmonic", "minimum", "arithmetic"}
    assert found["not_enough"] == []


def test_labels_of_the_test_are_not_learned_from() -> None:
    decisions = make_decisions()
    liked = np.where(decisions.is_test, ~decisions.liked, decisions.liked)
    honest, spoilt = (decision_evaluation.evaluate(one) for one in (decisions, replace(decisions, liked=liked)))
    for way in honest["likes"]:
        assert honest["likes"][way]["auc"] == pytest.approx(1 - spoilt["likes"][way]["auc"])


def test_new_people_are_judged_by_folds_of_whole_groups() -> None:
    decisions = make_decisions()
    is_new = decisions.groups == 3
    rows = is_new[decisions.actors] == is_new[decisions.targets]
    cold = replace(
        decisions,
        actors=decisions.actors[rows],
        targets=decisions.targets[rows],
        liked=decisions.liked[rows],
        is_test=is_new[decisions.actors[rows]],
    )
    found = decision_evaluation.evaluate(cold)
    assert found["data"]["is_cold"]
    assert found["likes"]["appeal_generosity"]["auc"] == 0.5
    # What says nothing of new people is calibrated to the rate of the training, and not to nonsense.
    assert found["likes"]["appeal_generosity"]["log_loss"] < 0.72
    assert found["likes"]["appeal_generosity"]["calibration_error"] < 0.1


def test_the_same_seed_gives_the_same_figures(found: dict[str, Any]) -> None:
    assert decision_evaluation.evaluate(make_decisions()) == found
    other = decision_evaluation.evaluate(make_decisions(), seed=1)
    assert other["likes"]["model"]["auc"] == found["likes"]["model"]["auc"]
    assert other["likes"]["random"]["auc"] != found["likes"]["random"]["auc"]


@pytest.mark.parametrize("n", [3, 10])
def test_few_people_give_figures_and_a_warning(n: int) -> None:
    found = decision_evaluation.evaluate(make_decisions(n, share=1.0))
    assert json.dumps(found, allow_nan=False)
    if n == 3:
        assert any("Not enough data" in sentence for sentence in found["not_enough"])


def test_one_decision_each_one_kind_and_equal_people() -> None:
    single = Decisions(
        people_of(np.zeros((2, 1))),
        np.zeros(2, dtype=np.intp),
        has_groups=False,
        actors=np.array([0, 1]),
        targets=np.array([1, 0]),
        liked=np.array([True, True]),
        is_test=np.array([False, True]),
    )
    found = decision_evaluation.evaluate(single)
    assert {figures["auc"] for figures in found["likes"].values()} == {0.5}
    assert len(found["not_enough"]) == 5
    assert json.dumps(found, allow_nan=False)


def test_nothing_to_learn_from_or_to_judge_on_is_refused() -> None:
    decisions = make_decisions(10)
    for is_test in (True, False):
        with pytest.raises(ValueError, match="train and test"):
            decision_evaluation.evaluate(replace(decisions, is_test=np.full(len(decisions), is_test)))


def test_random_pairs_are_all_pairs() -> None:
    actors, targets = all_pairs(5)
    assert len({*zip(actors.tolist(), targets.tolist(), strict=True)}) == 20
