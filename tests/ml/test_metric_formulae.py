"""Formulae of metrics, by hand and beside scikit-learn."""

import numpy as np
import pytest
from sklearn.metrics import precision_recall_fscore_support, roc_auc_score

from ml import metric_formulae as formulae


def test_areas_and_rates_of_each_row_agree_with_scikit_learn() -> None:
    rng = np.random.default_rng(0)
    likes, passes = rng.integers(0, 5, (2, 3, 12))
    for row in range(3):
        scores = np.concatenate([np.repeat(np.arange(12), counts[row]) for counts in (likes, passes)])
        liked = np.arange(len(scores)) < likes[row].sum()
        assert formulae.areas(likes, passes)[row] == pytest.approx(roc_auc_score(liked, scores))
        right, wrong, missed = likes[:, 6:].sum(axis=1), passes[:, 6:].sum(axis=1), likes[:, :6].sum(axis=1)
        found = [values[row] for values in formulae.rates(right, wrong, missed).values()]
        assert found == pytest.approx(precision_recall_fscore_support(liked, scores >= 6, average="binary")[:3])


def test_a_row_without_one_kind_has_no_figure() -> None:
    none, some = np.zeros((1, 4)), np.ones((1, 4))
    assert np.isnan(formulae.areas(none, some)[0])
    assert np.isnan(formulae.areas(some, none)[0])
    assert all(np.isnan(values[0]) for values in formulae.rates(*np.zeros((3, 1))).values())


def test_gini_by_hand_and_whatever_the_order_and_the_unit() -> None:
    # (-3 x 0 + -1 x 1 + 1 x 2 + 3 x 5) / (4 x 8)
    assert formulae.gini([5, 0, 2, 1]) == pytest.approx(16 / 32)
    assert formulae.gini([10, 0, 4, 2]) == pytest.approx(0.5)
    assert formulae.gini([2.0, 2.0, 2.0]) == 0
    assert formulae.gini([0.0, 0.0, 0.0, 8.0]) == 0.75
    assert formulae.gini([1.0, 3.0]) == pytest.approx(0.25)
    assert formulae.gini([0, 0]) is formulae.gini([]) is None
    pairs = np.abs(np.subtract.outer([5, 0, 2, 1], [5, 0, 2, 1])).mean()
    assert formulae.gini([5, 0, 2, 1]) == pytest.approx(pairs / (2 * 2.0))


@pytest.mark.parametrize("nonsense", [[1.0, -1.0], [1.0, float("nan")]])
def test_what_is_no_amount_is_refused(nonsense: list[float]) -> None:
    with pytest.raises(ValueError, match="not negative"):
        formulae.gini(nonsense)
