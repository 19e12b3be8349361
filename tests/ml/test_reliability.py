"""Reliability of scales, and items that work otherwise in some groups."""

import json

import numpy as np
import pytest
from numpy.typing import NDArray

from ml import reliability
from ml.items import KEYED, N_ITEMS, SCALE_OF
from tests.ml.planted import LOADING, planted_answers

GROUPS = np.where(np.arange(4_000) % 2 == 0, "left", "right")


@pytest.fixture(scope="module")
def answers() -> NDArray[np.int8]:
    return planted_answers(4_000, np.random.default_rng(0), missing=0.01)[0]


def test_omega_of_equal_items_is_the_spearman_brown_formula() -> None:
    n, r = 10, LOADING**2
    matrix = np.full((n, n), r) + (1 - r) * np.eye(n)
    expected = n * r / (1 + (n - 1) * r)
    assert reliability.omega_total(matrix, np.ones(n)) == pytest.approx(expected, abs=5e-3)
    assert reliability.alpha(matrix, np.ones(n)) == pytest.approx(expected)


def test_omega_of_one_factor_is_computed_from_its_loadings() -> None:
    loadings = np.array([0.9, 0.8, 0.5, 0.4, 0.3])
    matrix = np.outer(loadings, loadings)
    np.fill_diagonal(matrix, 1)
    expected = loadings.sum() ** 2 / (loadings.sum() ** 2 + (1 - loadings**2).sum())
    omega = reliability.omega_total(matrix, np.ones(5))
    assert omega == pytest.approx(expected, abs=5e-3)
    assert omega > reliability.alpha(matrix, np.ones(5))


def test_items_keyed_the_other_way_and_items_of_other_scales_change_nothing() -> None:
    loadings = np.array([0.9, -0.8, 0.5, 0.4, 0.0, 0.0])
    matrix = np.outer(loadings, loadings)
    np.fill_diagonal(matrix, 1)
    weights = np.array([1.0, -1, 1, 1, 0, 0])
    straight = np.abs(matrix[:4, :4])
    assert reliability.omega_total(matrix, weights) == pytest.approx(reliability.omega_total(straight, np.ones(4)))


def test_omega_needs_three_items() -> None:
    with pytest.raises(ValueError, match="at least three items"):
        reliability.omega_total(np.eye(4), np.array([1.0, 1, 0, 0]))


def test_groups_that_answer_alike_flag_no_item(answers: NDArray[np.int8]) -> None:
    found = reliability.differential_functioning(answers, {"side": GROUPS})["groups"]["side"]
    assert found["sizes"] == {"left": 2_000, "right": 2_000}
    assert found["flagged"] == []
    assert max(found["uniform"]) < 0.01
    assert min(found["uniform"]) >= 0


def test_an_item_that_one_group_rates_higher_is_flagged_as_uniform(answers: NDArray[np.int8]) -> None:
    changed = answers.copy()
    raised = (GROUPS == "left") & (answers[:, 7] > 0)
    changed[raised, 7] = np.minimum(changed[raised, 7] + 1, 5)
    found = reliability.differential_functioning(changed, {"side": GROUPS})["groups"]["side"]
    assert found["flagged"] == [7]
    assert found["uniform"][7] > reliability.MODERATE > found["other"][7]


def test_an_item_that_says_the_opposite_in_one_group_is_flagged_as_not_uniform(answers: NDArray[np.int8]) -> None:
    changed = answers.copy()
    turned = (GROUPS == "right") & (answers[:, 30] > 0)
    changed[turned, 30] = 6 - changed[turned, 30]
    found = reliability.differential_functioning(changed, {"side": GROUPS})["groups"]["side"]
    assert found["flagged"][0] == 30
    assert found["other"][30] > reliability.LARGE > found["uniform"][30]


def test_groups_that_differ_on_the_whole_scale_are_no_fault_of_its_items() -> None:
    rng = np.random.default_rng(1)
    low, high = (planted_answers(20_000, rng)[0] for _ in range(2))
    items = np.flatnonzero(SCALE_OF == 0)
    keyed = ((high[:, items] - 3) * KEYED[items]).mean(axis=1)
    high, low = high[keyed > 0.2][:2_000], low[:2_000]
    groups = np.repeat(["high", "low"], [len(high), len(low)])
    found = reliability.differential_functioning(np.vstack([high, low]), {"side": groups})["groups"]["side"]
    assert found["flagged"] == []


def test_shares_are_those_of_three_regressions(answers: NDArray[np.int8]) -> None:
    known = answers[(answers > 0).all(axis=1)]
    groups = np.random.default_rng(0).choice(["a", "b", "c"], len(known))
    found = reliability.differential_functioning(known, {"g": groups})["groups"]["g"]
    item = 12
    own = np.flatnonzero((SCALE_OF[item] == SCALE_OF) & (np.arange(N_ITEMS) != item))
    rest = ((known[:, own] - 3) * KEYED[own]).mean(axis=1)
    levels = np.stack([groups == "b", groups == "c"], axis=1).astype(float)
    one = np.ones((len(known), 1))
    columns = [one, rest[:, np.newaxis], levels, levels * rest[:, np.newaxis]]
    y = known[:, item].astype(float)
    r2 = []
    for n in (2, 3, 4):
        x = np.hstack(columns[:n])
        left = y - x @ np.linalg.lstsq(x, y, rcond=None)[0]
        r2.append(1 - left @ left / ((y - y.mean()) @ (y - y.mean())))
    assert found["uniform"][item] == pytest.approx(r2[1] - r2[0], abs=1e-4)
    assert found["other"][item] == pytest.approx(r2[2] - r2[1], abs=1e-4)


def test_unknown_and_small_groups_are_left_out(answers: NDArray[np.int8]) -> None:
    groups = np.array(["", "few", "many"])[np.minimum(np.arange(4_000) // 100, 2)]
    found = reliability.differential_functioning(answers, {"g": groups, "side": GROUPS})
    assert found["groups"]["g"] == {"sizes": {"many": 3_800}, "flagged": []}
    json.dumps(found, allow_nan=False)


def test_order_of_people_does_not_matter_and_input_stays(answers: NDArray[np.int8]) -> None:
    before = answers.copy()
    order = np.random.default_rng(0).permutation(4_000)
    first = reliability.differential_functioning(answers, {"side": GROUPS})
    assert reliability.differential_functioning(answers[order], {"side": GROUPS[order]}) == first
    np.testing.assert_array_equal(answers, before)


def test_groups_that_do_not_fit_are_refused(answers: NDArray[np.int8]) -> None:
    with pytest.raises(ValueError, match="one a row"):
        reliability.differential_functioning(answers, {"side": GROUPS[:5]})


def test_groups_are_made_of_what_respondents_said() -> None:
    countries = ["US"] * 6 + ["GB"] * 5 + ["IN"] * 4 + ["AU"] * 3 + ["CA"] * 2 + ["NZ", "", ""]
    age = np.array([16, 18, 24, 25, 34, 35, 49, 50, 99, 0, 1990, 30] + [40] * 11)
    gender = np.array([1, 2, 3, 0, 9] + [1] * 18)
    groups = reliability.groups_of(age=age, gender=gender, country=countries)
    assert groups["gender"].tolist()[:5] == ["male", "female", "other", "", ""]
    bands = ["13-17", "18-24", "18-24", "25-34", "25-34", "35-49", "35-49", "50+", "50+", "", "", "25-34"]
    assert groups["age"].tolist()[:12] == bands
    assert groups["country"].tolist() == [*countries[:20], "", "", ""]
