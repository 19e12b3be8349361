"""What is displayed adds up, says nothing forbidden, and is blurred by exactly as much as stated."""

import hashlib
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from ml import displayed, synthetic
from ml.displayed import SAYABLE
from ml.items import SCALES
from ml.measurement import MeasurementModel

N = 2_000
FORBIDDEN = [index for index, scale in enumerate(SCALES) if scale.letter in {"C", "I", "L", "P"}]
R = np.full(16, 0.8)


def keys(n: int, start: int = 0) -> list[bytes]:
    return [hashlib.sha256(str(index).encode()).digest() for index in range(start, start + n)]


@pytest.fixture(scope="module")
def scales(reference: MeasurementModel) -> NDArray[np.float64]:
    """People drawn from the reference model, every item answered."""
    return reference.place(synthetic.sample_answers(reference, N, np.random.default_rng(5))).scales


def shown_to_first(scales: NDArray[np.float64], model: MeasurementModel, start: int = 0) -> displayed.Shown:
    others = displayed.perturbed(scales[1:], keys(len(scales) - 1, start))
    return displayed.displayed(scales[0], others, model, displayed.label_cuts(model))


# ---------------------------------------------------------------- the sum


def test_a_contribution_is_the_ratio_of_the_two_densities() -> None:
    a, z = 1.3, -0.4
    found = displayed.contributions(np.full(16, a), np.full((1, 12), z), R)
    covariance = np.array([[1.0, 0.8], [0.8, 1 + displayed.NOISE_SD**2]])
    together = stats.multivariate_normal([0, 0], covariance).logpdf([a, z])
    apart = stats.norm.logpdf(a) + stats.norm(0, np.sqrt(covariance[1, 1])).logpdf(z)
    np.testing.assert_allclose(found, together - apart, rtol=0, atol=1e-12)


def test_what_is_not_answered_is_expected() -> None:
    rng = np.random.default_rng(3)
    a, b, t, u = 0.7, -0.2, 0.3, 0.5
    drawn = rng.normal([a, b], np.sqrt([t, u]), size=(20_000, 2))
    each = [displayed.contributions(np.full(16, x), np.full((1, 12), y), R)[0, 0] for x, y in drawn]
    expected = displayed.contributions(
        np.full(16, a), np.full((1, 12), b), R, unknown=(np.full(16, t), np.full((1, 16), u))
    )
    assert expected[0, 0] == pytest.approx(np.mean(each), abs=5 * np.std(each) / np.sqrt(len(each)))


def test_the_reasons_are_part_of_a_sum_that_is_the_score(
    scales: NDArray[np.float64], reference: MeasurementModel
) -> None:
    shown = shown_to_first(scales, reference)
    np.testing.assert_allclose(shown.contributions.sum(axis=1), shown.scores, rtol=0, atol=1e-6)
    for person, reasons in enumerate(shown.reasons):
        added = [shown.contributions[person, SAYABLE.index(scale)] for scale, _ in reasons]
        assert all(value > 0 for value in added)
        assert added == sorted(added, reverse=True)
        assert len(added) <= 3


def test_people_are_independent_of_who_else_is_shown(scales: NDArray[np.float64], reference: MeasurementModel) -> None:
    everybody = shown_to_first(scales[:30], reference)
    others = displayed.perturbed(scales[[7]], keys(1, start=6))
    alone = displayed.displayed(scales[0], others, reference, displayed.label_cuts(reference))
    assert alone.scores[0] == pytest.approx(everybody.scores[6], abs=1e-12)
    assert alone.reasons[0] == everybody.reasons[6]


def test_nothing_given_is_changed(scales: NDArray[np.float64], reference: MeasurementModel) -> None:
    given = scales[:5].copy()
    shown_to_first(given, reference)
    np.testing.assert_array_equal(given, scales[:5])


# ---------------------------------------------------------------- what can be said


def test_forbidden_scales_are_never_a_reason_and_never_count(
    scales: NDArray[np.float64], reference: MeasurementModel
) -> None:
    changed = scales[:40].copy()
    changed[:, FORBIDDEN] = 9.0
    before, after = shown_to_first(scales[:40], reference), shown_to_first(changed, reference)
    np.testing.assert_array_equal(before.contributions, after.contributions)
    assert before.reasons == after.reasons
    named = {scale for reasons in after.reasons for scale, _ in reasons}
    assert named
    assert not named & set(FORBIDDEN)


def test_a_reason_needs_both_clearly_on_one_side() -> None:
    others = np.zeros((4, 12))
    others[:, 0] = [2.0, 0.3, -2.0, 2.0]
    viewer = np.zeros(16)
    viewer[[0, 1]] = [2.0, 2.0]
    found = displayed.reasons_of(viewer, others, displayed.contributions(viewer, others, R))
    assert found == [[(0, 1)], [], [], [(0, 1)]]
    assert displayed.reasons_of(-viewer, -others, displayed.contributions(-viewer, -others, R))[0] == [(0, -1)]


def test_the_largest_contributions_come_first() -> None:
    viewer, other = np.zeros(16), np.zeros((1, 12))
    for column, size in ((0, 1.0), (3, 2.5), (5, 1.6), (7, 2.0)):
        viewer[SAYABLE[column]] = other[0, column] = -size
    found = displayed.reasons_of(viewer, other, displayed.contributions(viewer, other, R))
    assert found == [[(SAYABLE[3], -1), (SAYABLE[7], -1), (SAYABLE[5], -1)]]


# ---------------------------------------------------------------- the noise


def test_noise_belongs_to_its_key_alone() -> None:
    one, both = displayed.noise(keys(1)), displayed.noise(keys(2))
    np.testing.assert_array_equal(one[0], both[0])
    assert not np.isclose(both[0], both[1]).any()


def test_noise_is_standard_normal_and_independent_between_scales() -> None:
    drawn = displayed.noise(keys(20_000))
    assert stats.kstest(drawn.ravel(), "norm").pvalue > 0.001
    assert np.abs(np.corrcoef(drawn.T) - np.eye(12)).max() < 5 / np.sqrt(20_000)


def test_scales_are_blurred_by_the_stated_size(scales: NDArray[np.float64]) -> None:
    added = displayed.perturbed(scales, keys(N)) - scales[:, list(SAYABLE)]
    n = added.size
    assert added.mean() == pytest.approx(0, abs=5 * displayed.NOISE_SD / np.sqrt(n))
    assert added.std() == pytest.approx(displayed.NOISE_SD, abs=5 * displayed.NOISE_SD / np.sqrt(2 * n))


def test_the_noise_hides_each_scale_more_than_the_survey_itself_does(reference: MeasurementModel) -> None:
    errors = 1 - reference.scale_alphas[list(SAYABLE)]
    assert (errors < displayed.NOISE_SD**2 + 0.005).all()


def test_a_short_key_is_refused() -> None:
    with pytest.raises(ValueError, match="guessed"):
        displayed.noise([b"short"])


# ---------------------------------------------------------------- labels


def test_the_cuts_are_the_same_every_time(reference: MeasurementModel) -> None:
    np.testing.assert_array_equal(displayed.label_cuts(reference), displayed.label_cuts(reference))


def test_the_cuts_leave_the_stated_shares_of_strangers(
    scales: NDArray[np.float64], reference: MeasurementModel
) -> None:
    cuts, others = displayed.label_cuts(reference), displayed.perturbed(scales, keys(N))
    scores = [
        displayed.contributions(scales[viewer], np.roll(others, 1 + viewer, axis=0)[:200], reference.scale_alphas)
        for viewer in range(200)
    ]
    below = [(np.concatenate(scores).sum(axis=1) < cut).mean() for cut in cuts]
    # 200 viewers and as many others are far fewer than 40,000 independent pairs.
    np.testing.assert_allclose(below, displayed.LABEL_SHARES, atol=0.05)
    assert below[3] > 0.98


def test_a_label_never_falls_with_the_score(reference: MeasurementModel) -> None:
    labels = displayed.labels_of(np.linspace(-60, 30, 5_000), displayed.label_cuts(reference))
    assert (np.diff(labels) >= 0).all()
    assert set(labels.tolist()) == {1, 2, 3, 4, 5}


def test_few_answers_never_reach_the_top_label() -> None:
    assert displayed.labels_of([9.0, 9.0, -1.0], [0.0, 1.0, 2.0, 3.0], [80, 81, 80]).tolist() == [4, 5, 1]


def test_who_answered_little_is_not_called_nearer_than_others(reference: MeasurementModel) -> None:
    rng = np.random.default_rng(11)
    answers = synthetic.sample_answers(reference, 1_000, rng)
    few = answers.copy()
    for row in few:
        row[rng.permutation(163)[40:]] = 0
    complete, partial = reference.place(answers), reference.place(few)
    unknown = np.maximum(partial.scale_sd**2 - (1 - reference.scale_alphas), 0)
    cut = displayed.label_cuts(reference)[0]
    shares = []
    for placed, variance in ((complete, np.zeros((1_000, 16))), (partial, unknown)):
        others = displayed.perturbed(placed.scales, keys(1_000))
        near = [
            displayed.contributions(
                complete.scales[viewer], others, reference.scale_alphas, unknown=(np.zeros(16), variance)
            ).sum(axis=1)
            > cut
            for viewer in range(60)
        ]
        shares.append(np.mean(near))
    assert shares[1] == pytest.approx(shares[0], abs=0.06)


# ---------------------------------------------------------------- their interest


def test_interest_goes_by_the_viewers_own_people_and_by_the_probability() -> None:
    among = np.linspace(-2, 2, 101)
    assert displayed.interest([2.0, 1.3, 1.1, 0.1, -0.1], among, 0.3).tolist() == [2, 2, 1, 1, 0]
    unpopular = among - 4
    assert displayed.interest([-2.0, -3.0], unpopular, 0.3).tolist() == [0, 0]
    assert displayed.interest([-0.6, -1.2], unpopular, 0.3).tolist() == [1, 1]


def test_interest_is_open_where_too_little_is_known() -> None:
    assert displayed.interest([3.0, 3.0], [0.0, 1.0], [0.79, 0.81]).tolist() == [2, 0]
    assert displayed.interest([3.0], [0.0], np.inf).tolist() == [0]
    assert displayed.interest([], [], 0.1).tolist() == []


def test_interest_never_falls_with_the_logit() -> None:
    steps = displayed.interest(np.linspace(-5, 5, 400), np.random.default_rng(0).normal(size=500), 0.1)
    assert (np.diff(steps) >= 0).all()


# ---------------------------------------------------------------- what is refused


@pytest.mark.parametrize(
    "wrong", [lambda: displayed.perturbed(np.zeros((2, 16)), keys(1)), lambda: displayed.perturbed(np.zeros(16), [])]
)
def test_shapes_that_do_not_fit_are_refused(wrong: Callable[[], object]) -> None:
    with pytest.raises(ValueError, match=r"16 scales|keys"):
        wrong()


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_what_is_no_number_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match="finite"):
        displayed.contributions(np.full(16, value), np.zeros((1, 12)), R)
    with pytest.raises(ValueError, match="finite"):
        displayed.contributions(np.zeros(16), np.full((1, 12), value), R)
    with pytest.raises(ValueError, match="not a number"):
        displayed.interest([np.nan], [0.0], 0.1)


@pytest.mark.parametrize("reliability", [-0.1, 1.0])
def test_a_reliability_outside_its_range_is_refused(reliability: float) -> None:
    with pytest.raises(ValueError, match="reliability"):
        displayed.contributions(np.zeros(16), np.zeros((1, 12)), np.full(16, reliability))
