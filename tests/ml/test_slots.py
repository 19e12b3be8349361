"""Who stands in which slot of a list, and with which probability."""

import numpy as np
import pytest

from ml import slots
from ml.slots import Policy

N_DRAWS = 4_000


def of_policy(chosen: slots.Slots, policy: Policy) -> list[int]:
    return [person for person, why in zip(chosen.people.tolist(), chosen.policies, strict=True) if why is policy]


def test_eleven_go_by_rank_and_one_is_drawn_from_all_the_rest() -> None:
    scores = np.random.default_rng(0).permutation(40).astype(float)
    chosen = slots.choose(scores, np.random.default_rng(1))
    assert of_policy(chosen, Policy.RANKED) == np.argsort(-scores)[:11].tolist()
    (drawn,) = of_policy(chosen, Policy.EXPLORED)
    assert drawn in np.argsort(-scores)[11:]
    assert chosen.propensities[chosen.policies.index(Policy.EXPLORED)] == 1 / 29
    assert sorted(chosen.propensities)[1:] == [1.0] * 11


def test_who_is_lifted_takes_the_lowest_ranks() -> None:
    chosen = slots.choose(np.arange(40.0), np.random.default_rng(1), lifted=[3, 5])
    assert of_policy(chosen, Policy.RANKED) == list(range(39, 30, -1))
    assert sorted(of_policy(chosen, Policy.BOOSTED)) == [3, 5]
    assert len(of_policy(chosen, Policy.EXPLORED)) == 1
    assert min(chosen.propensities) == 1 / (40 - 11)


def test_who_is_among_the_best_anyway_counts_as_ranked() -> None:
    chosen = slots.choose(np.arange(40.0), np.random.default_rng(1), lifted=[29, 39])
    assert of_policy(chosen, Policy.RANKED) == list(range(39, 28, -1))
    assert not of_policy(chosen, Policy.BOOSTED)


def test_the_lifted_do_not_push_each_other_out() -> None:
    chosen = slots.choose(np.arange(40.0), np.random.default_rng(1), lifted=[29, 0, 1])
    assert of_policy(chosen, Policy.RANKED) == [*range(39, 31, -1), 29]
    assert sorted(of_policy(chosen, Policy.BOOSTED)) == [0, 1]


def test_at_most_eleven_are_lifted_the_first_ones() -> None:
    chosen = slots.choose(np.arange(40.0), np.random.default_rng(2), lifted=list(range(20)))
    assert sorted(of_policy(chosen, Policy.BOOSTED)) == list(range(11))
    assert len(of_policy(chosen, Policy.EXPLORED)) == 1


@pytest.mark.parametrize("n", [0, 1, 5, 11, 12, 13])
@pytest.mark.parametrize("lifted", [[], [0]])
def test_small_crowds_are_shown_whole_and_nobody_twice(n: int, lifted: list[int]) -> None:
    chosen = slots.choose(np.arange(float(n)), np.random.default_rng(0), lifted=lifted[:n])
    assert len(chosen) == len(chosen.policies) == len(chosen.propensities) == min(n, 12)
    assert len(set(chosen.people.tolist())) == len(chosen)
    assert chosen.policies.count(Policy.EXPLORED) == (n > 11)
    if n == 12:
        assert min(chosen.propensities) == 1.0


def test_a_list_of_one_slot_only_explores() -> None:
    chosen = slots.choose(np.arange(5.0), np.random.default_rng(0), lifted=[1], size=1)
    assert chosen.policies == (Policy.EXPLORED,)
    assert chosen.propensities == (1 / 5,)


def test_chance_is_as_the_propensity_says_and_tells_nothing_by_its_place() -> None:
    rng, counts, places, boosted = np.random.default_rng(7), np.zeros(15), np.zeros(12), np.zeros(12)
    for _ in range(N_DRAWS):
        chosen = slots.choose(np.arange(15.0), rng, lifted=[0])
        place = chosen.policies.index(Policy.EXPLORED)
        counts[chosen.people[place]] += 1
        places[place] += 1
        boosted[chosen.policies.index(Policy.BOOSTED)] += 1
    # Four could be drawn: all but the lifted one and the ten best; each within four standard deviations.
    assert np.flatnonzero(counts).tolist() == [1, 2, 3, 4]
    assert np.abs(counts[1:5] / N_DRAWS - 1 / 4).max() < 4 * np.sqrt(3 / 16 / N_DRAWS)
    for where in (places, boosted):
        assert np.abs(where / N_DRAWS - 1 / 12).max() < 4 * np.sqrt(11 / 144 / N_DRAWS)


def test_the_same_seed_gives_the_same_list_and_nothing_is_changed() -> None:
    scores, lifted = np.random.default_rng(0).random(50), np.array([1, 2])
    before = scores.copy(), lifted.copy()
    first, second = (slots.choose(scores, np.random.default_rng(3), lifted=lifted) for _ in range(2))
    np.testing.assert_array_equal(first.people, second.people)
    assert first.policies == second.policies
    np.testing.assert_array_equal(scores, before[0])
    np.testing.assert_array_equal(lifted, before[1])


def test_nonsense_is_refused() -> None:
    with pytest.raises(ValueError, match="not a number"):
        slots.choose(np.array([1.0, np.nan]), np.random.default_rng(0))
    for lifted in ([5], [-1]):
        with pytest.raises(ValueError, match="lifted who is not among"):
            slots.choose(np.arange(5.0), np.random.default_rng(0), lifted=lifted)
