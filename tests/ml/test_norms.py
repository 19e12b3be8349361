"""Percentiles and the five global factors."""

import numpy as np
import pytest

from ml import factors, norms


def test_equal_weights_give_numpys_quantiles() -> None:
    values = np.random.default_rng(0).standard_normal(57)
    shares = np.linspace(0, 1, 23)
    found = norms.weighted_quantiles(values, np.full(57, 3.0), shares)
    np.testing.assert_allclose(found, np.quantile(values, shares))


def test_a_heavy_value_takes_more_of_the_quantiles() -> None:
    found = norms.weighted_quantiles(np.array([0.0, 1.0]), np.array([3.0, 1.0]), np.array([0.0, 0.5, 1.0]))
    assert found.tolist() == [0.0, 0.5, 1.0]
    heavy = norms.weighted_quantiles(np.array([0.0, 1.0, 2.0]), np.array([8.0, 1.0, 1.0]), np.array([0.5]))
    assert heavy[0] < 1


def test_one_value_is_every_quantile() -> None:
    assert norms.weighted_quantiles(np.array([2.0]), np.ones(1), np.array([0, 1])).tolist() == [2.0, 2.0]


def test_percentile_of_a_common_score_is_the_middle_of_its_people() -> None:
    table = np.array([[0.0] * 21 + [1.0] * 60 + [2.0] * 20])
    found = norms.percentile_of(np.array([[0.0], [1.0], [2.0], [-5.0], [9.0]]), table)[:, 0]
    assert found.tolist() == [10.0, 50.5, 90.5, 10.0, 90.5]


def test_percentiles_never_fall_with_the_score() -> None:
    rng = np.random.default_rng(1)
    table = np.sort(rng.integers(0, 20, (1, 101)) / 4.0)
    scores = np.sort(rng.uniform(-1, 6, (300, 1)), axis=0)
    found = norms.percentile_of(scores, table)[:, 0]
    assert (np.diff(found) >= 0).all()
    assert found.min() >= 0
    assert found.max() <= 100


def test_planted_global_factors_get_their_names() -> None:
    rng = np.random.default_rng(2)
    pattern = norms.global_pattern()
    planted = 0.6 * pattern / np.maximum(1, np.sqrt(np.abs(pattern).sum(axis=1, keepdims=True)))
    truth = rng.standard_normal((20_000, 5))
    noise = np.sqrt(1 - (planted**2).sum(axis=1)) * rng.standard_normal((20_000, 16))
    weights, loadings = norms.global_factors(truth @ planted.T + noise, np.ones(20_000))
    assert np.diag(factors.congruence(loadings, planted)).min() > 0.97
    scores = (truth @ planted.T + noise) @ weights.T
    np.testing.assert_allclose(scores.std(axis=0), 1, atol=0.02)
    for factor in range(5):
        assert np.corrcoef(scores[:, factor], truth[:, factor])[0, 1] == pytest.approx(0.75, abs=0.15)
