"""Training from answers to a model."""

import json
from dataclasses import fields, replace

import numpy as np
import pytest
from numpy.typing import NDArray

from ml import factors, pipeline, placement
from ml.items import KEYED, N_ITEMS, SCALE_OF
from ml.measurement import MeasurementModel, array_names
from tests.ml.planted import LOADING, QUICK, planted_answers

Population = tuple[NDArray[np.int8], NDArray[np.float64]]


@pytest.fixture(scope="module")
def few() -> NDArray[np.int8]:
    return planted_answers(400, np.random.default_rng(21), missing=0.01)[0]


def test_planted_factors_are_found(planted_model: MeasurementModel) -> None:
    assert planted_model.report["kaiser"] == 16
    planted = np.zeros((N_ITEMS, 16))
    planted[np.arange(N_ITEMS), SCALE_OF] = KEYED * LOADING
    found = factors.varimax(planted_model.loadings)
    agreement = np.abs(factors.congruence(found, planted))
    assert (agreement.max(axis=0) > 0.99).all()


def test_report_can_be_stored_and_says_what_was_found(planted_model: MeasurementModel, population: Population) -> None:
    report = json.loads(json.dumps(planted_model.report, allow_nan=False))
    assert report["data"] == {
        "people": 2_000,
        "weight": 2_000.0,
        "norms": 2_000,
        "complete": int((population[0] > 0).all(axis=1).sum()),
        "missed_answers": int((population[0] == 0).sum()),
    }
    assert report["correlations"]["kmo"] > 0.8
    assert report["correlations"]["bartlett"]["p"] < 1e-6
    assert len(report["eigenvalues"]) == len(report["variance_retained"]) == N_ITEMS
    assert sum(report["eigenvalues"]) == pytest.approx(N_ITEMS, abs=0.05)
    assert report["variance_retained"][-1] == {"k": N_ITEMS, "common": 1.0, "total": 1.0}
    space = report["space"]
    assert space["k"] >= report["kaiser"]
    assert space["common_variance"] >= 0.95 or space["k"] == report["kaiser"]
    assert {scale["letter"] for scale in report["scales"]} == set("ABCDEFGHIJKLMNOP")
    assert min(scale["alpha"] for scale in report["scales"]) > 0.8
    assert set(report["timings"]) == {"correlations", "number of axes", "factors", "norms", "types", "label cuts"} | {
        "number of factors"
    }


def test_cuts_are_the_quantiles_of_strangers(planted_model: MeasurementModel) -> None:
    answers, _ = planted_answers(800, np.random.default_rng(5))
    place = planted_model.place(answers)
    between = placement.likeness(place, place)[np.triu_indices(800, 1)]
    shares = [(between < cut).mean() for cut in planted_model.label_cuts]
    np.testing.assert_allclose(shares, pipeline.LABEL_SHARES, atol=0.03)


def test_same_seed_gives_the_same_model(few: NDArray[np.int8]) -> None:
    first, second = (pipeline.train_measurement(few, config=QUICK, random_state=3) for _ in range(2))
    for name in array_names():
        np.testing.assert_array_equal(getattr(first, name), getattr(second, name))
    assert first.type_names == second.type_names
    assert first.report | {"timings": 0} == second.report | {"timings": 0}


def test_a_weight_of_two_is_the_row_twice(few: NDArray[np.int8]) -> None:
    weights = np.where(np.arange(400) < 100, 2.0, 1.0)
    weighted = pipeline.train_measurement(few, weights=weights, config=QUICK)
    twice = pipeline.train_measurement(np.vstack([few, few[:100]]), config=QUICK)
    np.testing.assert_allclose(weighted.item_means, twice.item_means, atol=1e-6)
    np.testing.assert_allclose(weighted.scale_means, twice.scale_means, atol=1e-5)
    np.testing.assert_allclose(weighted.scale_sds, twice.scale_sds, atol=1e-5)
    np.testing.assert_allclose(weighted.item_shares, twice.item_shares, atol=1e-9)
    assert weighted.report["data"]["weight"] == 500


def test_percentiles_come_from_the_norm_rows_alone(few: NDArray[np.int8]) -> None:
    norm_rows = np.arange(0, 400, 2)
    by_index = pipeline.train_measurement(few, norm_rows=norm_rows, config=QUICK)
    by_mask = pipeline.train_measurement(few, norm_rows=np.arange(400) % 2 == 0, config=QUICK)
    np.testing.assert_array_equal(by_index.scale_quantiles, by_mask.scale_quantiles)
    scales = by_index.place(few).scales
    np.testing.assert_allclose(scales[norm_rows].mean(axis=0), 0, atol=1e-9)
    assert np.abs(scales[1::2].mean(axis=0)).max() > 1e-3
    assert by_index.report["data"]["norms"] == 200


def test_a_retrained_space_stays_turned_like_the_one_in_use() -> None:
    answers, _ = planted_answers(2_000, np.random.default_rng(8))
    first = pipeline.train_measurement(answers, config=QUICK)
    turn = np.linalg.qr(np.random.default_rng(0).standard_normal((first.n_space,) * 2))[0]
    in_use = replace(first, space_loadings=first.space_loadings @ turn)
    retrained = pipeline.train_measurement(answers, config=QUICK, previous=in_use)
    assert retrained.report["space"]["aligned_to_previous"]
    agreement = np.diag(factors.congruence(retrained.space_loadings, in_use.space_loadings))
    assert agreement.min() > 0.98
    if len(retrained.type_names) == len(in_use.type_names):
        assert retrained.type_names == in_use.type_names


def test_input_is_not_changed(few: NDArray[np.int8]) -> None:
    before, weights = few.copy(), np.ones(400)
    pipeline.train_measurement(few, weights=weights, config=QUICK)
    np.testing.assert_array_equal(few, before)
    assert (weights == 1).all()


def nan_answers() -> NDArray[np.float64]:
    answers = np.full((300, N_ITEMS), 3.0)
    answers[0, 0] = np.nan
    return answers


@pytest.mark.parametrize(
    ("answers", "reason"),
    [
        (np.zeros((300, 162)), "163 columns"),
        (np.full((300, N_ITEMS), 6), "from 0"),
        (np.zeros((300, N_ITEMS)), "every answer is missed"),
        (np.full((1, N_ITEMS), 3), "1 people are too few"),
        (np.zeros((0, N_ITEMS)), "0 people are too few"),
        (np.ones((163, N_ITEMS)), "163 people are too few"),
        (np.full((300, N_ITEMS), 3), "163 of 163 items are constant"),
        (nan_answers(), "NaN"),
    ],
)
def test_answers_that_teach_nothing_are_refused(answers: NDArray[np.generic], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        pipeline.train_measurement(answers, config=QUICK)


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"weights": np.ones(3)}, "one weight a row"),
        ({"weights": np.zeros(400)}, "above 0"),
        ({"weights": np.full(400, np.nan)}, "finite"),
        ({"norm_rows": np.ones(3, dtype=bool)}, "mask of 400"),
        ({"norm_rows": np.array([0.5])}, "mask of 400"),
        ({"norm_rows": np.array([0, 400])}, "from 0 to 399"),
        ({"norm_rows": np.array([-1, 3])}, "from 0 to 399"),
        ({"norm_rows": np.array([7])}, "at least two people"),
    ],
)
def test_weights_and_norms_that_do_not_fit_are_refused(
    few: NDArray[np.int8], given: dict[str, NDArray[np.generic]], reason: str
) -> None:
    with pytest.raises(ValueError, match=reason):
        pipeline.train_measurement(few, config=QUICK, **given)  # type: ignore[arg-type]


def test_norms_that_do_not_differ_are_refused(few: NDArray[np.int8]) -> None:
    twins = np.vstack([few, few[:1], few[:1]])
    with pytest.raises(ValueError, match="do not differ"):
        pipeline.train_measurement(twins, norm_rows=[400, 401], config=QUICK)


def test_every_field_of_the_model_is_filled(planted_model: MeasurementModel) -> None:
    for field in fields(MeasurementModel):
        assert np.size(getattr(planted_model, field.name)) > 0
    assert all(np.isfinite(getattr(planted_model, name)).all() for name in array_names())
