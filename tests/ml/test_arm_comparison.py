"""Comparing two arms: values by hand, intervals that keep what they promise, groups and not impressions resampled."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from ml.arm_comparison import Tally, compare

Counts = NDArray[np.int64]


def tally(impressions: Any, likes: Any, **columns: Any) -> Tally:
    """Return an arm whose likes all have one score, and whatever else is named."""
    n = len(impressions)
    liked = np.asarray(likes).reshape(n, -1)
    values: dict[str, Any] = {
        name: np.zeros(n, dtype=np.int64) for name in ("mutual", "lists", "list_likes", "right", "wrong", "missed")
    }
    values |= {"impressions": np.asarray(impressions), "likes": liked, "passes": np.zeros_like(liked)}
    return Tally(**(values | {name: np.asarray(column) for name, column in columns.items()}))


def test_figures_are_those_by_hand() -> None:
    champion = tally(
        [10, 10, 0],
        [[0, 1, 1], [0, 0, 2], [0, 0, 0]],
        passes=[[2, 1, 0], [1, 0, 0], [0, 0, 0]],
        mutual=[1, 0, 0],
        lists=[1, 1, 0],
        list_likes=[2, 2, 0],
        right=[1, 2, 0],
        wrong=[0, 1, 0],
        missed=[1, 0, 0],
    )
    challenger = tally([5], [[0, 0, 2]], passes=[[1, 0, 1]], mutual=[1], lists=[1], list_likes=[2], right=[2])
    found = compare(champion, challenger)
    # AUC: 4 likes by 4 passes; in the middle 1 x (3 + 1/2), above 3 x 4: 15.5 / 16. Then 2 x (1 + 1/2) / 4.
    expected = {
        "likes": (4 / 20, 2 / 5, 20, 5),
        "mutual": (1 / 20, 1 / 5, 20, 5),
        "auc": (15.5 / 16, 3 / 4, 8, 4),
        "precision": (3 / 4, 1.0, 8, 4),
        "recall": (3 / 4, 1.0, 8, 4),
        "f1": (6 / 8, 1.0, 8, 4),
        "precision_at_12": (4 / 24, 2 / 12, 2, 1),
    }
    assert set(found) == set(expected)
    for name, (one, other, n_one, n_other) in expected.items():
        both = found[name]
        assert both.champion.value == pytest.approx(one)
        assert both.challenger.value == pytest.approx(other)
        assert both.difference.value == pytest.approx(other - one)
        assert (both.champion.n, both.challenger.n, both.difference.n) == (n_one, n_other, n_one + n_other)
    assert champion.n_groups == 2
    # A single group has no spread of its own.
    assert found["likes"].challenger.low == found["likes"].challenger.high == pytest.approx(0.4)


def test_the_area_is_scikit_learn_s() -> None:
    rng = np.random.default_rng(1)
    likes, passes = rng.poisson(2, (2, 5, 30))
    found = compare(tally([100] * 5, likes, passes=passes), tally([100] * 5, passes, passes=likes))["auc"]
    counts = np.concatenate([likes.sum(axis=0), passes.sum(axis=0)])
    labels, scores = np.repeat([1, 0], 30), np.tile(np.arange(30), 2)
    area = roc_auc_score(labels, scores, sample_weight=counts)
    assert found.champion.value == pytest.approx(area)
    assert found.challenger.value == pytest.approx(1 - area)


def test_the_interval_is_as_wide_as_viewers_differ_and_not_as_impressions_do() -> None:
    # Half of the viewers like everybody, half nobody: 400 viewers with 25 impressions each know as much as 400 draws.
    half = np.tile([0, 25], 200)
    wide = compare(tally([25] * 400, half), tally([25] * 400, half))["likes"]
    single = np.tile([0, 1], 200)
    same = compare(tally([1] * 400, single), tally([1] * 400, single))["likes"]
    expected = 2 * 1.96 * np.sqrt(0.25 / 400)
    for found in (wide, same):
        assert found.champion.low is not None
        assert found.champion.high is not None
        assert found.champion.high - found.champion.low == pytest.approx(expected, rel=0.15)
        assert found.difference.low is not None
        assert found.difference.high is not None
        assert found.difference.high - found.difference.low == pytest.approx(np.sqrt(2) * expected, rel=0.15)


def test_two_equal_arms_rarely_seem_to_differ() -> None:
    rng = np.random.default_rng(3)
    n_missed = 0
    for seed in range(100):
        arms = []
        for _ in range(2):
            n = 1 + rng.poisson(10, 60)
            arms.append(tally(n, rng.binomial(n, rng.beta(1, 3, 60))))
        difference = compare(*arms, seed=seed)["likes"].difference
        assert difference.low is not None
        assert difference.high is not None
        n_missed += not difference.low <= 0 <= difference.high
    # 5 are expected; 14 are four standard deviations more.
    assert n_missed <= 14


def test_the_same_seed_gives_the_same_and_nothing_is_changed() -> None:
    rng = np.random.default_rng(2)
    arms = [tally(rng.poisson(5, 30), rng.poisson(2, (30, 4)), passes=rng.poisson(2, (30, 4))) for _ in range(2)]
    before = arms[0].likes.copy()
    assert compare(*arms, seed=4) == compare(*arms, seed=4) != compare(*arms, seed=5)
    assert (arms[0].likes == before).all()


def test_an_arm_without_anything_has_no_figures() -> None:
    found = compare(tally([0, 0], [0, 0]), tally([3], [1]))
    assert found["likes"].champion.value is None
    assert found["likes"].difference.value is None
    assert found["likes"].challenger.value == pytest.approx(1 / 3)
    assert found["auc"].challenger.value is None


def test_what_is_no_tally_is_refused() -> None:
    with pytest.raises(ValueError, match="one row a group"):
        tally([1, 2], [1, 1], mutual=[1])
    with pytest.raises(ValueError, match="negative"):
        tally([1], [-1])
