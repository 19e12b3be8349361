"""The number of factors by several criteria."""

import json

import numpy as np
import pytest

from ml import factors, retention
from ml.correlations import moments
from tests.ml.planted import planted_answers


def test_random_eigenvalues_are_those_of_random_answers() -> None:
    rng = np.random.default_rng(0)
    drawn = retention.random_eigenvalues(400, 30, n_draws=300, rng=rng)
    simulated = [np.linalg.eigvalsh(np.corrcoef(rng.standard_normal((400, 30)).T))[::-1] for _ in range(300)]
    np.testing.assert_allclose(drawn, np.quantile(simulated, 0.95, axis=0), atol=0.02)


def test_more_people_bring_random_eigenvalues_closer_to_one() -> None:
    few, many = (
        retention.random_eigenvalues(n, 20, n_draws=50, rng=np.random.default_rng(1)) for n in (100, 1_000_000)
    )
    assert few[0] > 1.5
    np.testing.assert_allclose(many, 1, atol=0.01)


def test_random_correlations_of_too_few_people_are_refused() -> None:
    with pytest.raises(ValueError, match="too few"):
        retention.random_eigenvalues(30, 30, n_draws=5, rng=np.random.default_rng(0))


def test_eigenvalues_count_up_to_the_first_that_chance_explains() -> None:
    random = np.full(4, 1.1)
    assert retention.parallel_number(np.array([2.0, 1.2, 1.0, 1.3]), random) == 2
    assert retention.parallel_number(np.array([2.0, 1.5, 1.4, 1.3]), random) == 4
    assert retention.parallel_number(np.array([1.0, 0.9, 0.8, 0.7]), random) == 0


def test_average_partial_correlations_are_those_of_the_residuals_of_a_regression() -> None:
    answers, _ = planted_answers(800, np.random.default_rng(2))
    values = answers[:, :20].astype(float)
    values = (values - values.mean(axis=0)) / values.std(axis=0)
    matrix = np.corrcoef(values.T)
    vectors = np.linalg.eigh(matrix)[1][:, ::-1]
    for m in (0, 1, 3):
        scores = values @ vectors[:, :m]
        left = values - scores @ np.linalg.lstsq(scores, values, rcond=None)[0] if m else values
        partial = np.corrcoef(left.T)
        expected = ((partial**2).sum() - 20) / (20 * 19)
        assert retention.minimum_average_partial(matrix)[m] == pytest.approx(expected)


def test_items_that_are_explained_entirely_end_the_search_without_a_warning() -> None:
    nearly_one = np.full((6, 6), 1 - 1e-9) + 1e-9 * np.eye(6)
    averages = retention.minimum_average_partial(nearly_one)
    assert averages[1:].tolist() == [1.0] * 4


def test_every_criterion_finds_the_planted_factors() -> None:
    answers, _ = planted_answers(4_000, np.random.default_rng(3))
    found = moments(answers)
    rng = np.random.default_rng(0)
    halves = retention.halves_in_common(answers, weights=None, numbers=(14, 16, 18), rng=rng)
    report = retention.retention(found.correlations, found.n_people, halves=halves, n_draws=20, rng=rng)
    assert report["kaiser"] == report["parallel"]["number"] == report["map"]["number"] == 16
    assert report["halves"]["number"] == 16
    least = {row["k"]: row["least"] for row in report["halves"]["per_k"]}
    assert least[16] > 0.98
    assert least[18] < retention.REPRODUCED
    assert len(report["parallel"]["eigenvalues"]) == 163
    json.dumps(report, allow_nan=False)


def test_halves_of_few_people_are_not_compared() -> None:
    answers, _ = planted_answers(3_000, np.random.default_rng(3))
    assert retention.halves_in_common(answers, weights=None, numbers=(5,), rng=np.random.default_rng(0)) == []


def test_same_seed_gives_the_same_numbers() -> None:
    answers, _ = planted_answers(4_000, np.random.default_rng(3))
    first, second = (
        retention.halves_in_common(answers, weights=np.ones(4_000), numbers=(5, 16), rng=np.random.default_rng(7))
        for _ in range(2)
    )
    assert first == second


def test_correlations_stay_as_they_were() -> None:
    matrix = factors.minres(np.corrcoef(np.random.default_rng(0).standard_normal((10, 50))), 1).loadings
    matrix = matrix @ matrix.T
    np.fill_diagonal(matrix, 1)
    before = matrix.copy()
    retention.minimum_average_partial(matrix)
    np.testing.assert_array_equal(matrix, before)
