"""Correlations of the items."""

import numpy as np
import pandas as pd
import pytest
from factor_analyzer import calculate_bartlett_sphericity, calculate_kmo
from numpy.typing import NDArray

from ml import correlations
from tests.ml.planted import planted_answers


@pytest.fixture(scope="module")
def answers() -> NDArray[np.int8]:
    return planted_answers(600, np.random.default_rng(3))[0][:, :24]


def test_complete_answers_give_the_usual_correlations(answers: NDArray[np.int8]) -> None:
    found = correlations.moments(answers)
    np.testing.assert_allclose(found.correlations, np.corrcoef(answers.T), atol=1e-12)
    np.testing.assert_allclose(found.means, answers.mean(axis=0), atol=1e-12)
    np.testing.assert_allclose(found.sds, answers.std(axis=0), atol=1e-12)
    assert found.n_people == 600


def test_missed_answers_are_left_out_pair_by_pair(answers: NDArray[np.int8]) -> None:
    holed = answers.copy()
    holed[np.random.default_rng(0).random(answers.shape) < 0.1] = 0
    found = correlations.moments(holed)
    frame = pd.DataFrame(holed).replace(0, np.nan)
    np.testing.assert_allclose(found.correlations, frame.corr().to_numpy(), atol=1e-10)
    np.testing.assert_allclose(found.means, frame.mean().to_numpy(), atol=1e-10)
    np.testing.assert_allclose(found.sds, frame.std(ddof=0).to_numpy(), atol=1e-10)


def test_a_weight_of_two_is_the_row_twice(answers: NDArray[np.int8]) -> None:
    holed = answers.copy()
    holed[:40, 3] = 0
    twice = correlations.moments(np.vstack([holed, holed[:100]]))
    weighted = correlations.moments(holed, np.where(np.arange(600) < 100, 2.0, 1.0))
    np.testing.assert_allclose(weighted.correlations, twice.correlations, atol=1e-6)
    np.testing.assert_allclose(weighted.means, twice.means, atol=1e-6)
    assert weighted.n_people == twice.n_people == 700


def test_chunks_do_not_matter(answers: NDArray[np.int8], monkeypatch: pytest.MonkeyPatch) -> None:
    holed = answers.copy()
    holed[::7, 5] = 0
    whole = correlations.moments(holed)
    monkeypatch.setattr(correlations, "CHUNK", 77)
    np.testing.assert_allclose(correlations.moments(holed).correlations, whole.correlations, atol=1e-12)


def test_input_is_not_changed(answers: NDArray[np.int8]) -> None:
    before = answers.copy()
    correlations.moments(answers, np.ones(len(answers)))
    np.testing.assert_array_equal(answers, before)


def test_a_constant_item_is_refused(answers: NDArray[np.int8]) -> None:
    constant = answers.copy()
    constant[:, 4] = 2
    with pytest.raises(ValueError, match="1 of 24 items are constant"):
        correlations.moments(constant)


def test_items_that_nobody_answered_together_are_refused() -> None:
    apart = np.array([[1, 0], [2, 0], [0, 3], [0, 4]], dtype=np.int8)
    with pytest.raises(ValueError, match="same person"):
        correlations.moments(apart)


def test_an_item_constant_among_those_who_answered_another_is_refused() -> None:
    answers = np.array([[1, 2], [1, 4], [3, 0], [5, 0]], dtype=np.int8)
    with pytest.raises(ValueError, match="one is constant"):
        correlations.moments(answers)


def test_an_indefinite_matrix_becomes_a_correlation_matrix() -> None:
    indefinite = np.array([[1, 0.9, -0.9], [0.9, 1, 0.9], [-0.9, 0.9, 1]])
    mended = correlations.positive_definite(indefinite)
    assert np.linalg.eigvalsh(mended).min() > 0
    np.testing.assert_array_equal(np.diag(mended), 1)
    np.testing.assert_array_equal(mended, mended.T)


def test_a_definite_matrix_stays_as_it_is() -> None:
    definite = np.array([[1, 0.5], [0.5, 1]])
    np.testing.assert_array_equal(correlations.positive_definite(definite), definite)


def test_sampling_adequacy_is_that_of_factor_analyzer(answers: NDArray[np.int8]) -> None:
    _, expected = calculate_kmo(answers.astype(float))
    assert correlations.kaiser_meyer_olkin(np.corrcoef(answers.T)) == pytest.approx(expected, abs=1e-10)


def test_sphericity_is_that_of_factor_analyzer() -> None:
    answers = np.random.default_rng(1).standard_normal((300, 6))
    chi_square, p = calculate_bartlett_sphericity(answers)
    found = correlations.bartlett(np.corrcoef(answers.T), 300)
    assert found["chi_square"] == pytest.approx(chi_square)
    assert found["p"] == pytest.approx(p)
    assert found["degrees_of_freedom"] == 15


def test_alpha_of_parallel_items_follows_spearman_and_brown() -> None:
    for n, r in ((2, 0.3), (10, 0.4)):
        matrix = np.full((n, n), r)
        np.fill_diagonal(matrix, 1)
        assert correlations.alpha(matrix, np.full(n, 1 / n)) == pytest.approx(n * r / (1 + (n - 1) * r))


def test_alpha_turns_with_the_keyed_direction() -> None:
    matrix = np.array([[1, -0.5], [-0.5, 1]])
    assert correlations.alpha(matrix, np.array([1.0, -1.0])) == pytest.approx(2 / 3)
