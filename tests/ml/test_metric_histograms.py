"""Figures from histograms against scikit-learn on the same scores, by hand, and against rows resampled one by one."""

import numpy as np
import pytest
from sklearn.metrics import precision_recall_fscore_support, roc_auc_score

from ml import metric_histograms as histograms


def numbers(estimate: histograms.Estimate) -> tuple[float, float, float]:
    """Return low end, value and high end of a figure that has them."""
    assert estimate.low is not None
    assert estimate.value is not None
    assert estimate.high is not None
    return estimate.low, estimate.value, estimate.high


def sample(seed: int, n: int = 400) -> tuple[np.ndarray, np.ndarray]:
    """Return scores on bin centres and whether they were followed by a like, likelier where they are high."""
    rng = np.random.default_rng(seed)
    # Few distinct scores in every other sample, so that there are many ties.
    bins = rng.integers(0, 1000, n) if seed % 2 else rng.choice([3, 250, 499, 500, 999], n)
    scores = (bins + 0.5) / 1000
    return scores, rng.random(n) < 0.15 + 0.6 * scores


@pytest.mark.parametrize("seed", range(8))
def test_figures_are_those_of_scikit_learn(seed: int) -> None:
    scores, liked = sample(seed)
    likes, passes = histograms.binned(scores[liked]), histograms.binned(scores[~liked])
    area = histograms.area_under_curve(likes, passes)
    assert area.value == pytest.approx(roc_auc_score(liked, scores), abs=1e-12)
    assert area.n == len(scores)
    for threshold in (0.25, 0.5, 0.731):
        found = histograms.classification(histograms.outcomes(likes, passes, histograms.threshold_bin(threshold)))
        theirs = precision_recall_fscore_support(liked, scores >= threshold, average="binary")
        for name, value in zip(("precision", "recall", "f1"), theirs, strict=False):
            assert found[name].value == pytest.approx(value, abs=1e-12)
            low, middle, high = numbers(found[name])
            assert low < middle < high


@pytest.mark.parametrize("seed", [0, 1])
def test_intervals_are_those_of_rows_resampled_one_by_one(seed: int) -> None:
    scores, liked = sample(seed)
    rng, areas, f1 = np.random.default_rng(9), [], []
    for _ in range(400):
        rows = rng.integers(0, len(scores), len(scores))
        areas.append(roc_auc_score(liked[rows], scores[rows]))
        predicted, was = scores[rows] >= 0.5, liked[rows]
        f1.append(2 * (predicted & was).sum() / (predicted.sum() + was.sum()))
    likes, passes = histograms.binned(scores[liked]), histograms.binned(scores[~liked])
    area, found = (
        histograms.area_under_curve(likes, passes),
        histograms.classification(histograms.outcomes(likes, passes, 500))["f1"],
    )
    assert (area.low, area.high) == pytest.approx(tuple(np.quantile(areas, (0.025, 0.975))), abs=0.012)
    assert (found.low, found.high) == pytest.approx(tuple(np.quantile(f1, (0.025, 0.975))), abs=0.015)


def test_merging_bins_for_resampling_moves_no_interval(monkeypatch: pytest.MonkeyPatch) -> None:
    scores, liked = sample(1, 5000)
    likes, passes = histograms.binned(scores[liked]), histograms.binned(scores[~liked])
    merged = histograms.area_under_curve(likes, passes)
    monkeypatch.setattr(histograms, "MOST_RESAMPLED", 1000)
    single = histograms.area_under_curve(likes, passes)
    assert merged.value == single.value
    assert (merged.low, merged.high) == pytest.approx((single.low, single.high), abs=0.003)


def test_the_same_seed_draws_the_same_and_nothing_is_changed() -> None:
    scores, liked = sample(3)
    likes, passes = histograms.binned(scores[liked]), histograms.binned(scores[~liked])
    before = likes.copy()
    assert histograms.area_under_curve(likes, passes, seed=4) == histograms.area_under_curve(likes, passes, seed=4)
    assert histograms.area_under_curve(likes, passes, seed=4) != histograms.area_under_curve(likes, passes, seed=5)
    assert (likes == before).all()


def test_a_calibration_curve_by_hand() -> None:
    likes, passes = histograms.binned([0.0505, 0.9505, 0.9505, 0.9515]), histograms.binned([0.0495, 0.0505, 0.9525])
    low, high = histograms.calibration(likes, passes)
    assert low.predicted == pytest.approx((0.0505 * 2 + 0.0495) / 3)
    assert low.liked.value == pytest.approx(1 / 3)
    assert low.liked.n == 3
    assert high.predicted == pytest.approx((0.9505 * 2 + 0.9515 + 0.9525) / 4)
    assert (high.liked.value, high.liked.n) == (0.75, 4)


def test_precision_of_lists_by_hand() -> None:
    # Two lists without a like, three with one, one with all twelve: 15 of 72 slots.
    lists = [2, 3, *[0] * 10, 1]
    found = histograms.precision_at(lists)
    assert found.value == pytest.approx(15 / 72)
    assert found.n == 6
    low, middle, high = numbers(found)
    assert low < middle < high
    assert histograms.precision_at([0] * 13).value is None


def test_nothing_to_compute_from_is_no_number() -> None:
    none, some = np.zeros(1000, dtype=int), histograms.binned([0.5])
    assert histograms.area_under_curve(some, none).value is None
    found = histograms.classification(histograms.outcomes(none, some, 700))
    assert [found[name].value for name in ("precision", "recall", "f1")] == [None, None, None]
    assert histograms.classification(histograms.outcomes(some, none, 700))["f1"].value == 0.0
    assert histograms.rate(0, 0).value is None
    assert histograms.calibration(none, none) == []


def test_what_is_no_histogram_is_refused() -> None:
    with pytest.raises(ValueError, match="outside 0 to 1"):
        histograms.binned([1.2])
    with pytest.raises(ValueError, match="outside 0 to 1"):
        histograms.binned([float("nan")])
    with pytest.raises(ValueError, match="go together"):
        histograms.area_under_curve([1, 2], [1])
    with pytest.raises(ValueError, match="negative"):
        histograms.outcomes([-1, 2], [1, 1], 1)
    with pytest.raises(ValueError, match="no part"):
        histograms.rate(3, 2)
    with pytest.raises(ValueError, match="have 13"):
        histograms.precision_at([1, 2])


def test_an_edge_of_a_bin_belongs_above_it() -> None:
    for thousandths in (1, 29, 57, 290, 580, 999):
        assert histograms.threshold_bin(thousandths / 1000) == thousandths
