"""Ranking everybody from flat arrays, against plain sums and a plain sort in double precision."""

import numpy as np
import pytest
from numpy.typing import NDArray

from ml import preferences, reciprocal, serving
from ml.preferences import People, Personal, Population, Preferences
from ml.serving import Corrections, Rule

N, D = 20_000, 12
RULES: tuple[Rule, ...] = ("harmonic", "product")
Crowd = tuple[NDArray[np.float32], NDArray[np.float32]]


@pytest.fixture(scope="module")
def crowd() -> Crowd:
    """Return vectors of more people than two blocks hold, the last block not a full one."""
    rng = np.random.default_rng(3)
    assert N > 2 * serving.BLOCK
    assert N % serving.BLOCK
    return rng.standard_normal((N, D), dtype=np.float32), rng.standard_normal((N, D), dtype=np.float32)


def exact(crowd: Crowd, viewer: int, rule: Rule) -> NDArray[np.float64]:
    """Return everybody's score as the definition has it."""
    outgoing, incoming = (side.astype(np.float64) for side in crowd)
    return serving.two_sided(incoming @ outgoing[viewer], outgoing @ incoming[viewer], rule)


def plain_best(scores: NDArray[np.float64], mask: NDArray[np.bool_], n: int) -> list[int]:
    return list(np.argsort(-np.where(mask, scores, -np.inf), kind="stable")[: min(n, mask.sum())])


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("share", [1.0, 0.6, 0.1, 0.001])
def test_the_best_are_those_of_a_plain_sort(crowd: Crowd, rule: Rule, share: float) -> None:
    mask = np.random.default_rng(1).random(N) < share
    for viewer in (0, 7, N - 1):
        found = serving.rank(*crowd, viewer, mask, n=24, rule=rule)
        scores = exact(crowd, viewer, rule)
        assert found.rows.tolist() == plain_best(scores, mask, 24)
        np.testing.assert_allclose(found.scores, scores[found.rows], rtol=1e-12)
        np.testing.assert_allclose(found.all_scores[mask], scores[mask], atol=2e-5)
        np.testing.assert_allclose(
            found.all_logit_in[mask], crowd[0][mask] @ crowd[1][viewer], atol=2e-5, err_msg="them to the viewer"
        )
        assert (found.all_scores[~mask] == -np.inf).all()
        assert np.isnan(found.all_logit_in[~mask]).all()


@pytest.mark.parametrize("rule", RULES)
def test_scores_order_as_the_two_sided_scores_of_probabilities(rule: Rule) -> None:
    out, back = np.random.default_rng(0).normal(0, 2, (2, 500))
    of_probabilities = reciprocal.two_sided(reciprocal.directed(out), reciprocal.directed(back), rule)
    scores = serving.two_sided(out, back, rule)
    np.testing.assert_array_equal(np.argsort(scores), np.argsort(of_probabilities))
    as_score = {"harmonic": np.log(of_probabilities / (1 - of_probabilities)), "product": np.log(of_probabilities)}
    np.testing.assert_allclose(scores, as_score[rule], rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("rule", RULES)
def test_equal_sides_are_ranked_as_they_are_however_far_out(rule: Rule) -> None:
    likeness = np.array([0.0, 30.0, 90.0, -200.0, 89.0, -1e4], dtype=np.float32)
    outgoing, incoming = np.column_stack([likeness, np.ones(6)]), np.column_stack([np.ones(6), np.zeros(6)])
    outgoing[0], incoming[0] = (0, 1), (1, 0)
    incoming[1:] = np.column_stack([np.zeros(5), likeness[1:]])
    found = serving.rank(outgoing.astype(np.float32), incoming.astype(np.float32), 0, np.arange(6) > 0, n=5, rule=rule)
    np.testing.assert_array_equal(found.logit_out, found.logit_in)
    assert likeness[found.rows].tolist() == [90.0, 89.0, 30.0, -200.0, -1e4]
    assert np.isfinite(found.scores).all()


def test_one_eager_side_does_not_hide_a_reluctant_one() -> None:
    for rule in RULES:
        one_sided, even = serving.two_sided(np.log([9.0, 1.0]), np.log([1 / 9, 1.0]), rule)
        assert one_sided < even


def test_equals_come_in_the_order_of_their_rows() -> None:
    vectors = np.ones((1000, 1), dtype=np.float32)
    vectors[[700, 800]] = 2
    mask = np.ones(1000, dtype=bool)
    mask[[0, 3]] = False
    assert serving.rank(vectors, vectors, 0, mask, n=5).rows.tolist() == [700, 800, 1, 2, 4]


def test_what_single_precision_cannot_tell_apart_is_told_apart() -> None:
    rng = np.random.default_rng(5)
    incoming = (1 + rng.normal(0, 1e-6, (600, 8))).astype(np.float32)
    outgoing = np.broadcast_to(rng.uniform(1, 2, 8), (600, 8)).astype(np.float32)
    scores, mask = exact((outgoing, incoming), 0, "harmonic"), np.arange(600) > 0
    rounded = np.where(mask, incoming @ outgoing[0], -np.inf)
    assert np.argsort(-rounded, kind="stable")[:24].tolist() != plain_best(scores, mask, 24)
    assert serving.rank(outgoing, incoming, 0, mask).rows.tolist() == plain_best(scores, mask, 24)


@pytest.mark.parametrize("share", [1.0, 0.1])
def test_corrections_reach_those_they_name_and_nobody_else(crowd: Crowd, share: float) -> None:
    mask = np.random.default_rng(2).random(N) < share
    mask[[11, 19_999]] = True
    mask[13] = False
    best = serving.rank(*crowd, 5, mask, n=1).rows
    rows, values = np.array([19_999, 13, *best, 11]), np.array([40.0, 40.0, -40.0, 41.0])
    found = serving.rank(*crowd, 5, mask, n=24, corrections=Corrections(rows, values))
    plain = serving.rank(*crowd, 5, mask, n=24)
    added = np.zeros(N)
    added[rows] = values
    np.testing.assert_allclose(found.all_logit_in[mask], (plain.all_logit_in + added)[mask], atol=1e-5)
    outgoing, incoming = (side.astype(np.float64) for side in crowd)
    scores = serving.two_sided(incoming @ outgoing[5], outgoing @ incoming[5] + added)
    assert found.rows.tolist() == plain_best(scores, mask, 24)
    assert best[0] not in found.rows
    np.testing.assert_allclose(found.logit_in, (outgoing @ incoming[5] + added)[found.rows])


def test_a_discount_is_taken_off(crowd: Crowd) -> None:
    mask, discounts = np.ones(N, dtype=bool), np.zeros(N, dtype=np.float32)
    first = serving.rank(*crowd, 5, mask, n=24)
    discounts[first.rows[:2]] = 100
    found = serving.rank(*crowd, 5, mask, n=22, discounts=discounts)
    assert found.rows.tolist() == first.rows[2:].tolist()
    np.testing.assert_allclose(found.all_scores[first.rows[:2]], first.scores[:2] - 100, rtol=1e-6)


@pytest.mark.parametrize("n", [0, 1, 3, 10])
@pytest.mark.parametrize("n_people", [1, 2, 300])
def test_small_crowds_are_returned_whole(n_people: int, n: int) -> None:
    vectors = np.random.default_rng(0).standard_normal((n_people, 3), dtype=np.float32)
    mask = np.arange(n_people) > 0
    found = serving.rank(vectors, vectors, 0, mask, n=n)
    assert len(found) == min(n, n_people - 1)
    assert 0 not in found.rows
    assert found.rows.tolist() == plain_best(exact((vectors, vectors), 0, "harmonic"), mask, n)


def test_nobody_may_be_shown(crowd: Crowd) -> None:
    assert len(serving.rank(*crowd, 0, np.zeros(N, dtype=bool))) == 0


# ---------------------------------------------------------------- why


def learned(n: int) -> tuple[Preferences, People]:
    """Return a model in which every term says something, and people for it."""
    rng = np.random.default_rng(9)
    k, q = 4, 6
    level_out, level_in, product, difference = rng.normal(0, 0.3, (4, k))
    shared = Population(-0.3, 0.2, level_out, level_in, product, difference, np.eye(2), 0.1)
    own = Personal(
        rng.normal(size=n), np.ones(n), rng.normal(size=n), np.ones(n), rng.normal(0, 0.3, (n, k)), np.ones(n)
    )
    factors, *likeness = (rng.standard_normal((n, width), dtype=np.float32) for width in (k, q, q))
    return Preferences(shared, own), People(factors, *likeness)


def test_contributions_add_up_to_both_logits() -> None:
    model, people = learned(40)
    outgoing, incoming = model.vectors(people)
    rows = np.array([3, 1, 39])
    blocks = serving.columns(outgoing.shape[1], 4)
    found = serving.contributions(outgoing, incoming, 7, rows, blocks)
    out, back = serving.logits(outgoing, incoming, 7, rows)
    assert found.names == ("likeness", "factors", "chooser", "chosen")
    np.testing.assert_allclose(found.out.sum(axis=1), out, atol=1e-9)
    np.testing.assert_allclose(found.into.sum(axis=1), back, atol=1e-9)
    viewer = np.full(3, 7)
    np.testing.assert_allclose(out, model.logits(people, viewer, rows), atol=1e-4)
    likeness = model.population.likeness * people.likeness(viewer, rows)
    np.testing.assert_allclose(found.out[:, 0], likeness, atol=1e-5)
    appeal = incoming[rows, -1]
    np.testing.assert_allclose(found.out[:, 3], appeal, atol=1e-6)
    assert np.ptp(found.out[:, 2]) == 0, "how readily the viewer likes is the same for everybody"


def test_without_anything_learned_likeness_says_it_all() -> None:
    _, people = learned(30)
    outgoing, incoming = people.likeness_out, people.likeness_in
    found = serving.contributions(outgoing, incoming, 0, np.arange(1, 30), serving.columns(6, 0))
    assert found.names == ("likeness",)
    np.testing.assert_allclose(found.out[:, 0], people.likeness(np.zeros(29, np.intp), np.arange(1, 30)), rtol=1e-6)
    by_model = serving.rank(*preferences.likeness_only(people).vectors(people), 0, np.arange(30) > 0)
    assert by_model.rows.tolist() == serving.rank(outgoing, incoming, 0, np.arange(30) > 0).rows.tolist()


# ---------------------------------------------------------------- what is refused, what is left alone


def test_nothing_is_ranked_by_chance(crowd: Crowd) -> None:
    spoilt, mask = crowd[1].copy(), np.ones(N, dtype=bool)
    spoilt[N - 1, 2] = np.nan
    with pytest.raises(ValueError, match="not a number"):
        serving.rank(crowd[0], spoilt, 0, mask)
    mask[N - 1] = False
    assert serving.rank(crowd[0], spoilt, 0, mask).rows.tolist() == serving.rank(*crowd, 0, mask).rows.tolist()


def test_nonsense_is_refused(crowd: Crowd) -> None:
    outgoing, incoming = crowd
    with pytest.raises(ValueError, match="do not belong together"):
        serving.rank(outgoing, incoming[:-1], 0, np.ones(N, dtype=bool))
    with pytest.raises(ValueError, match="do not belong together"):
        serving.rank(outgoing, incoming, 0, np.ones(N - 1, dtype=bool))
    with pytest.raises(ValueError, match="no rule called 'sum'"):
        serving.rank(outgoing, incoming, 0, np.ones(N, dtype=bool), rule="sum")
    with pytest.raises(ValueError, match="cannot hold"):
        serving.columns(6, 4)


def test_nothing_given_is_changed_and_the_same_comes_out_again(crowd: Crowd) -> None:
    mask, discounts = np.ones(N, dtype=bool), np.ones(N, dtype=np.float32)
    corrections = Corrections(np.array([9, 4]), np.array([0.5, 1.0]))
    given = (*crowd, mask, discounts, corrections.rows, corrections.values)
    before = [array.copy() for array in given]
    one, again = (serving.rank(*crowd, 1, mask, corrections=corrections, discounts=discounts) for _ in range(2))
    for array, copy in zip(given, before, strict=True):
        np.testing.assert_array_equal(array, copy)
    for name, value in vars(one).items():
        np.testing.assert_array_equal(value, getattr(again, name))
