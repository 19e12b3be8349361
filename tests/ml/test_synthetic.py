"""Answer sheets drawn from a model."""

import numpy as np
import pytest

from ml import correlations, pipeline, placement, synthetic
from ml.measurement import MeasurementModel
from tests.ml.planted import QUICK


def test_answers_are_as_frequent_as_the_models_people_give_them(reference: MeasurementModel) -> None:
    answers = synthetic.sample_answers(reference, 30_000, np.random.default_rng(0))
    shares = np.stack([(answers == answer).mean(axis=0) for answer in range(1, 6)], axis=1)
    assert answers.dtype == np.int8
    assert np.abs(shares - reference.item_shares).max() < 0.015


def test_answers_correlate_as_the_model_says(reference: MeasurementModel) -> None:
    answers = synthetic.sample_answers(reference, 8_000, np.random.default_rng(0))
    found = correlations.moments(answers).correlations
    off = ~np.eye(163, dtype=bool)
    assert np.abs(found - reference.covariance)[off].mean() < 0.012
    assert np.corrcoef(found[off], reference.covariance[off])[0, 1] > 0.99


def test_a_model_of_drawn_people_is_the_model_again(planted_model: MeasurementModel) -> None:
    answers = synthetic.sample_answers(planted_model, 2_000, np.random.default_rng(1))
    again = pipeline.train_measurement(answers, config=QUICK)
    probe = synthetic.sample_answers(planted_model, 200, np.random.default_rng(2))
    np.testing.assert_allclose(again.place(probe).scales, planted_model.place(probe).scales, atol=0.2)
    first, second = (model.place(probe) for model in (planted_model, again))
    between = placement.likeness(first, first), placement.likeness(second, second)
    assert np.corrcoef(between[0].ravel(), between[1].ravel())[0, 1] > 0.99


def test_same_seed_draws_the_same_people(reference: MeasurementModel) -> None:
    first, second = (synthetic.sample_answers(reference, 3, np.random.default_rng(4)) for _ in range(2))
    np.testing.assert_array_equal(first, second)


def test_answers_nobody_gives_are_never_drawn() -> None:
    thresholds = synthetic.answer_thresholds(np.array([[0.0, 0.5, 0.0, 0.5, 0.0]]))
    assert thresholds[0, 0] == -np.inf
    assert thresholds[0, 1] == thresholds[0, 2] == 0
    assert thresholds[0, 3] == np.inf


def test_nobody_can_be_drawn_but_not_fewer(reference: MeasurementModel) -> None:
    assert synthetic.sample_answers(reference, 0, np.random.default_rng(0)).shape == (0, 163)
    with pytest.raises(ValueError, match="-1 sheets"):
        synthetic.sample_answers(reference, -1, np.random.default_rng(0))
