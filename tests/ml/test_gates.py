"""Which candidates may follow the model in use."""

import json
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from ml import gates, pipeline
from ml.measurement import MeasurementModel
from tests.ml.planted import QUICK, planted_answers


@pytest.fixture(scope="module")
def answers() -> NDArray[np.int8]:
    return planted_answers(2_000, np.random.default_rng(3))[0]


@pytest.fixture(scope="module")
def candidate(answers: NDArray[np.int8]) -> MeasurementModel:
    return pipeline.train_measurement(answers, config=QUICK)


def failed(judged: tuple[gates.Gate, ...]) -> set[str]:
    return {gate.name for gate in judged if not gate.is_passed}


def test_a_model_of_other_people_of_the_same_kind_may_follow(
    candidate: MeasurementModel, planted_model: MeasurementModel, answers: NDArray[np.int8]
) -> None:
    judged = gates.judge(candidate, planted_model, answers)
    assert len(judged) == 4
    assert failed(judged) == set()
    json.dumps([gate.as_dict() for gate in judged], allow_nan=False)


def test_the_first_model_must_reach_what_any_must(candidate: MeasurementModel, answers: NDArray[np.int8]) -> None:
    judged = gates.judge(candidate, None, answers)
    assert len(judged) == 3
    assert failed(judged) == set()
    assert all(gate.in_use is None for gate in judged)


@pytest.mark.parametrize("with_model_in_use", [True, False])
def test_shuffled_answers_are_refused_by_every_gate(
    planted_model: MeasurementModel, answers: NDArray[np.int8], with_model_in_use: bool
) -> None:
    shuffled = np.random.default_rng(0).permuted(answers, axis=0)
    candidate = pipeline.train_measurement(shuffled, config=QUICK)
    judged = gates.judge(candidate, planted_model if with_model_in_use else None, shuffled)
    assert failed(judged) == {gate.name for gate in judged}


def test_a_model_of_fewer_items_that_tell_is_refused(
    planted_model: MeasurementModel, answers: NDArray[np.int8]
) -> None:
    dull = answers.copy()
    rng = np.random.default_rng(0)
    # Half of the items say three, but for one in fifty people.
    dull[:, ::2] = np.where(rng.random(dull[:, ::2].shape) < 0.02, dull[:, ::2], 3)
    candidate = pipeline.train_measurement(dull, config=QUICK)
    assert "mean reliability of the scales" in failed(gates.judge(candidate, planted_model, dull))


def test_items_that_only_a_judge_answers_differently_cannot_be_judged(
    candidate: MeasurementModel, answers: NDArray[np.int8]
) -> None:
    judge = np.random.default_rng(0).permutation(2_000)[0]
    dull = answers.copy()
    dull[:, ::2] = 3
    dull[judge, ::2] = 5
    with pytest.raises(ValueError, match="82 of 163 items are constant"):
        gates.judge(candidate, None, dull, random_state=0)


def test_a_model_that_ranks_people_at_random_does_not_follow(
    planted_model: MeasurementModel, candidate: MeasurementModel, answers: NDArray[np.int8]
) -> None:
    mixed = np.random.default_rng(0).permutation(163)
    stranger = replace(candidate, loadings=candidate.loadings[mixed], uniquenesses=candidate.uniquenesses[mixed])
    assert "agreement with the model in use on who is like whom" in failed(
        gates.judge(stranger, planted_model, answers)
    )


def test_with_too_few_complete_sheets_only_reliability_is_judged(
    candidate: MeasurementModel, answers: NDArray[np.int8]
) -> None:
    gappy = answers.copy()
    gappy[np.arange(2_000), np.arange(2_000) % 163] = 0
    assert [gate.name for gate in gates.judge(candidate, None, gappy)] == ["mean reliability of the scales"]


def test_a_figure_that_is_no_number_passes_nothing() -> None:
    gate = gates.Gate("figure", float("nan"), None, 0.5)
    assert not gate.is_passed
    assert gates.Gate("figure", 0.4, None, 0.5).reason == "The candidate's figure is 0.400; any model needs 0.500."


def test_same_seed_gives_the_same_gates(candidate: MeasurementModel, answers: NDArray[np.int8]) -> None:
    first, second = (gates.judge(candidate, candidate, answers, random_state=5) for _ in range(2))
    assert first == second
