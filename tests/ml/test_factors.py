"""Extraction, number, rotation and alignment of factors."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from factor_analyzer import FactorAnalyzer
from numpy.typing import NDArray
from scipy.optimize import check_grad

from ml import factors
from ml.correlations import squared_multiple_correlations
from tests.ml.planted import planted_answers

Floats = NDArray[np.float64]


@pytest.fixture(scope="module")
def answers() -> NDArray[np.int8]:
    return planted_answers(1_500, np.random.default_rng(11))[0][:, :43]


@pytest.fixture(scope="module")
def matrix(answers: NDArray[np.int8]) -> Floats:
    return np.corrcoef(answers.T)


def test_a_planted_solution_is_recovered_exactly() -> None:
    rng = np.random.default_rng(0)
    loadings = np.zeros((12, 3))
    loadings[np.arange(12), np.arange(12) // 4] = rng.uniform(0.4, 0.8, 12)
    planted = loadings @ loadings.T
    np.fill_diagonal(planted, 1)
    found = factors.minres(planted, 3)
    np.testing.assert_allclose(found.uniquenesses, 1 - (loadings**2).sum(axis=1), atol=1e-5)
    assert found.residual < 1e-9
    order = factors.match_factors(loadings, factors.varimax(found.loadings))
    np.testing.assert_allclose(factors.varimax(found.loadings)[:, order], loadings, atol=1e-4)


def test_communalities_are_those_of_factor_analyzer(answers: NDArray[np.int8], matrix: Floats) -> None:
    oracle = FactorAnalyzer(n_factors=4, rotation=None, method="minres").fit(answers.astype(float))
    found = factors.minres(matrix, 4)
    np.testing.assert_allclose((found.loadings**2).sum(axis=1), oracle.get_communalities(), atol=2e-3)
    assert np.abs(np.diag(factors.congruence(found.loadings, oracle.loadings_))).min() > 0.999


def test_no_other_uniquenesses_leave_less(matrix: Floats) -> None:
    found = factors.minres(matrix, 4)
    rng = np.random.default_rng(0)
    for _ in range(20):
        other = np.clip(found.uniquenesses + rng.normal(0, 0.02, len(matrix)), 0.005, 1)
        assert residual(matrix, other, 4) >= found.residual - 1e-12


def residual(matrix: Floats, uniquenesses: Floats, n_factors: int) -> float:
    values = np.linalg.eigvalsh(matrix - np.diag(uniquenesses))
    values[-n_factors:] = np.minimum(values[-n_factors:], 0)
    return float(values @ values)


def test_the_gradient_is_the_slope_of_the_residual(matrix: Floats) -> None:
    def gradient(uniquenesses: Floats) -> Floats:
        values, vectors = np.linalg.eigh(matrix - np.diag(uniquenesses))
        values[-4:] = 0
        return np.asarray(-2 * (vectors**2 @ values))

    start = 1 - squared_multiple_correlations(matrix)
    slope = check_grad(lambda point: residual(matrix, point, 4), gradient, start)
    assert slope < 1e-5 * np.linalg.norm(gradient(start))


def test_order_of_items_does_not_matter(matrix: Floats) -> None:
    order = np.random.default_rng(2).permutation(len(matrix))
    shuffled = factors.minres(matrix[np.ix_(order, order)], 4)
    np.testing.assert_allclose(shuffled.uniquenesses, factors.minres(matrix, 4).uniquenesses[order], atol=1e-4)


def test_same_input_gives_the_same_solution_and_stays_as_it_was(matrix: Floats) -> None:
    before = matrix.copy()
    first, second = factors.minres(matrix, 4), factors.minres(matrix, 4)
    np.testing.assert_array_equal(first.loadings, second.loadings)
    np.testing.assert_array_equal(matrix, before)


@pytest.mark.parametrize("n_factors", [0, 43, 100])
def test_impossible_numbers_of_factors_are_refused(matrix: Floats, n_factors: int) -> None:
    with pytest.raises(ValueError, match="cannot be taken"):
        factors.minres(matrix, n_factors)
    with pytest.raises(ValueError, match="cannot be taken"):
        factors.maximum_likelihood(matrix, n_factors)


def test_kaisers_number_counts_the_planted_factors(matrix: Floats) -> None:
    assert factors.kaiser_number(matrix) == 4
    assert factors.kaiser_number(np.eye(5)) == 0


def test_shares_of_common_variance_rise_to_one(matrix: Floats) -> None:
    shares = factors.common_variance_shares(matrix)
    assert (np.diff(shares) >= 0).all()
    assert shares[-1] == pytest.approx(1)
    assert shares[3] > 0.95
    assert shares[2] < 0.9


def test_maximum_likelihood_is_that_of_factor_analyzer(answers: NDArray[np.int8], matrix: Floats) -> None:
    oracle = FactorAnalyzer(n_factors=4, rotation=None, method="ml").fit(answers.astype(float))
    found = factors.maximum_likelihood(matrix, 4)
    np.testing.assert_allclose((found.loadings**2).sum(axis=1), oracle.get_communalities(), atol=2e-3)
    assert np.abs(np.diag(factors.congruence(found.loadings, oracle.loadings_))).min() > 0.999


def test_maximum_likelihood_recovers_a_planted_solution() -> None:
    loadings = np.random.default_rng(3).uniform(-0.6, 0.6, (15, 3))
    planted = loadings @ loadings.T
    np.fill_diagonal(planted, 1)
    found = factors.maximum_likelihood(planted, 3)
    assert found.residual == pytest.approx(0, abs=1e-8)
    np.testing.assert_allclose(found.loadings @ found.loadings.T, loadings @ loadings.T, atol=1e-4)


def test_no_other_uniquenesses_are_likelier(matrix: Floats) -> None:
    found = factors.maximum_likelihood(matrix, 4)
    assert discrepancy(matrix, found.uniquenesses) == pytest.approx(found.residual)
    rng = np.random.default_rng(0)
    for _ in range(20):
        other = np.clip(found.uniquenesses + rng.normal(0, 0.02, len(matrix)), 0.005, 1)
        assert discrepancy(matrix, other) >= found.residual - 1e-12


def discrepancy(matrix: Floats, uniquenesses: Floats) -> float:
    """Return what maximum likelihood makes least, from the covariance that four factors imply."""
    spread = np.sqrt(uniquenesses)
    values, vectors = np.linalg.eigh(matrix / np.outer(spread, spread))
    loadings = spread[:, np.newaxis] * vectors[:, -4:] * np.sqrt(values[-4:] - 1)
    implied = loadings @ loadings.T + np.diag(uniquenesses)
    logs = np.linalg.slogdet(implied)[1] - np.linalg.slogdet(matrix)[1]
    return float(logs + np.trace(np.linalg.solve(implied, matrix)) - len(matrix))


def test_procrustes_undoes_a_rotation() -> None:
    rng = np.random.default_rng(4)
    target = rng.standard_normal((20, 3))
    turn = np.linalg.qr(rng.standard_normal((3, 3)))[0]
    rotation = factors.procrustes(target @ turn, target)
    np.testing.assert_allclose(target @ turn @ rotation, target, atol=1e-12)
    np.testing.assert_allclose(rotation @ rotation.T, np.eye(3), atol=1e-12)


def test_factors_are_matched_whatever_their_order_and_sign() -> None:
    loadings = np.random.default_rng(6).standard_normal((30, 4))
    order = np.array([3, 1, 0, 2])
    shuffled = loadings[:, order] * np.array([1, -1, -1, 1])
    np.testing.assert_array_equal(order[factors.match_factors(loadings, shuffled)], np.arange(4))


def matrix_of_the_r_script() -> Floats:
    """Return the matrix that `expected/psych_fa.R` makes."""
    item, factor = np.meshgrid(np.arange(1, 25), np.arange(1, 5), indexing="ij")
    loadings = np.where(item % 4 == factor - 1, 0.7, 0.15) * (1 + 0.3 * np.sin(7 * item + 3 * factor))
    matrix = loadings @ loadings.T + 0.03 * np.sin(np.outer(np.arange(1, 25), np.arange(1, 25)))
    np.fill_diagonal(matrix, 1)
    return np.asarray(matrix)


@pytest.mark.parametrize(
    ("method", "extract"), [("minres", factors.minres), ("ml", factors.maximum_likelihood)], ids=["minres", "ml"]
)
def test_factors_are_those_of_the_psych_package_of_r(method: str, extract: Callable[..., factors.Solution]) -> None:
    expected = pd.read_csv(Path(__file__).parent / "expected" / "psych_fa.csv")
    found = extract(matrix_of_the_r_script(), 4)
    communality = expected[f"{method}_communality"].to_numpy()
    assert np.abs((found.loadings**2).sum(axis=1) - communality).max() < 5e-5
    pattern, phi = factors.oblimin(found.loadings)
    structure = expected[[f"{method}_structure_{each}" for each in range(1, 5)]].to_numpy()
    ours = pattern @ phi
    order = factors.match_factors(structure, ours)
    signs = np.sign((structure * ours[:, order]).sum(axis=0))
    assert np.abs(ours[:, order] * signs - structure).max() < 1e-3
