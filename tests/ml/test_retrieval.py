"""Finding people again from the other half of their answers."""

import numpy as np
import pytest

from ml import pipeline, retrieval
from ml.items import KEYED, SCALE_OF
from tests.ml.planted import planted_answers


def test_halves_are_balanced_by_scale_and_key() -> None:
    for seed in range(20):
        half = retrieval.balanced_half(np.random.default_rng(seed))
        for group in np.unique(SCALE_OF * KEYED.astype(int) * 2 + (KEYED > 0)):
            items = half[SCALE_OF * KEYED.astype(int) * 2 + (KEYED > 0) == group]
            assert abs(int(items.sum()) - int((~items).sum())) <= 1


def test_score_counts_who_was_found() -> None:
    similarity = np.full((12, 12), -1.0)
    np.fill_diagonal(similarity, 1.0)
    similarity[0, 1] = 2.0
    similarity[1, :11] = 3.0
    scored = retrieval.score_retrieval(similarity)
    assert scored.top_1 == pytest.approx(10 / 12)
    assert scored.top_10 == pytest.approx(11 / 12)


def test_ties_count_against_the_model() -> None:
    assert retrieval.score_retrieval(np.zeros((20, 20))).top_10 == 0


def test_probability_is_that_of_a_uniform_prior() -> None:
    ratios = np.log(np.array([[3.0, 1.0], [1.0, 1.0]]))
    np.testing.assert_allclose(np.exp(retrieval.score_retrieval(ratios).log_probability), [0.75, 0.5])


def test_large_ratios_do_not_overflow() -> None:
    scored = retrieval.score_retrieval(np.array([[900.0, 0.0], [0.0, -900.0]]))
    assert np.isfinite(scored.log_probability).all()


def test_number_of_axes_is_that_of_the_planted_factors() -> None:
    answers, _ = planted_answers(3_000, np.random.default_rng(0))
    n_axes, rows = retrieval.choose_axes(
        answers, weights=None, candidates=(4, 16, 48), n_held_out=300, rng=np.random.default_rng(1)
    )
    assert n_axes == 16
    assert [row["axes"] for row in rows] == [4, 16, 48]
    assert rows[1]["top_1"] > 0.9 > 100 * (1 / 300)


def test_too_few_complete_sheets_take_the_smallest_number() -> None:
    answers, _ = planted_answers(300, np.random.default_rng(0))
    answers[40:, 0] = 0
    chosen = retrieval.choose_axes(
        answers, weights=None, candidates=(3, 16), n_held_out=300, rng=np.random.default_rng(1)
    )
    assert chosen == (3, [])


def test_weights_take_part() -> None:
    answers, _ = planted_answers(600, np.random.default_rng(0))
    config = {"candidates": (4, 16), "n_held_out": 100}
    weights = np.random.default_rng(3).uniform(0.5, 2, 600)
    _, plain = retrieval.choose_axes(answers, weights=None, rng=np.random.default_rng(1), **config)  # type: ignore[arg-type]
    _, weighted = retrieval.choose_axes(answers, weights=weights, rng=np.random.default_rng(1), **config)  # type: ignore[arg-type]
    assert plain != weighted


def test_pipeline_reports_what_was_tried() -> None:
    answers, _ = planted_answers(500, np.random.default_rng(2))
    config = pipeline.TrainingConfig(
        n_axes=(8, 16), n_held_out=80, n_types_fit=400, n_silhouette=100, n_bootstraps=1, n_label_pairs=100
    )
    report = pipeline.train_measurement(answers, config=config).report
    assert [row["axes"] for row in report["likeness"]["tried"]] == [8, 16]
    assert report["likeness"]["axes"] in {8, 16}
