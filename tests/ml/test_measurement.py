"""Placing answer sheets."""

from dataclasses import FrozenInstanceError, fields, replace

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import multivariate_normal

from ml import factors, placement, scoring
from ml.items import KEYED, N_ITEMS, SCALE_OF
from ml.measurement import MeasurementModel
from ml.placement import Placements
from tests.ml.planted import planted_answers

Population = tuple[NDArray[np.int8], NDArray[np.float64]]

# All but what the places rest on have one row a person.
COLUMNS = [item.name for item in fields(Placements) if item.name != "evidence"]


@pytest.fixture(scope="module")
def strangers() -> Population:
    """People whom the model has not seen."""
    return planted_answers(600, np.random.default_rng(99))


def shortened(answers: NDArray[np.int8], n: int, seed: int = 0) -> NDArray[np.int8]:
    kept = np.random.default_rng(seed).permutation(N_ITEMS)[:n]
    short = np.zeros_like(answers)
    short[:, kept] = answers[:, kept]
    return short


def assert_same(first: Placements, second: Placements, tolerance: float = 0.0) -> None:
    for name in COLUMNS:
        np.testing.assert_allclose(getattr(first, name), getattr(second, name), atol=tolerance)
    np.testing.assert_array_equal(first.evidence.answered, second.evidence.answered)


def test_scales_find_the_planted_factors(planted_model: MeasurementModel, strangers: Population) -> None:
    scales = planted_model.place(strangers[0]).scales
    for scale in range(16):
        assert np.corrcoef(scales[:, scale], strangers[1][:, scale])[0, 1] > 0.9


def test_a_complete_score_is_the_keyed_average_among_the_norms(
    planted_model: MeasurementModel, population: Population, strangers: Population
) -> None:
    place = planted_model.place(strangers[0])
    own = SCALE_OF == 5
    average = (strangers[0][:, own] * KEYED[own]).mean(axis=1)
    assert np.corrcoef(place.scales[:, 5], average)[0, 1] == pytest.approx(1)
    norms = planted_model.place(population[0])
    np.testing.assert_allclose(norms.scales.mean(axis=0), 0, atol=1e-9)
    np.testing.assert_allclose(norms.scales.std(axis=0), 1, atol=1e-9)
    np.testing.assert_allclose(norms.percentile.mean(axis=0), 50, atol=0.5)
    np.testing.assert_allclose(norms.globals_.std(axis=0), 1, atol=1e-6)


def test_shapes_and_ranges(planted_model: MeasurementModel, strangers: Population) -> None:
    place = planted_model.place(shortened(strangers[0], 60))
    assert len(place) == 600
    assert place.space.shape == (600, planted_model.n_space)
    assert place.axes.shape == place.reliability.shape == (600, planted_model.n_axes)
    assert place.space.dtype == place.axes.dtype == place.reliability.dtype == np.float32
    assert place.scales.shape == place.scale_sd.shape == place.percentile.shape == (600, 16)
    assert place.globals_.shape == place.global_low.shape == place.global_high.shape == (600, 5)
    assert ((place.low <= place.percentile) & (place.percentile <= place.high)).all()
    assert ((place.global_low <= place.global_percentile) & (place.global_percentile <= place.global_high)).all()
    assert (place.n_answered == 60).all()
    assert place.types.max() < len(planted_model.type_names)
    assert ((place.typicality >= 0) & (place.typicality <= 1)).all()


def test_a_sheet_without_answers_is_nowhere(planted_model: MeasurementModel) -> None:
    place = planted_model.place(np.zeros((1, N_ITEMS)))
    assert not place.axes.any()
    assert not place.space.any()
    assert not place.reliability.any()
    np.testing.assert_allclose(place.scales, 0, atol=0.1)
    assert (place.low == 0).all()
    assert (place.high == 100).all()
    assert (place.global_low == 0).all()
    assert (place.global_high == 100).all()


def test_a_complete_sheet_leaves_no_interval(planted_model: MeasurementModel, strangers: Population) -> None:
    place = planted_model.place(strangers[0])
    np.testing.assert_array_equal(place.low, place.high)
    np.testing.assert_allclose(place.scale_sd, np.sqrt(1 - planted_model.scale_alphas)[np.newaxis].repeat(600, axis=0))
    np.testing.assert_allclose(
        place.reliability, planted_model.full_reliability[np.newaxis].repeat(600, axis=0), rtol=1e-6
    )


@pytest.mark.parametrize("n", [16, 32, 64, 96])
def test_intervals_hold_the_full_score_nine_times_in_ten(
    planted_model: MeasurementModel, strangers: Population, n: int
) -> None:
    full = planted_model.place(strangers[0])
    part = planted_model.place(shortened(strangers[0], n, seed=n))
    open_scales = part.high[0] > part.low[0]
    held = ((part.low <= full.percentile) & (full.percentile <= part.high))[:, open_scales]
    assert 0.87 < held.mean() < 0.93


def test_more_answers_tell_more(planted_model: MeasurementModel, strangers: Population) -> None:
    full = planted_model.place(strangers[0])
    errors, reliabilities = [], []
    for n in (10, 40, 100):
        part = planted_model.place(shortened(strangers[0], n, seed=3))
        errors.append(np.abs(part.scales - full.scales).mean())
        reliabilities.append(part.reliability.mean())
    assert errors == sorted(errors, reverse=True)
    assert reliabilities == sorted(reliabilities)


def test_one_row_is_placed_as_among_others(planted_model: MeasurementModel, strangers: Population) -> None:
    mixed = strangers[0][:30].copy()
    mixed[np.random.default_rng(0).random(mixed.shape) < 0.2] = 0
    together = planted_model.place(mixed)
    for row in (0, 17):
        alone = planted_model.place(mixed[[row]])
        for name in COLUMNS:
            np.testing.assert_allclose(getattr(alone, name)[0], getattr(together, name)[row], atol=1e-6)


def test_chunks_do_not_matter(
    planted_model: MeasurementModel, strangers: Population, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = planted_model.place(strangers[0])
    monkeypatch.setattr("ml.measurement.CHUNK", 37)
    assert_same(planted_model.place(strangers[0]), whole, tolerance=1e-6)


def test_nobody_can_be_placed(planted_model: MeasurementModel) -> None:
    assert len(planted_model.place(np.zeros((0, N_ITEMS), dtype=np.int8))) == 0


def test_input_is_not_changed(planted_model: MeasurementModel, strangers: Population) -> None:
    answers = shortened(strangers[0], 50)
    before = answers.copy()
    planted_model.place(answers)
    np.testing.assert_array_equal(answers, before)


def test_malformed_answers_are_refused(planted_model: MeasurementModel) -> None:
    with pytest.raises(ValueError, match="163 columns"):
        planted_model.place(np.zeros((1, 10)))
    with pytest.raises(ValueError, match="from 0"):
        planted_model.place(np.full((1, N_ITEMS), 6))
    with pytest.raises(ValueError, match="163 values"):
        planted_model.next_items(np.zeros(10, dtype=bool))
    with pytest.raises(ValueError, match="163 values"):
        planted_model.sharpness(np.zeros(10, dtype=bool))


def test_the_model_cannot_be_changed(planted_model: MeasurementModel) -> None:
    with pytest.raises(FrozenInstanceError):
        planted_model.loadings = np.zeros(1)  # type: ignore[misc]
    with pytest.raises(ValueError, match="read-only"):
        planted_model.loadings[0, 0] = 1


def test_adding_one_answer_is_placing_from_scratch(planted_model: MeasurementModel, strangers: Population) -> None:
    """Conditioning on one answer after the other, in any order, ends where all at once do."""
    sheet = shortened(strangers[0][:1], 25, seed=4)
    scores = scoring.score(sheet, scoring.normal_scores(planted_model.item_shares))[0]
    for seed in (0, 1):
        mean, covariance = np.zeros(N_ITEMS), planted_model.covariance
        for item in np.random.default_rng(seed).permutation(np.flatnonzero(sheet[0])):
            gain = covariance[:, item] / covariance[item, item]
            mean = mean + gain * (scores[item] - mean[item])
            covariance = covariance - np.outer(gain, covariance[item])
        weights = planted_model.scale_weights
        found = placement.complete(scores[np.newaxis], sheet > 0, planted_model.precision, weights)
        np.testing.assert_allclose(found.values[0], mean, atol=1e-9)
        np.testing.assert_allclose(found.variances[0], np.diag(weights @ covariance @ weights.T), atol=1e-9)


def test_likeness_of_partial_sheets_is_exact(planted_model: MeasurementModel, strangers: Population) -> None:
    """One person's two sheets share their axes, two strangers' do not; the ratio of both densities is the likeness."""
    a, b = shortened(strangers[0][:3], 30, seed=1), shortened(strangers[0][3:7], 50, seed=2)
    found = placement.likeness(planted_model.place(a), planted_model.place(b))
    scores = [scoring.score(sheets, scoring.normal_scores(planted_model.item_shares)) for sheets in (a, b)]
    one, other = a[0] > 0, b[0] > 0
    shared = planted_model.loadings @ planted_model.loadings.T
    own = [planted_model.covariance[np.ix_(part, part)] for part in (one, other)]
    together = np.block([[own[0], shared[np.ix_(one, other)]], [shared[np.ix_(other, one)], own[1]]])
    for i, x in enumerate(scores[0][:, one]):
        for j, y in enumerate(scores[1][:, other]):
            apart = multivariate_normal(cov=own[0]).logpdf(x) + multivariate_normal(cov=own[1]).logpdf(y)
            ratio = multivariate_normal(cov=together).logpdf(np.concatenate([x, y])) - apart
            assert found[i, j] == pytest.approx(ratio, abs=1e-3)


def test_likeness_of_sheets_by_two_models_is_refused(
    planted_model: MeasurementModel, reference: MeasurementModel, strangers: Population
) -> None:
    sheets = strangers[0][:2]
    other = replace(planted_model, loadings=planted_model.loadings[:, ::-1])
    with pytest.raises(ValueError, match="two different models"):
        placement.likeness(planted_model.place(sheets), other.place(sheets))
    with pytest.raises(ValueError, match="two different models"):
        placement.likeness(planted_model.place(sheets), reference.place(sheets))


def test_likeness_without_answers_is_exactly_nothing(planted_model: MeasurementModel, strangers: Population) -> None:
    nobody = planted_model.place(np.zeros((2, N_ITEMS)))
    assert not placement.likeness(nobody, planted_model.place(shortened(strangers[0][:5], 40))).any()


def test_likeness_of_very_many_different_sheets_goes_axis_by_axis(
    planted_model: MeasurementModel, strangers: Population, monkeypatch: pytest.MonkeyPatch
) -> None:
    sheets = strangers[0][:12].copy()
    sheets[np.arange(12), np.arange(12)] = 0
    places = planted_model.place(sheets)
    exact = placement.likeness(places, places)
    monkeypatch.setattr("ml.likeness.MOST_EXACT", 100)
    by_axis = placement.likeness(places, places)
    assert 0 < np.abs(exact - by_axis).max() < 2


def test_likeness_finds_a_persons_other_half(planted_model: MeasurementModel, strangers: Population) -> None:
    odd = np.arange(N_ITEMS) % 2 == 1
    first, second = (planted_model.place(np.where(half, strangers[0], 0)) for half in (odd, ~odd))
    found = placement.likeness(first, second)
    assert (found.argmax(axis=1) == np.arange(600)).mean() > 0.6
    expected = placement.expected_likeness(first, second, planted_model.full_reliability)
    assert (expected.argmax(axis=1) == np.arange(600)).mean() > 0.6


def test_few_answers_do_not_rank_high(planted_model: MeasurementModel, strangers: Population) -> None:
    answers = strangers[0].copy()
    answers[300:] = shortened(answers[300:], 20)
    viewers, others = planted_model.place(strangers[0][:50]), planted_model.place(answers[50:])
    top = np.argsort(-placement.expected_likeness(viewers, others, planted_model.full_reliability), axis=1)[:, :11]
    assert (top >= 250).mean() < 0.2


def test_asking_the_most_telling_items_beats_file_order(planted_model: MeasurementModel, strangers: Population) -> None:
    full = planted_model.place(strangers[0]).scales
    chosen = planted_model.next_items(np.zeros(N_ITEMS, dtype=bool), n=32)
    assert len(set(chosen.tolist())) == 32
    # With independent factors no scale can be left out.
    assert set(SCALE_OF[chosen].tolist()) == set(range(16))
    best, first = np.zeros_like(strangers[0]), np.zeros_like(strangers[0])
    best[:, chosen], first[:, :32] = strangers[0][:, chosen], strangers[0][:, :32]
    errors = [((planted_model.place(answers).scales - full) ** 2).mean() for answers in (best, first)]
    assert errors[0] < errors[1] / 2


def test_questions_span_the_scales_and_the_factors_of_the_items(reference: MeasurementModel) -> None:
    nothing = np.zeros(N_ITEMS, dtype=bool)
    order = reference.next_items(nothing, N_ITEMS)
    for_scales = placement.next_items(nothing, reference.precision, reference.scale_weights, N_ITEMS)
    assert order.tolist() != for_scales.tolist()
    solution = factors.minres(reference.covariance, 16)
    pattern, phi = factors.oblimin(solution.loadings)
    weights = np.linalg.solve(reference.covariance, pattern @ phi).T
    left = []
    for asked in (order[:60], for_scales[:60]):
        observed = np.isin(np.arange(N_ITEMS), asked)[np.newaxis]
        left.append(placement.complete(np.zeros((1, N_ITEMS)), observed, reference.precision, weights).variances.sum())
    assert left[0] < 0.9 * left[1]


def test_sharpness_rises_from_nothing_to_everything(planted_model: MeasurementModel) -> None:
    answered = np.zeros(N_ITEMS, dtype=bool)
    sharpness = [planted_model.sharpness(answered)]
    for item in planted_model.next_items(answered, n=N_ITEMS):
        answered[item] = True
        sharpness.append(planted_model.sharpness(answered))
    assert sharpness[0] == 0
    assert sharpness[-1] == 1
    assert (np.diff(sharpness) > 0).all()
    assert (np.diff(sharpness)[::20] < sharpness[1] + 1e-9).all()
