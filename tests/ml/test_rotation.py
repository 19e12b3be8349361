"""Rotation to simple structure, orthogonal and oblique."""

import numpy as np
import pytest
from factor_analyzer import FactorAnalyzer
from factor_analyzer.rotator import Rotator
from numpy.typing import NDArray
from scipy.optimize import check_grad

from ml import factors, rotation
from tests.ml.planted import planted_answers

Floats = NDArray[np.float64]


@pytest.fixture(scope="module")
def answers() -> NDArray[np.int8]:
    return planted_answers(1_500, np.random.default_rng(11))[0][:, :43]


@pytest.fixture(scope="module")
def loadings(answers: NDArray[np.int8]) -> Floats:
    return factors.minres(np.corrcoef(answers.T), 4).loadings


def planted_oblique(seed: int = 0, k: int = 4, each: int = 6) -> tuple[Floats, Floats]:
    """Return a simple pattern, every item on one factor, and the factors' correlations."""
    rng = np.random.default_rng(seed)
    pattern = np.zeros((k * each, k))
    # No two factors explain equally much, so their order is known.
    pattern[np.arange(k * each), np.arange(k * each) // each] = rng.uniform(0.4, 0.8, k * each)
    pattern = pattern[:, np.argsort(-(pattern**2).sum(axis=0))]
    phi = np.full((k, k), 0.3) + 0.7 * np.eye(k)
    phi[0, 1] = phi[1, 0] = 0.5
    return pattern, phi


def test_varimax_is_that_of_factor_analyzer(loadings: Floats) -> None:
    oracle = Rotator(method="varimax", normalize=True).fit_transform(loadings)
    mine = rotation.varimax(loadings)
    order = factors.match_factors(mine, oracle)
    np.testing.assert_allclose(np.abs(mine), np.abs(oracle[:, order]), atol=2e-3)


def test_varimax_keeps_communalities_and_does_not_depend_on_the_start(loadings: Floats) -> None:
    turn = np.linalg.qr(np.random.default_rng(5).standard_normal((4, 4)))[0]
    first, second = rotation.varimax(loadings), rotation.varimax(loadings @ turn)
    np.testing.assert_allclose(first, second, atol=1e-4)
    np.testing.assert_allclose((first**2).sum(axis=1), (loadings**2).sum(axis=1))
    assert (first.sum(axis=0) > 0).all()


def test_oblimin_recovers_a_planted_pattern_and_the_correlations_of_its_factors() -> None:
    pattern, phi = planted_oblique()
    turn = np.linalg.qr(np.random.default_rng(3).standard_normal((4, 4)))[0]
    found, found_phi = rotation.oblimin(pattern @ np.linalg.cholesky(phi) @ turn)
    np.testing.assert_allclose(found, pattern, atol=1e-5)
    np.testing.assert_allclose(found_phi, phi, atol=1e-5)


def test_a_planted_population_is_found_again_from_its_correlations() -> None:
    pattern, phi = planted_oblique(seed=1)
    matrix = pattern @ phi @ pattern.T
    np.fill_diagonal(matrix, 1)
    for extract in (factors.minres, factors.maximum_likelihood):
        found, found_phi = rotation.oblimin(extract(matrix, 4).loadings)
        assert np.diag(factors.congruence(found, pattern)).min() > 0.999
        np.testing.assert_allclose(found_phi, phi, atol=1e-3)


def test_oblimin_is_that_of_factor_analyzer(answers: NDArray[np.int8], loadings: Floats) -> None:
    # Its phi_ stays unsorted when the loadings are sorted, so the structure is what can be compared.
    oracle = FactorAnalyzer(n_factors=4, rotation="oblimin", method="minres").fit(answers.astype(float))
    pattern, phi = rotation.oblimin(loadings)
    order = factors.match_factors(pattern, oracle.loadings_)
    assert np.abs(np.diag(factors.congruence(pattern, oracle.loadings_[:, order]))).min() > 0.999
    structure = pattern @ phi
    order = factors.match_factors(structure, oracle.structure_)
    assert np.abs(np.diag(factors.congruence(structure, oracle.structure_[:, order]))).min() > 0.999


def test_oblimin_leaves_no_more_than_factor_analyzer_where_factors_overlap() -> None:
    rng = np.random.default_rng(9)
    loadings = rng.standard_normal((40, 6)) * 0.4
    oracle = Rotator(method="oblimin", normalize=False, max_iter=5_000, tol=1e-8).fit_transform(loadings)
    assert complexity(rotation.oblimin(loadings)[0]) <= complexity(oracle) + 1e-8


def complexity(pattern: Floats) -> float:
    squares = pattern**2
    return float(((squares.sum(axis=1, keepdims=True) - squares) * squares).sum() / 4)


def test_oblimin_explains_the_same_correlations(loadings: Floats) -> None:
    pattern, phi = rotation.oblimin(loadings)
    np.testing.assert_allclose(pattern @ phi @ pattern.T, loadings @ loadings.T, atol=1e-10)
    np.testing.assert_allclose(np.diag(phi), 1)
    assert (pattern.sum(axis=0) > 0).all()
    share = (pattern * (pattern @ phi)).sum(axis=0)
    assert (np.diff(share) <= 0).all()


def test_a_lower_gamma_makes_the_factors_correlate_less(loadings: Floats) -> None:
    def largest(gamma: float) -> float:
        phi = rotation.oblimin(loadings, gamma=gamma)[1]
        return float(np.abs(phi - np.eye(4)).max())

    assert largest(-2.0) < largest(0.0)


@pytest.mark.parametrize("gamma", [0.0, 0.3, -1.0])
def test_the_gradient_is_the_slope_of_the_criterion(loadings: Floats, gamma: float) -> None:
    turn = np.eye(4) + 0.2 * np.random.default_rng(2).standard_normal((4, 4))

    def value(flat: Floats) -> float:
        pattern = loadings @ np.linalg.inv(flat.reshape(4, 4)).T
        squares = pattern**2
        others = squares.sum(axis=1, keepdims=True) - squares
        return float((squares * (others - gamma * others.mean(axis=0))).sum() / 4)

    def slope(flat: Floats) -> Floats:
        return np.asarray(rotation._oblimin_criterion(loadings, flat.reshape(4, 4), gamma)[1].ravel())

    assert check_grad(value, slope, turn.ravel()) < 1e-5 * np.linalg.norm(slope(turn.ravel()))


def test_one_factor_and_input_stay_as_they_are(loadings: Floats) -> None:
    pattern, phi = rotation.oblimin(loadings[:, :1])
    np.testing.assert_allclose(np.abs(pattern), np.abs(loadings[:, :1]))
    assert phi.tolist() == [[1.0]]
    before = loadings.copy()
    rotation.oblimin(loadings)
    np.testing.assert_array_equal(loadings, before)
