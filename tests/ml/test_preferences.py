"""The preference model against its own definition, against a dense fit, and on people whose tastes are known."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from ml import preferences
from ml.preference_penalties import START
from ml.preference_problem import Prior, Problem, probabilities
from ml.preferences import People, Preferences, Verdicts

N, K, AXES = 60, 4, 3


def make_people(n: int = N, *, seed: int = 0, k: int = K) -> People:
    """Return people with random factors, whose likeness is half the negative squared distance of some axes."""
    rng = np.random.default_rng(seed)
    axes = rng.standard_normal((n, AXES))
    own, one = -(axes**2).sum(axis=1, keepdims=True) / 2, np.ones((n, 1))
    return People(
        rng.standard_normal((n, k)).astype(np.float32),
        np.hstack([axes, own, one]).astype(np.float32),
        np.hstack([axes, one, own]).astype(np.float32),
    )


def all_pairs(n: int = N) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return every ordered pair of two people."""
    actors, targets = np.divmod(np.arange(n * n), n)
    return actors[actors != targets], targets[actors != targets]


def judged(people: People, logits: NDArray[np.float64], *, share: float = 0.5, seed: int = 1) -> Verdicts:
    """Return verdicts of some pairs, drawn from the logits of all pairs."""
    rng = np.random.default_rng(seed)
    actors, targets = all_pairs(len(people))
    seen = rng.random(len(actors)) < share
    liked = rng.random(len(actors)) < probabilities(logits)
    return Verdicts(actors[seen], targets[seen], liked[seen], np.ones(int(seen.sum())))


def planted(people: People, *, taste: float = 0.5, seed: int = 2) -> NDArray[np.float64]:
    """Return logits of all pairs by generosity, appeal, one level and personal tastes."""
    rng = np.random.default_rng(seed)
    n, k = people.factors.shape
    generosity, appeal = rng.standard_normal((2, n))
    tastes = taste * rng.standard_normal((n, k))
    z = people.factors.astype(float)
    logits = -0.5 + generosity[:, np.newaxis] + appeal + 0.4 * z[:, 0] + tastes @ z.T
    return np.asarray(logits[all_pairs(n)])


@pytest.fixture(scope="module")
def people() -> People:
    return make_people()


@pytest.fixture(scope="module")
def verdicts(people: People) -> Verdicts:
    return judged(people, planted(people))


@pytest.fixture(scope="module")
def fitted(people: People, verdicts: Verdicts) -> Preferences:
    return preferences.fit(people, verdicts)


def test_vectors_are_the_model_written_out(people: People, fitted: Preferences) -> None:
    shared, own, z = fitted.population, fitted.personal, people.factors.astype(float)
    outgoing, incoming = fitted.vectors(people)
    for a, b in ((0, 1), (5, 3), (40, 59)):
        logit = shared.intercept + shared.likeness * float(people.likeness_out[a] @ people.likeness_in[b])
        logit += own.generosity[a] + own.appeal[b] + z[a] @ shared.level_out + z[b] @ shared.level_in
        logit += (z[a] * z[b]) @ shared.product + (z[a] - z[b]) ** 2 @ shared.difference + own.taste[a] @ z[b]
        assert float(outgoing[a] @ incoming[b]) == pytest.approx(logit, abs=1e-4)
        assert fitted.logits(people, np.array([a]), np.array([b]))[0] == pytest.approx(logit, abs=1e-4)


def test_without_any_verdict_the_ranking_is_that_of_likeness(people: People) -> None:
    none = np.empty(0, dtype=np.intp)
    model = preferences.fit(people, Verdicts(none, none, none.astype(bool), none.astype(float)))
    outgoing, incoming = model.vectors(people)
    likeness = people.likeness_out @ people.likeness_in.T
    assert np.array_equal(np.argsort(outgoing @ incoming.T, axis=1), np.argsort(likeness, axis=1))


def test_fit_agrees_with_a_dense_newton_fit(people: People, verdicts: Verdicts, fitted: Preferences) -> None:
    problem = Problem(people, verdicts)
    penalties = preferences.choose_penalties(people, verdicts)
    prior = Prior(problem, penalties)
    design = np.array([problem.predict(row) for row in np.eye(problem.size)]).T
    precision = np.array([prior.product(row) for row in np.eye(problem.size)])
    parameters = prior.mean.copy()
    for _ in range(30):
        liked = probabilities(design @ parameters)
        gradient = design.T @ (problem.liked - liked) - precision @ (parameters - prior.mean)
        hessian = (design * (liked * (1 - liked))[:, np.newaxis]).T @ design + precision
        parameters += np.linalg.solve(hessian, gradient)
    logits = fitted.logits(people, problem.actors, problem.targets)
    assert np.abs(logits - design @ parameters).max() < 1e-3


def test_gather_is_the_transpose_of_predict_and_knows_its_diagonal(people: People, verdicts: Verdicts) -> None:
    problem = Problem(people, verdicts)
    rng = np.random.default_rng(0)
    parameters, values = rng.standard_normal(problem.size), rng.random(len(problem))
    assert values @ problem.predict(parameters) == pytest.approx(parameters @ problem.gather(values))
    for place in (0, 1, 3, 7, 12, 17, 30, 100, problem.size - 1):
        unit = np.eye(problem.size)[place]
        expected = values @ problem.predict(unit) ** 2
        assert problem.diagonal(values)[place] == pytest.approx(expected)


def test_fit_finds_what_was_planted() -> None:
    people = make_people(150, seed=3)
    logits = planted(people)
    verdicts = judged(people, logits, share=0.4)
    model = preferences.fit(people, verdicts)
    found = model.logits(people, *all_pairs(150))
    assert np.corrcoef(found, logits)[0, 1] > 0.9
    assert model.population.level_in[0] == pytest.approx(0.4, abs=0.2)
    assert model.population.covariance[0, 0] == pytest.approx(1.0, abs=0.4)


def test_probabilities_are_calibrated_on_verdicts_that_were_not_seen() -> None:
    people = make_people(150, seed=4)
    verdicts = judged(people, planted(people))
    seen = np.random.default_rng(5).random(len(verdicts)) < 0.3
    model = preferences.fit(people, verdicts.rows(seen))
    unseen = verdicts.rows(~seen)
    predicted = model.probabilities(people, unseen.actors, unseen.targets)
    edges = np.quantile(predicted, np.linspace(0, 1, 11))
    for low, high in pairwise(edges):
        bin_ = (predicted >= low) & (predicted <= high)
        assert predicted[bin_].mean() == pytest.approx(unseen.liked[bin_].mean(), abs=0.06)


def test_tastes_are_believed_only_where_they_predict() -> None:
    people = make_people(150, seed=6)
    without = preferences.choose_penalties(people, judged(people, planted(people, taste=0.0), share=0.4))
    with_tastes = preferences.choose_penalties(people, judged(people, planted(people, taste=1.0), share=0.4))
    assert without.taste <= START.taste < with_tastes.taste or without.taste < START.taste <= with_tastes.taste


def test_somebody_new_stands_at_the_mean_with_the_variance_of_the_population(
    people: People, verdicts: Verdicts
) -> None:
    newcomer = 7
    known = verdicts.rows((verdicts.actors != newcomer) & (verdicts.targets != newcomer))
    model = preferences.fit(people, known)
    own, shared = model.personal, model.population
    assert own.generosity[newcomer] == pytest.approx(0, abs=1e-3)
    assert own.appeal[newcomer] == pytest.approx(0, abs=1e-3)
    assert np.abs(own.taste[newcomer]).max() < 1e-3
    assert own.appeal_variance[newcomer] == pytest.approx(shared.covariance[1, 1])
    others = np.delete(np.arange(N), newcomer)
    assert own.appeal_variance[others].max() < own.appeal_variance[newcomer]


def test_an_update_is_the_converged_fit_of_one_person(people: People, verdicts: Verdicts, fitted: Preferences) -> None:
    for actor in (0, 11, 59):
        own = preferences.update(fitted, people, actor, verdicts)
        updated = preferences.with_update(fitted, actor, own)
        row, others = np.full(N - 1, actor), np.delete(np.arange(N), actor)
        before, after = (model.logits(people, row, others) for model in (fitted, updated))
        assert np.abs(after - before).max() < 1e-4


def test_an_update_without_verdicts_is_the_prior_given_the_appeal(people: People, fitted: Preferences) -> None:
    none = np.empty(0, dtype=np.intp)
    own = preferences.update(fitted, people, 3, Verdicts(none, none, none.astype(bool), none.astype(float)))
    covariance = fitted.population.covariance
    expected = covariance[0, 1] / covariance[1, 1] * fitted.personal.appeal[3]
    assert own.generosity == pytest.approx(expected)
    assert np.abs(own.taste).max() == pytest.approx(0)


def test_left_out_is_close_to_the_fit_without_each_verdict(
    people: People, verdicts: Verdicts, fitted: Preferences
) -> None:
    actor = 20
    mine = verdicts.rows(verdicts.actors == actor)
    settled = preferences.with_update(fitted, actor, preferences.update(fitted, people, actor, mine))
    quick = preferences.left_out(settled, people, actor, mine)
    for index, row in enumerate(quick):
        exact = preferences.update(settled, people, actor, mine.rows(np.arange(len(mine)) != index))
        one = people.factors[mine.targets[index]].astype(float)
        difference = row[0] - exact.generosity + (row[1:] - exact.taste) @ one
        assert abs(difference) < 0.05


def test_a_liked_person_left_out_is_liked_less(people: People, verdicts: Verdicts, fitted: Preferences) -> None:
    actor = 20
    mine = verdicts.rows(verdicts.actors == actor)
    quick = preferences.left_out(fitted, people, actor, mine)
    own = np.concatenate([[fitted.personal.generosity[actor]], fitted.personal.taste[actor]])
    seen = np.column_stack([np.ones(len(mine)), people.factors[mine.targets]])
    change = (seen * (quick - own)).sum(axis=1)
    assert (np.sign(change) == np.where(mine.liked, -1, 1)).all()


def test_a_verdict_of_weight_two_counts_as_two(people: People, verdicts: Verdicts) -> None:
    few = verdicts.rows(np.arange(100))
    heavy = replace(few, weights=np.where(np.arange(100) == 0, 2.0, 1.0))
    twice = verdicts.rows(np.concatenate([[0], np.arange(100)]))
    pairs = all_pairs()
    # Where likeness is standardised the repeated verdict shifts its mean a little, which the weight does not.
    one, other = (preferences.fit(people, rows).logits(people, *pairs) for rows in (heavy, twice))
    assert np.abs(one - other).max() < 0.05


def test_weights_are_drawn_towards_those_of_another_population(people: People, fitted: Preferences) -> None:
    population = replace(fitted.population, level_in=np.full(K, 2.0))
    few = judged(people, np.zeros(N * (N - 1)), share=0.01)
    near, far = (preferences.fit(people, few, around=around) for around in (population, None))
    assert near.population.level_in.mean() > far.population.level_in.mean() + 1


def test_the_same_verdicts_give_the_same_fit(people: People, verdicts: Verdicts, fitted: Preferences) -> None:
    shuffled = verdicts.rows(np.random.default_rng(0).permutation(len(verdicts)))
    again = preferences.fit(people, verdicts)
    assert np.array_equal(again.personal.generosity, fitted.personal.generosity)
    other = preferences.fit(people, shuffled, penalties=preferences.choose_penalties(people, verdicts))
    assert np.abs(other.personal.generosity - fitted.personal.generosity).max() < 1e-6


@pytest.mark.parametrize("liked", [True, False])
def test_one_verdict_or_one_kind_of_verdict_gives_finite_logits(people: People, liked: bool) -> None:
    for n in (1, 200):
        actors, targets = (side[:n] for side in all_pairs())
        model = preferences.fit(people, Verdicts(actors, targets, np.full(n, liked), np.ones(n)))
        logits = model.logits(people, *all_pairs())
        assert np.isfinite(logits).all()
        assert (logits[:n].mean() > 0) == liked


def test_constant_factors_and_equal_people_do_no_harm() -> None:
    people = make_people(10)
    same = People(np.zeros_like(people.factors), np.ones_like(people.likeness_out), np.ones_like(people.likeness_in))
    actors, targets = all_pairs(10)
    model = preferences.fit(same, Verdicts(actors, targets, actors > targets, np.ones(len(actors))))
    assert np.isfinite(model.logits(same, actors, targets)).all()


def test_broken_input_is_refused(people: People) -> None:
    one, two = np.array([0]), np.array([1])
    with pytest.raises(ValueError, match="themselves"):
        Verdicts(one, one, np.array([True]), np.ones(1))
    with pytest.raises(ValueError, match="same length"):
        Verdicts(one, two, np.array([True, False]), np.ones(1))
    with pytest.raises(ValueError, match="above 0"):
        Verdicts(one, two, np.array([True]), np.zeros(1))
    with pytest.raises(ValueError, match="finite"):
        People(people.factors * np.float32(np.nan), people.likeness_out, people.likeness_in)
    with pytest.raises(ValueError, match="one row a person"):
        People(people.factors[:3], people.likeness_out, people.likeness_in)
