"""Each metric against scikit-learn or by hand, and resamples against the same rows written out."""

import numpy as np
import pytest
from sklearn.metrics import f1_score, ndcg_score, precision_score, recall_score, roc_auc_score
from sklearn.metrics import log_loss as loss_of_scikit_learn

from ml import decision_metrics as metrics

ONCE = np.ones((1, 200))


def test_figures_agree_with_scikit_learn() -> None:
    rng = np.random.default_rng(0)
    scores, liked = rng.random(200), rng.random(200) < 0.4
    assert metrics.area_under_curve(scores, liked, ONCE)[0] == pytest.approx(roc_auc_score(liked, scores))
    assert metrics.log_loss(scores, liked, ONCE)[0] == pytest.approx(loss_of_scikit_learn(liked, scores))
    found = metrics.classification(scores >= 0.5, liked, ONCE)
    for name, theirs in (("f1", f1_score), ("precision", precision_score), ("recall", recall_score)):
        assert found[name][0] == pytest.approx(theirs(liked, scores >= 0.5))


def test_a_resample_is_its_rows_written_out() -> None:
    rng = np.random.default_rng(1)
    scores, liked = rng.integers(0, 9, 200) / 8, rng.random(200) < 0.4
    weights = rng.integers(0, 4, (1, 200))
    rows = np.repeat(np.arange(200), weights[0])
    alone = np.ones((1, len(rows)))
    for metric in (metrics.area_under_curve, metrics.log_loss, metrics.calibration_error):
        resampled, written = metric(scores, liked, weights.astype(float)), metric(scores[rows], liked[rows], alone)
        assert resampled[0] == pytest.approx(written[0])


def test_calibration_error_by_hand() -> None:
    probabilities, liked = np.array([0.85, 0.85, 0.15, 0.15]), np.array([True, False, False, False])
    # Two in a bin whose rate is .5, two in one whose rate is 0.
    assert metrics.calibration_error(probabilities, liked, np.ones((1, 4)))[0] == pytest.approx((0.35 + 0.15) / 2)


def test_choosers_who_did_one_thing_only_say_nothing() -> None:
    actors = np.array([0, 0, 1, 1, 2, 2])
    scores, liked = np.array([2.0, 1, 1, 2, 5, 6]), np.array([True, False, True, False, True, True])
    found = metrics.area_by_chooser(scores, liked, actors, np.ones((1, 6)))
    assert found[0] == pytest.approx((1 + 0) / 2)
    assert metrics.area_by_chooser(scores[4:], liked[4:], actors[4:], np.ones((1, 2)))[0] == 0.5


def test_heads_of_lists_by_hand() -> None:
    owners = np.array([7, 7, 7, 7, 8, 8])
    scores, matched = np.array([4.0, 3, 2, 1, 2, 1]), np.array([True, False, False, True, False, False])
    found = metrics.ranked_lists(scores, matched, owners, np.ones((1, 6)))
    assert found["p_at_3"][0] == pytest.approx((1 / 3 + 0) / 2)
    assert found["r_at_3"][0] == pytest.approx(1 / 2)
    assert found["ndcg_at_5"][0] == pytest.approx(ndcg_score([matched[:4]], [scores[:4]], k=5))


def test_nothing_at_all_is_no_error() -> None:
    none, of_none = np.empty(0), np.empty((2, 0))
    empty = none.astype(bool), none.astype(np.intp)
    assert metrics.area_under_curve(none, empty[0], of_none).tolist() == [0.5, 0.5]
    assert metrics.area_by_chooser(none, empty[0], empty[1], of_none).tolist() == [0.5, 0.5]
    assert metrics.classification(empty[0], empty[0], of_none)["f1"].tolist() == [0.0, 0.0]
    assert metrics.ranked_lists(none, empty[0], empty[1], of_none)["ndcg_at_5"].tolist() == [0.0, 0.0]
