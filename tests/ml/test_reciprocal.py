"""Two directed scores become one list."""

import numpy as np
import pytest

from ml import reciprocal

RULES: tuple[reciprocal.Rule, ...] = ("product", "harmonic", "minimum", "arithmetic")


@pytest.mark.parametrize(
    ("rule", "expected"), [("product", 0.18), ("harmonic", 0.36 / 1.1), ("minimum", 0.2), ("arithmetic", 0.55)]
)
def test_each_rule_gives_its_value(rule: reciprocal.Rule, expected: float) -> None:
    assert reciprocal.two_sided(np.array([0.9]), np.array([0.2]), rule)[0] == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("rule", RULES)
def test_the_two_sides_may_change_places(rule: reciprocal.Rule) -> None:
    rng = np.random.default_rng(0)
    one, other = rng.random(50), rng.random(50)
    np.testing.assert_array_equal(reciprocal.two_sided(one, other, rule), reciprocal.two_sided(other, one, rule))


@pytest.mark.parametrize("rule", RULES[:3])
def test_one_sided_interest_ranks_below_moderate_interest_of_both(rule: reciprocal.Rule) -> None:
    scores = reciprocal.two_sided(np.array([0.9, 0.5]), np.array([0.1, 0.5]), rule)
    assert scores[0] < scores[1]


def test_two_zeros_have_no_harmonic_mean_but_a_score() -> None:
    assert reciprocal.two_sided(np.zeros(1), np.zeros(1), "harmonic")[0] == 0


@pytest.mark.parametrize(
    ("out", "back", "rule", "word"),
    [
        ([1.1], [0.5], "product", "outside"),
        ([np.nan], [0.5], "product", "outside"),
        ([0.5, 0.5], [0.5], "product", "shapes"),
        ([0.5], [0.5], "median", "no rule"),
    ],
)
def test_nonsense_is_refused(out: list[float], back: list[float], rule: reciprocal.Rule, word: str) -> None:
    with pytest.raises(ValueError, match=word):
        reciprocal.two_sided(np.array(out), np.array(back), rule)


def test_the_log_of_the_product_orders_as_the_product() -> None:
    rng = np.random.default_rng(1)
    one, other = rng.normal(0, 3, 200), rng.normal(0, 3, 200)
    product = reciprocal.two_sided(reciprocal.directed(one), reciprocal.directed(other))
    np.testing.assert_allclose(np.exp(reciprocal.log_product(one, other)), product, rtol=1e-9)


def test_the_log_of_the_harmonic_mean_orders_as_the_harmonic_mean() -> None:
    rng = np.random.default_rng(3)
    one, other = rng.normal(0, 3, 200), rng.normal(0, 3, 200)
    harmonic = reciprocal.two_sided(reciprocal.directed(one), reciprocal.directed(other), "harmonic")
    np.testing.assert_allclose(np.exp(reciprocal.log_harmonic(one, other)), harmonic, rtol=1e-9)


def test_the_best_are_those_that_a_full_sort_finds() -> None:
    scores = np.random.default_rng(2).integers(0, 12, 300).astype(float)
    expected = np.argsort(-scores, kind="stable")
    for n in (0, 1, 11, 300, 400):
        np.testing.assert_array_equal(reciprocal.best(scores, n), expected[:n])


def test_a_score_that_is_no_number_is_refused() -> None:
    with pytest.raises(ValueError, match="not a number"):
        reciprocal.best(np.array([1.0, np.nan]), 1)
