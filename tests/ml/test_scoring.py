"""What each answer to an item says."""

import numpy as np
import pytest

from ml import scoring


def test_shares_count_answers_with_their_weights() -> None:
    answers = np.array([[1, 2], [1, 5], [5, 0]], dtype=np.int8)
    assert scoring.answer_shares(answers)[0].round(4).tolist() == [0.6667, 0, 0, 0, 0.3333]
    assert scoring.answer_shares(answers, np.array([1.0, 3.0, 9.0]))[1].tolist() == [0, 0.25, 0, 0, 0.75]


def test_scores_are_the_means_of_the_parts_of_a_normal_variable() -> None:
    cuts = np.array([-1.2, 0.1, 0.5, 1.7])
    drawn = np.random.default_rng(0).standard_normal(2_000_000)
    steps = np.digitize(drawn, cuts)
    means = np.array([drawn[steps == step].mean() for step in range(5)])
    shares = np.bincount(steps) / len(steps)
    means /= np.sqrt((shares * means**2).sum())
    np.testing.assert_allclose(scoring.normal_scores(shares[np.newaxis])[0], means, atol=0.005)


def test_scores_have_mean_0_and_variance_1_and_rise() -> None:
    shares = np.random.default_rng(1).dirichlet(np.ones(5), 40)
    scores = scoring.normal_scores(shares)
    np.testing.assert_allclose((shares * scores).sum(axis=1), 0, atol=1e-4)
    np.testing.assert_allclose((shares * scores**2).sum(axis=1), 1, atol=1e-4)
    assert (np.diff(scores, axis=1) > 0).all()


@pytest.mark.parametrize("shares", [[0, 0.5, 0, 0.5, 0], [1, 0, 0, 0, 0], [0.2, 0.2, 0.2, 0.2, 0.2]])
def test_an_answer_that_nobody_gave_has_a_score_in_its_place(shares: list[float]) -> None:
    scores = scoring.normal_scores(np.array([shares]))
    assert np.isfinite(scores).all()
    assert (np.diff(scores) > 0).all()


def test_a_missed_answer_scores_as_the_mean() -> None:
    scores = scoring.normal_scores(np.full((3, 5), 0.2))
    answers = np.array([[0, 1, 5]], dtype=np.int8)
    np.testing.assert_array_equal(scoring.score(answers, scores)[0], [0, scores[1, 0], scores[2, 4]])
