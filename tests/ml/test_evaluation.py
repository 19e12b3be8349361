"""Whether the evaluation measures what it says."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import multivariate_normal

from ml import correlations, evaluation, question_orders, retrieval, scoring, synthetic
from ml.evaluation import Split
from ml.items import N_ITEMS
from ml.measurement import MeasurementModel
from ml.responses import Responses

N_PEOPLE, N_HELD_OUT = 1_500, 400


@pytest.fixture(scope="module")
def people(reference: MeasurementModel) -> Split:
    """People whose true model is known: the one they are drawn from."""
    answers = synthetic.sample_answers(reference, N_PEOPLE, np.random.default_rng(3))
    return Split(answers[N_HELD_OUT:], np.ones(N_PEOPLE - N_HELD_OUT, dtype=bool), answers[:N_HELD_OUT])


@pytest.fixture(scope="module")
def placed(people: Split, reference: MeasurementModel) -> dict:
    return evaluation.evaluate_placement(people, seed=1, model=reference)


@pytest.fixture(scope="module")
def asked(people: Split, reference: MeasurementModel) -> dict:
    return question_orders.evaluate_questions(people, seed=1, model=reference)


def published(answers: np.ndarray, age: int = 30) -> Responses:
    n = len(answers)
    facts = {name: np.full(n, value) for name, value in (("gender", 1), ("accuracy", 90), ("source", 1))}
    return Responses(answers, age=np.full(n, age), elapsed=np.full(n, 900), country=[""] * n, **facts)


class TestSplit:
    def test_holds_out_complete_sheets_that_are_not_learnt_from(self, people: Split) -> None:
        answers = np.vstack([people.answers, people.held_out])
        answers[:200, 7] = 0
        found = evaluation.split(published(answers), seed=5, n_held_out=120)
        assert len(found.held_out) == 120
        assert (found.held_out > 0).all()
        assert len(found.answers) == len(found.is_norm) == N_PEOPLE - 120
        both = np.vstack([found.answers, found.held_out])
        assert sorted(map(bytes, both)) == sorted(map(bytes, answers))

    def test_is_chosen_by_the_seed(self, people: Split) -> None:
        rows = published(people.answers)
        first, again, other = (evaluation.split(rows, seed=seed, n_held_out=50).held_out for seed in (0, 0, 1))
        np.testing.assert_array_equal(first, again)
        assert not np.array_equal(first, other)

    def test_leaves_out_what_no_model_learns_from(self, people: Split) -> None:
        answers = np.vstack([people.answers, people.answers[:30]])
        assert len(evaluation.split(published(answers)).answers) == len(
            evaluation.split(published(people.answers)).answers
        )

    def test_refuses_too_few_people(self, people: Split) -> None:
        with pytest.raises(ValueError, match="too few"):
            evaluation.split(published(people.answers[:90]))
        with pytest.raises(ValueError, match="too few"):
            evaluation.split(published(people.answers, age=15))


class TestCeiling:
    def test_is_the_ratio_of_normal_densities(self) -> None:
        rng = np.random.default_rng(0)
        drawn = rng.standard_normal((30, 6))
        matrix = drawn.T @ drawn / 30
        sheets = rng.standard_normal((4, 6))
        one, other = np.isin(np.arange(6), [0, 3]), np.isin(np.arange(6), [1, 2, 5])
        found = evaluation.linear_ceiling(matrix, sheets, one, other)
        items = [0, 3, 1, 2, 5]
        for i, x in enumerate(sheets[:, one]):
            for j, y in enumerate(sheets[:, other]):
                together = multivariate_normal(cov=matrix[np.ix_(items, items)]).logpdf(np.concatenate([x, y]))
                apart = [multivariate_normal(cov=matrix[np.ix_(p, p)]) for p in (one, other)]
                assert found[i, j] == pytest.approx(together - apart[0].logpdf(x) - apart[1].logpdf(y), abs=1e-4)

    def test_finds_people_again(self, people: Split) -> None:
        found = correlations.moments(people.answers)
        half = retrieval.balanced_half(np.random.default_rng(0))
        standardised = (people.held_out - found.means) / found.sds
        scored = retrieval.score_retrieval(evaluation.linear_ceiling(found.correlations, standardised, half, ~half))
        assert scored.top_10 > 0.7


class TestPlacement:
    def test_finds_people_far_above_chance_and_near_the_ceiling(self, placed: dict) -> None:
        rows = placed["retrieval"]["other half"]
        assert list(rows) == [
            "keyed scales, Euclid", "keyed scales, cosine", "keyed scales, Mahalanobis",
            evaluation.CEILING, evaluation.MODEL,
        ]  # fmt: skip
        first = {name: row["top_1"]["share"] for name, row in rows.items()}
        assert first["keyed scales, Euclid"] > first["keyed scales, Mahalanobis"] > 10 / N_HELD_OUT
        assert first[evaluation.MODEL] > 2 * first["keyed scales, Euclid"]
        assert placed["is_reached"]

    def test_says_how_sure_each_share_is(self, placed: dict) -> None:
        for rows in placed["retrieval"].values():
            for row in rows.values():
                assert row["people"] == N_HELD_OUT
                for figure in (row["top_1"], row["top_10"]):
                    low, high = figure["interval"]
                    assert low <= figure["share"] <= high
                    # Twice 1.96 standard errors of a share.
                    width = 3.92 * np.sqrt(figure["share"] * (1 - figure["share"]) / N_HELD_OUT)
                    assert high - low == pytest.approx(width, abs=0.015)

    def test_few_answers_find_less_than_many(self, placed: dict) -> None:
        half, rest, of_half = (rows[evaluation.MODEL]["top_10"]["share"] for rows in placed["retrieval"].values())
        assert of_half < min(half, rest)

    def test_intervals_hold_what_they_promise(self, placed: dict) -> None:
        assert [row["answers"] for row in placed["coverage"]] == [16, 32, 64, 96]
        for row in placed["coverage"]:
            assert 0.87 < row["overall"] < 0.93
            assert row["least"] == min(row["scales"].values()) <= max(row["scales"].values()) == row["most"]

    def test_more_missing_answers_tell_less(self, placed: dict) -> None:
        two, forty = placed["missing"]
        assert 1 > two["mean_r"] > forty["mean_r"] > 0.9

    def test_lists_of_two_halves_overlap_little(self, placed: dict) -> None:
        assert 10 / N_HELD_OUT < placed["overlap_of_lists"] < 0.5

    def test_what_serves_orders_people_as_the_complete_sheets_do(self, placed: dict) -> None:
        for row in placed["serving"]:
            assert row["loss"] == pytest.approx(row["exact_with_complete"] - row["served_with_complete"], abs=2e-4)
            assert row["loss"] < 0.01

    def test_a_poor_model_does_not_reach_the_ceiling(self, people: Split, reference: MeasurementModel) -> None:
        wrong = replace(reference, loadings=np.random.default_rng(0).permutation(reference.loadings))
        found = evaluation.evaluate_placement(people, seed=1, model=wrong)
        assert not found["is_reached"]
        assert found["below_ceiling"]["top_10"]["points"] > 4

    def test_is_the_same_for_the_same_seed(self, people: Split, placed: dict, reference: MeasurementModel) -> None:
        assert evaluation.evaluate_placement(people, seed=1, model=reference) == placed


class TestQuestions:
    def test_r_is_that_of_the_models_own_placements(self, people: Split, reference: MeasurementModel) -> None:
        order = np.random.default_rng(0).permutation(N_ITEMS)
        scored = scoring.score(people.held_out, scoring.normal_scores(reference.item_shares))
        plain = (people.held_out - reference.item_means) / reference.item_sds
        covariance = np.cov(np.hstack([plain, scored]).T)
        known = question_orders.known_after(order, reference.precision, covariance, reference.scale_weights)
        full = reference.place(people.held_out).scales
        for n in (5, 60, N_ITEMS):
            asked = np.isin(np.arange(N_ITEMS), order[:n])
            part = reference.place(np.where(asked, people.held_out, 0)).scales
            r = [np.corrcoef(a, b)[0, 1] for a, b in zip(part.T, full.T, strict=True)]
            np.testing.assert_allclose(known[n - 1], r, atol=1e-8)

    def test_the_models_order_needs_the_fewest(self, asked: dict) -> None:
        for orders in asked["targets"].values():
            needed = {name: row["mean"]["0.95"] for name, row in orders.items()}
            assert min(needed, key=lambda name: needed[name]) == question_orders.MODEL
            assert max(needed, key=lambda name: needed[name]) == "file order"

    def test_every_score_needs_more_than_their_mean(self, asked: dict) -> None:
        for orders in asked["targets"].values():
            for row in orders.values():
                assert row["every"]["0.90"] >= row["mean"]["0.90"] <= row["mean"]["0.95"]
                n = row["mean"]["0.95"]
                # The figures are rounded.
                assert row["mean_r"][n - 1] >= 0.95 - 1e-4 > row["mean_r"][n - 2] - 2e-4

    @pytest.mark.parametrize("missed", [None, (0, 0), (0, 1), (1, 0), (1, 1)])
    def test_one_limit_missed_is_enough(
        self, people: Split, reference: MeasurementModel, asked: dict, missed: tuple, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        needed = [list(orders[question_orders.MODEL]["mean"].values()) for orders in asked["targets"].values()]
        if missed:
            needed[missed[0]][missed[1]] -= 1
        monkeypatch.setattr(question_orders, "LIMITS", dict(zip(asked["targets"], map(tuple, needed), strict=True)))
        monkeypatch.setattr(question_orders, "N_RANDOM", 1)
        found = question_orders.evaluate_questions(people, seed=1, model=reference)
        assert found["is_reached"] == (missed is None)

    def test_more_than_all_items_cannot_be_asked(self) -> None:
        counted = question_orders._counted(np.full((3, 2), 0.92))
        assert counted["mean"] == {"0.90": 1, "0.95": None}
        assert not question_orders._is_within(counted["mean"], (3, 3))

    def test_highest_loadings_take_turns(self) -> None:
        pattern = np.array([[0.9, 0.1], [0.8, 0.2], [0.7, -0.3]])
        assert question_orders._highest_in_turn(pattern).tolist() == [0, 2, 1]


def test_a_training_for_evaluation_is_that_of_the_site_where_places_are_concerned(people: Split) -> None:
    model = people.train()
    assert model.n_axes in {10, 20, 30, 40, 50, 60, 70}
    assert 0.5 < model.full_reliability[0] < 1
