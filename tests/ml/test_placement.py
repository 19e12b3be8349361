"""Completing partial answers, likeness, and which item to ask next."""

from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import multivariate_normal, norm

from ml import placement

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Sheets:
    axes: NDArray[np.float32]
    reliability: NDArray[np.float32]


@pytest.fixture(scope="module")
def factor_model() -> tuple[Floats, Floats]:
    rng = np.random.default_rng(0)
    loadings = rng.normal(0, 0.35, (12, 3))
    return loadings, 1 - (loadings**2).sum(axis=1)


def covariance_of(model: tuple[Floats, Floats]) -> Floats:
    return model[0] @ model[0].T + np.diag(model[1])


def drawn_sheets(n: int, n_axes: int, seed: int, *, shared: bool = False) -> Sheets:
    rng = np.random.default_rng(seed)
    reliability = rng.uniform(0.05, 0.95, (1 if shared else n, n_axes)).repeat(n if shared else 1, axis=0)
    axes = rng.standard_normal((n, n_axes)) * np.sqrt(reliability)
    return Sheets(axes.astype(np.float32), reliability.astype(np.float32))


class TestCompletion:
    def test_expects_what_the_conditional_normal_expects(self, factor_model: tuple[Floats, Floats]) -> None:
        covariance = covariance_of(factor_model)
        rng = np.random.default_rng(1)
        values, observed = rng.standard_normal((40, 12)), rng.random((40, 12)) < 0.6
        targets = rng.standard_normal((4, 12))
        found = placement.complete(values, observed, np.linalg.inv(covariance), targets)
        for row in range(40):
            known, missed = np.flatnonzero(observed[row]), np.flatnonzero(~observed[row])
            weights = np.linalg.solve(covariance[np.ix_(known, known)], covariance[np.ix_(known, missed)]).T
            left = covariance[np.ix_(missed, missed)] - weights @ covariance[np.ix_(known, missed)]
            np.testing.assert_allclose(found.values[row, missed], weights @ values[row, known], atol=1e-10)
            np.testing.assert_array_equal(found.values[row, known], values[row, known])
            expected = np.diag(targets[:, missed] @ left @ targets[:, missed].T)
            np.testing.assert_allclose(found.variances[row], expected, atol=1e-10)

    def test_posterior_means_of_partial_sheets_follow(self, factor_model: tuple[Floats, Floats]) -> None:
        loadings, uniquenesses = factor_model
        observed = np.zeros((1, 12), dtype=bool)
        observed[0, [1, 4, 5, 9]] = True
        values = np.random.default_rng(2).standard_normal((1, 12))
        weights = placement.posterior_weights(loadings, uniquenesses)
        found = placement.complete(values, observed, np.linalg.inv(covariance_of(factor_model)), weights)
        own, noise = loadings[observed[0]], uniquenesses[observed[0]]
        precision = np.eye(3) + (own / noise[:, np.newaxis]).T @ own
        direct = np.linalg.solve(precision, (own / noise[:, np.newaxis]).T @ values[0, observed[0]])
        np.testing.assert_allclose(found.values[0] @ weights.T, direct, atol=1e-9)
        full = np.linalg.inv(np.eye(3) + (loadings / uniquenesses[:, np.newaxis]).T @ loadings)
        np.testing.assert_allclose(found.variances[0] + np.diag(full), np.diag(np.linalg.inv(precision)), atol=1e-9)

    def test_complete_rows_have_no_uncertainty(self, factor_model: tuple[Floats, Floats]) -> None:
        values = np.random.default_rng(3).standard_normal((2, 12))
        precision = np.linalg.inv(covariance_of(factor_model))
        found = placement.complete(values, np.ones((2, 12), dtype=bool), precision, np.eye(12))
        np.testing.assert_array_equal(found.values, values)
        assert not found.variances.any()

    def test_rows_without_answers_get_the_prior(self, factor_model: tuple[Floats, Floats]) -> None:
        covariance = covariance_of(factor_model)
        values = np.full((1, 12), 9.0)
        found = placement.complete(values, np.zeros((1, 12), dtype=bool), np.linalg.inv(covariance), np.eye(12))
        assert not found.values.any()
        np.testing.assert_allclose(found.variances[0], np.diag(covariance), atol=1e-10)

    def test_input_is_not_changed(self, factor_model: tuple[Floats, Floats]) -> None:
        values, observed = np.ones((3, 12)), np.eye(12, dtype=bool)[:3]
        placement.complete(values, observed, np.linalg.inv(covariance_of(factor_model)), np.eye(12))
        assert (values == 1).all()
        assert observed.sum() == 3


class TestCanonicalAxes:
    def test_posteriors_are_independent_on_them(self, factor_model: tuple[Floats, Floats]) -> None:
        loadings, reliability = placement.canonical_axes(*factor_model)
        precision = np.eye(3) + (loadings / factor_model[1][:, np.newaxis]).T @ loadings
        np.testing.assert_allclose(np.linalg.inv(precision), np.diag(1 - reliability), atol=1e-10)
        assert (np.diff(reliability) <= 0).all()
        np.testing.assert_allclose(loadings @ loadings.T, factor_model[0] @ factor_model[0].T, atol=1e-10)

    def test_do_not_depend_on_the_rotation(self, factor_model: tuple[Floats, Floats]) -> None:
        turn = np.linalg.qr(np.random.default_rng(0).standard_normal((3, 3)))[0]
        first, second = (
            placement.canonical_axes(load, factor_model[1]) for load in (factor_model[0], factor_model[0] @ turn)
        )
        np.testing.assert_allclose(first[0], second[0], atol=1e-10)


class TestLikeness:
    def test_is_the_log_ratio_of_two_normal_densities(self) -> None:
        x, y, r, s = 0.7, -0.2, 0.8, 0.5
        together = multivariate_normal([0, 0], [[r, r * s], [r * s, s]]).logpdf([x, y])
        apart = norm(0, np.sqrt(r)).logpdf(x) + norm(0, np.sqrt(s)).logpdf(y)
        one = Sheets(np.array([[x]], dtype=np.float32), np.array([[r]], dtype=np.float32))
        other = Sheets(np.array([[y]], dtype=np.float32), np.array([[s]], dtype=np.float32))
        assert placement.likeness(one, other)[0, 0] == pytest.approx(together - apart, abs=1e-5)

    def test_is_the_standardised_formula_for_equal_reliability(self) -> None:
        a, b = drawn_sheets(4, 6, 0, shared=True), drawn_sheets(5, 6, 1)
        b = Sheets(b.axes, a.reliability[:1].repeat(5, axis=0))
        r = a.reliability[0].astype(float)
        x, y = a.axes / np.sqrt(r), b.axes / np.sqrt(r)
        own = r**2 / (2 * (1 - r**2))
        expected = (x * (r / (1 - r**2))) @ y.T - (x**2 @ own)[:, np.newaxis] - y**2 @ own - np.log(1 - r**2).sum() / 2
        np.testing.assert_allclose(placement.likeness(a, b), expected, atol=1e-3)

    @pytest.mark.parametrize("shared", [True, False])
    def test_is_symmetric(self, shared: bool) -> None:
        a, b = drawn_sheets(30, 8, 0, shared=shared), drawn_sheets(50, 8, 1)
        np.testing.assert_allclose(placement.likeness(a, b), placement.likeness(b, a).T, rtol=1e-4, atol=1e-4)

    def test_common_and_single_reliabilities_give_the_same(self) -> None:
        mixed = drawn_sheets(60, 5, 3)
        mixed.reliability[:30] = mixed.reliability[0]
        viewer = drawn_sheets(3, 5, 4)
        one_by_one = np.hstack(
            [placement.likeness(viewer, Sheets(mixed.axes[[i]], mixed.reliability[[i]])) for i in range(60)]
        )
        np.testing.assert_allclose(placement.likeness(viewer, mixed), one_by_one, rtol=1e-4, atol=1e-4)

    def test_nothing_answered_is_no_evidence(self) -> None:
        nobody = Sheets(np.zeros((2, 5), dtype=np.float32), np.zeros((2, 5), dtype=np.float32))
        assert (placement.likeness(nobody, drawn_sheets(40, 5, 0)) == 0).all()
        assert (placement.likeness(nobody, nobody) == 0).all()

    def test_adds_up_over_axes(self) -> None:
        a, b = drawn_sheets(3, 4, 0), drawn_sheets(4, 4, 1)
        parts = [
            placement.likeness(
                Sheets(a.axes[:, [i]], a.reliability[:, [i]]), Sheets(b.axes[:, [i]], b.reliability[:, [i]])
            )
            for i in range(4)
        ]
        np.testing.assert_allclose(placement.likeness(a, b), sum(parts), atol=1e-4)

    def test_two_sheets_of_one_person_stand_out(self) -> None:
        rng = np.random.default_rng(0)
        reliability = np.full((500, 12), 0.7)
        truth = rng.standard_normal((500, 12))
        a, b = (0.7 * truth + np.sqrt(0.21) * rng.standard_normal((500, 12)) for _ in range(2))
        found = placement.likeness(Sheets(a, reliability), Sheets(b, reliability))  # type: ignore[arg-type]
        assert (found.argmax(axis=1) == np.arange(500)).mean() > 0.25
        # On average the evidence favours the truth, in both directions.
        assert np.diag(found).mean() > 0 > found[~np.eye(500, dtype=bool)].mean()

    @pytest.mark.parametrize(
        ("axes", "reliability", "reason"),
        [
            (np.zeros((1, 3)), np.zeros((1, 2)), "one shape"),
            (np.zeros(3), np.zeros(3), "matrices"),
            (np.full((1, 3), np.nan), np.zeros((1, 3)), "finite"),
            (np.zeros((1, 3)), np.ones((1, 3)), "below 1"),
            (np.zeros((1, 3)), np.full((1, 3), -0.1), "below 1"),
            (np.zeros((1, 4)), np.zeros((1, 4)), "different models"),
        ],
    )
    def test_refuses_what_are_no_places(self, axes: Floats, reliability: Floats, reason: str) -> None:
        with pytest.raises(ValueError, match=reason):
            placement.likeness(Sheets(axes, reliability), drawn_sheets(1, 3, 0))  # type: ignore[arg-type]

    def test_nobody_has_no_likeness(self) -> None:
        empty = Sheets(np.zeros((0, 3), dtype=np.float32), np.zeros((0, 3), dtype=np.float32))
        assert placement.likeness(empty, drawn_sheets(4, 3, 0)).shape == (0, 4)
        assert placement.likeness(drawn_sheets(4, 3, 0), empty).shape == (4, 0)


class TestExpectedLikeness:
    def test_is_likeness_for_complete_sheets(self) -> None:
        a = drawn_sheets(20, 6, 0, shared=True)
        b = Sheets(drawn_sheets(30, 6, 1).axes, a.reliability[:1].repeat(30, axis=0))
        expected = placement.expected_likeness(a, b, a.reliability[0])
        np.testing.assert_allclose(expected, placement.likeness(a, b), rtol=1e-4, atol=1e-4)

    def test_is_the_mean_over_what_could_still_be_answered(self) -> None:
        full, r, x, y = 0.8, 0.3, 0.4, -0.5
        rng = np.random.default_rng(0)
        futures = x + np.sqrt(full - r) * rng.standard_normal(200_000)
        known = Sheets(np.array([[y]]), np.array([[full]]))  # type: ignore[arg-type]
        answered = Sheets(futures[:, np.newaxis], np.full((200_000, 1), full))  # type: ignore[arg-type]
        mean = placement.likeness(answered, known).mean()
        partial = Sheets(np.array([[x]]), np.array([[r]]))  # type: ignore[arg-type]
        assert placement.expected_likeness(partial, known, [full])[0, 0] == pytest.approx(mean, abs=0.01)

    def test_is_the_same_for_everybody_who_answered_nothing(self) -> None:
        nobody = Sheets(np.zeros((3, 4), dtype=np.float32), np.zeros((3, 4), dtype=np.float32))
        full = np.full(4, 0.6)
        found = placement.expected_likeness(nobody, nobody, full)
        assert np.unique(found).size == 1
        # Two strangers' mean: minus half the log, minus what both squares take away.
        assert found[0, 0] == pytest.approx(4 * (-np.log(1 - 0.36) / 2 - 0.36 / (1 - 0.36)), abs=1e-4)

    def test_refuses_axes_of_another_model(self) -> None:
        with pytest.raises(ValueError, match="one model"):
            placement.expected_likeness(drawn_sheets(2, 3, 0), drawn_sheets(2, 3, 1), np.full(4, 0.9))


class TestNextItems:
    def test_leaves_the_least_uncertainty_each_time(self, factor_model: tuple[Floats, Floats]) -> None:
        precision = np.linalg.inv(covariance_of(factor_model))
        targets = np.random.default_rng(0).standard_normal((3, 12))
        observed = np.zeros(12, dtype=bool)
        observed[[0, 7]] = True
        for chosen in placement.next_items(observed, precision, targets, n=4):
            left = {}
            for item in np.flatnonzero(~observed):
                with_it = observed.copy()
                with_it[item] = True
                found = placement.complete(np.zeros((1, 12)), with_it[np.newaxis], precision, targets)
                left[int(item)] = (found.variances**0.75).sum()
            assert chosen == min(left, key=lambda item: left[item])
            observed[chosen] = True

    def test_asks_everything_once_and_then_nothing(self, factor_model: tuple[Floats, Floats]) -> None:
        precision = np.linalg.inv(covariance_of(factor_model))
        every = placement.next_items(np.zeros(12, dtype=bool), precision, np.eye(12), n=99)
        assert sorted(every.tolist()) == list(range(12))
        assert placement.next_items(np.ones(12, dtype=bool), precision, np.eye(12)).size == 0
        assert placement.next_items(np.zeros(12, dtype=bool), precision, np.eye(12), n=0).size == 0
