"""The whole loop on worlds whose truth is known: it learns, keeps its promises, and is measured rightly."""

from dataclasses import fields, replace

import numpy as np
import pytest

from ml import exposure, likeness, outcomes, rankers, simulation, synthetic, worlds
from ml.measurement import MeasurementModel
from ml.preferences import Verdicts
from ml.simulation import LABELS, POLICIES, RULES, Arm, Run
from ml.worlds import World

PEOPLE, DAYS = 300, 20
# Mutual likes for 1,000 impressions under the learned ranking: at least so many times as many as under likeness.
LEAST_GAIN = 1.08
LEAST_GAIN_LONG = 1.15
# Of the way from chance to the truth, over the last third of 60 days, the learned ranking goes at least so much.
LEAST_WAY = 0.6


@pytest.fixture(scope="module")
def world(reference: MeasurementModel) -> World:
    return worlds.make("simple", PEOPLE, DAYS, reference, np.random.default_rng(0))


@pytest.fixture(scope="module")
def runs(world: World) -> dict[str, Run]:
    return {name: simulation.run(world, arm, DAYS, 0) for name, arm in POLICIES.items()}


def same(one: Run, other: Run) -> bool:
    shown = all(np.array_equal(getattr(one.shown, f.name), getattr(other.shown, f.name)) for f in fields(one.shown))
    return shown and np.array_equal(one.match_days, other.match_days)


# ---------------------------------------------------------------- worlds


@pytest.mark.parametrize("kind", worlds.KINDS)
def test_a_world_is_drawn_again_by_its_seed(kind: worlds.Kind, reference: MeasurementModel) -> None:
    first, second = (worlds.make(kind, 30, 10, reference, np.random.default_rng(4)) for _ in range(2))
    other = worlds.make(kind, 30, 10, reference, np.random.default_rng(5))
    np.testing.assert_array_equal(first.logits(3), second.logits(3))
    np.testing.assert_array_equal(first.draws, second.draws)
    assert not np.array_equal(first.logits(3), other.logits(3))


def test_the_likeness_of_a_world_is_the_likeness_of_its_sheets(reference: MeasurementModel) -> None:
    placed = reference.place(synthetic.sample_answers(reference, 25, np.random.default_rng(1)))
    out, back = likeness.likeness_vectors(placed, reference.full_reliability)
    expected = likeness.expected_likeness(placed, placed, reference.full_reliability)
    np.testing.assert_allclose(out @ back.T, expected, rtol=2e-4, atol=2e-3)


def test_rules_admit_both_or_none_and_nobody_to_themselves(world: World) -> None:
    np.testing.assert_array_equal(world.admits, world.admits.T)
    assert not world.admits.diagonal().any()
    assert world.admits.any(axis=1).all()


def test_the_simple_world_stays_and_the_other_one_drifts(world: World, reference: MeasurementModel) -> None:
    np.testing.assert_array_equal(world.logits(0), world.logits(60))
    moving = worlds.make("misspecified", 200, 60, reference, np.random.default_rng(0))
    off = moving.admits
    assert 0.5 < np.corrcoef(moving.logits(0)[off], moving.logits(60)[off])[0, 1] < 0.95
    assert abs(moving.logits(0)[off].std() - moving.logits(60)[off].std()) < 0.15


def test_in_the_simple_world_the_truth_is_the_sum_that_is_documented(world: World) -> None:
    a, b = 3, 7
    alike = world.people.likeness_out @ world.people.likeness_in.T
    off = ~np.eye(PEOPLE, dtype=bool)
    standard = (alike[a, b] - alike[off].mean()) / alike[off].std()
    single = world.generosity.first[a] + world.appeal.first[b] + world.taste.first[a] @ world.people.factors[b]
    assert world.logits(0)[a, b] == pytest.approx(worlds.BASE + worlds.LIKENESS_WEIGHT * standard + single, abs=1e-3)


def test_worlds_that_cannot_be_are_refused(reference: MeasurementModel) -> None:
    with pytest.raises(ValueError, match="no world"):
        worlds.make("flat", 10, 10, reference, np.random.default_rng(0))
    with pytest.raises(ValueError, match="two people"):
        worlds.make("simple", 1, 10, reference, np.random.default_rng(0))


# ---------------------------------------------------------------- the loop


def test_learning_finds_likelier_pairs_than_likeness_and_less_likely_ones_than_the_truth(runs: dict[str, Run]) -> None:
    # The true chance that both like each other, which the few hundred matches of a small world only sample.
    found = {name: outcomes.outcome(run).expected_per_1000 for name, run in runs.items()}
    assert found["learned"] >= LEAST_GAIN * found["likeness"]
    assert found["learned_unbalanced"] >= LEAST_GAIN * found["likeness"]
    assert found["random"] < found["likeness"] < found["oracle"]
    assert found["learned"] < found["oracle"]


def test_learning_makes_more_mutual_likes_of_as_many_impressions(runs: dict[str, Run]) -> None:
    found = {name: outcomes.outcome(run).mutual_per_1000 for name, run in runs.items()}
    assert found["random"] < found["likeness"] < found["learned"] < found["oracle"]


def test_scores_learned_tell_likes_from_passes_among_people_whom_chance_showed(runs: dict[str, Run]) -> None:
    found = {name: outcomes.outcome(run).auc_explored or 0.0 for name, run in runs.items()}
    assert found["learned"] > found["likeness"]
    assert found["oracle"] > 0.75


def test_exposure_control_spreads_attention_and_keeps_the_promise(runs: dict[str, Run]) -> None:
    found = {name: outcomes.outcome(run) for name, run in runs.items()}
    assert found["learned"].gini < 0.85 * found["learned_unbalanced"].gini
    for name in ("learned", "oracle"):
        assert found[name].waited_too_long == 0
        assert found[name].longest_wait <= exposure.PROMISED
        assert found[name].first_wait < found[f"{name}_unbalanced"].first_wait


@pytest.mark.parametrize("name", ["random", "learned"])
def test_the_same_seed_gives_the_same_run_and_another_one_another(name: str, world: World) -> None:
    first, again, other = (simulation.run(world, POLICIES[name], 4, seed) for seed in (0, 0, 1))
    assert same(first, again)
    assert not same(first, other)


def test_lists_show_twelve_whom_rules_admit_and_nobody_who_was_judged(world: World, runs: dict[str, Run]) -> None:
    shown = runs["learned"].shown
    assert (np.diff(shown.days) >= 0).all()
    assert world.admits[shown.viewers, shown.people].all()
    assert (world.joined[shown.people] <= shown.days).all()
    lists = np.unique(np.column_stack([shown.days, shown.viewers]), axis=0, return_counts=True)[1]
    assert lists.max() == 12
    pairs = shown.viewers * len(world) + shown.people
    last = {pair: index for index, pair in enumerate(pairs.tolist())}
    judged = np.flatnonzero(shown.judged)
    assert all(last[pair] == index for pair, index in zip(pairs[judged].tolist(), judged.tolist(), strict=True))


def test_verdicts_follow_the_hidden_truth_whoever_ranks(world: World, runs: dict[str, Run]) -> None:
    truth = world.draws < 1 / (1 + np.exp(-world.logits(0)))
    for run in runs.values():
        shown = run.shown
        np.testing.assert_array_equal(shown.liked, shown.judged & truth[shown.viewers, shown.people])
        likes = set(zip(shown.viewers[shown.liked].tolist(), shown.people[shown.liked].tolist(), strict=True))
        assert len(run.match_days) == sum((other, one) in likes for one, other in likes if one < other)


def test_who_has_no_room_is_shown_to_nobody(world: World) -> None:
    full = replace(world, room=np.where(np.arange(PEOPLE) < 20, 0, 5))
    shown = simulation.run(full, POLICIES["oracle"], 10, 0).shown
    assert not (shown.people < 20).any()
    assert (shown.viewers < 20).any()


def test_a_conversation_takes_room_until_it_has_been_silent_for_long(world: World) -> None:
    # Everybody likes everybody, talks at once, and can have one conversation.
    eager = replace(world, room=np.ones(PEOPLE, dtype=int), pairs=np.full((PEOPLE, PEOPLE), 40, dtype=np.float32))
    run = simulation.run(eager, Arm("random"), 10, 0)
    assert run.n_conversations == len(run.match_days)
    assert run.n_conversations < PEOPLE
    longer = simulation.run(eager, Arm("random"), 60, 0)
    assert longer.n_conversations > PEOPLE / 2


def test_whom_one_viewer_alone_admits_is_shown_within_seven_days(world: World) -> None:
    admits = world.admits.copy()
    admits[0], admits[:, 0] = False, False
    admits[0, 1] = admits[1, 0] = True
    comes_by = world.comes_by.copy()
    comes_by[1] = 1.0
    joined = world.joined.copy()
    joined[:2] = 0
    # The viewer judges somebody once shown, so the promise ends when nobody is left who may be shown the other.
    for seed in range(3):
        lonely = replace(world, admits=admits, comes_by=comes_by, joined=joined)
        run = simulation.run(lonely, POLICIES["likeness"], 8, seed)
        held = simulation.run(lonely, replace(POLICIES["likeness"], balanced=True), 8, seed)
        assert held.first_wait[0] <= exposure.PROMISED
        assert held.first_wait[0] <= run.first_wait[0]


def test_rules_and_labels_differ_in_what_they_show(world: World) -> None:
    found = [simulation.run(world, arm, 4, 0) for arm in (*RULES.values(), LABELS["1-2-4"])]
    assert all(not same(found[0], other) for other in found[1:])


def test_no_day_is_refused_and_unknown_ways_of_ranking_are(world: World) -> None:
    with pytest.raises(ValueError, match="one day or more"):
        simulation.run(world, Arm("random"), 0, 0)
    with pytest.raises(ValueError, match="no way of ranking"):
        rankers.make("stars", world, np.random.default_rng(0))


# ---------------------------------------------------------------- ways of ranking


def said(liked: list[bool], actors: list[int], targets: list[int]) -> Verdicts:
    return Verdicts(np.array(actors), np.array(targets), np.array(liked), np.ones(len(liked)))


def test_appeal_and_generosity_are_rates_shrunk_to_the_mean() -> None:
    ranker = rankers.AppealGenerosity(4)
    ranker.learn(said([True, True, False, False], [0, 0, 1, 2], [1, 2, 0, 1]))
    out, back = ranker.logits(0, 1.0)
    # A mean of one half counts as eight verdicts: six of ten for two likes of two, four of nine for none of one.
    assert out[3] == pytest.approx(np.log(6 / 4))
    assert back[3] == pytest.approx(np.log(4 / 5))
    assert out[2] > out[3] > out[0]


def test_rates_of_likes_only_say_nothing() -> None:
    ranker = rankers.AppealGenerosity(3)
    ranker.learn(said([True], [0], [1]))
    np.testing.assert_array_equal(ranker.logits(0, 1.0), np.zeros((2, 3)))


def test_before_any_verdict_the_learned_ranking_is_that_of_likeness(world: World) -> None:
    learned, alike = rankers.make("learned", world, None), rankers.make("likeness", world, None)
    assert not learned.gives_chances
    np.testing.assert_array_equal(np.argsort(learned.logits(3, 0.0)[0]), np.argsort(alike.logits(3, 0.0)[0]))


def test_what_a_judge_said_of_the_viewer_hardly_tells_in_what_the_viewer_is_shown(world: World) -> None:
    rng = np.random.default_rng(0)
    actors = np.repeat(np.arange(PEOPLE), 10)
    targets = (actors + 1 + np.tile(np.arange(10), PEOPLE) * 7) % PEOPLE
    liked = rng.random(len(actors)) < 0.3
    logits = []
    for verdict in (True, False):
        told = liked.copy()
        told[0] = verdict
        ranker = rankers.Learned(world.people)
        ranker.learn(Verdicts(actors, targets, told, np.ones(len(actors))))
        viewer = int(targets[0])
        plain = ranker.outgoing[0] @ ranker.incoming[viewer]
        logits.append((ranker.logits(viewer, 1.0)[1][0], plain))
    corrected, plain = (abs(one - other) for one, other in zip(*logits, strict=True))
    assert corrected < 0.5 * plain


# ---------------------------------------------------------------- measures


def test_auc_counts_pairs_in_the_right_order() -> None:
    rng = np.random.default_rng(0)
    scores, liked = rng.integers(0, 5, 60).astype(float), rng.random(60) < 0.4
    ahead = scores[liked][:, np.newaxis] - scores[~liked]
    assert outcomes.auc(scores, liked) == pytest.approx(((ahead > 0) + (ahead == 0) / 2).mean())
    assert outcomes.auc([1.0], [True]) is None


def test_outcomes_add_up(runs: dict[str, Run]) -> None:
    run = runs["random"]
    found, course = outcomes.outcome(run), outcomes.curve(run, 7)
    assert found.impressions == len(run.shown.days)
    assert found.mutual_per_1000 == pytest.approx(1000 * found.mutual_likes / found.impressions)
    assert course.days == [3.5, 10.5, 17.0]
    sizes = np.histogram(run.shown.days, [0, 7, 14, 20])[0]
    assert np.dot(sizes, course.mutual_per_1000) / 1000 == pytest.approx(found.mutual_likes)


# ---------------------------------------------------------------- the full size


@pytest.mark.long
@pytest.mark.parametrize("kind", worlds.KINDS)
def test_sixty_days_of_six_hundred_people(kind: worlds.Kind, reference: MeasurementModel) -> None:
    found: dict[str, list[outcomes.Outcome]] = {name: [] for name in POLICIES}
    for seed in range(3):
        large = worlds.make(kind, 600, 60, reference, np.random.default_rng(seed))
        for name, arm in POLICIES.items():
            found[name].append(outcomes.outcome(simulation.run(large, arm, 60, seed)))
    mutual = {name: np.mean([one.mutual_per_1000 for one in of_arm]) for name, of_arm in found.items()}
    late = {name: np.mean([one.mutual_per_1000_late for one in of_arm]) for name, of_arm in found.items()}
    unequal = {name: np.mean([one.gini for one in of_arm]) for name, of_arm in found.items()}
    assert mutual["learned"] >= LEAST_GAIN_LONG * mutual["likeness"]
    assert late["learned"] - late["random"] >= LEAST_WAY * (late["oracle"] - late["random"])
    assert unequal["learned"] <= 0.7 * unequal["learned_unbalanced"]
    assert mutual["learned"] >= 0.98 * mutual["learned_unbalanced"]
    assert max(one.longest_wait for one in found["learned"]) <= exposure.PROMISED
