"""Whether a preference model that is worse than the one in use is told from one that is not."""

from dataclasses import replace

import numpy as np
import pytest

from ml import preference_gates, preferences
from ml.metric_formulae import gini
from ml.preference_fit import fit_personal
from ml.preference_penalties import START
from ml.preferences import People, Preferences, Verdicts
from tests.ml.test_preferences import all_pairs, judged, make_people, planted


@pytest.fixture(scope="module")
def people() -> People:
    return make_people()


@pytest.fixture(scope="module")
def verdicts(people: People) -> Verdicts:
    return judged(people, planted(people) + 0.4 * people.likeness(*all_pairs()))


@pytest.fixture(scope="module")
def in_use(people: People, verdicts: Verdicts) -> Preferences:
    return preferences.fit(people, verdicts.rows(np.arange(0, len(verdicts), 2)), penalties=START)


def failed(people: People, verdicts: Verdicts, candidate: Preferences, in_use: Preferences) -> set[str]:
    judged_gates = preference_gates.judge(people, verdicts, candidate, in_use)
    return {gate.name for gate in judged_gates if not gate.is_passed}


def test_the_personal_part_of_a_fit_is_found_again_around_its_population(people: People, verdicts: Verdicts) -> None:
    whole = preferences.fit(people, verdicts, penalties=START)
    again = fit_personal(people, verdicts, whole.population)
    assert again.population is whole.population
    for name, values in vars(whole.personal).items():
        assert getattr(again.personal, name) == pytest.approx(values, abs=1e-4), name
    with pytest.raises(ValueError, match="no spread"):
        fit_personal(people, verdicts, preferences.likeness_only(people).population)


def test_more_verdicts_pass_and_what_is_worse_fails(people: People, verdicts: Verdicts, in_use: Preferences) -> None:
    whole = preferences.fit(people, verdicts, penalties=START)
    likeness = preferences.likeness_only(people)
    assert not failed(people, verdicts, whole, in_use)
    assert not failed(people, verdicts, whole, likeness)
    assert failed(people, verdicts, likeness, in_use) == {"AUC of likes", "AUC of mutual likes"}
    # The other way round: whoever is liked least comes first.
    upside_down = replace(whole.population, intercept=-whole.population.intercept, level_in=-5 * np.ones(4))
    assert failed(people, verdicts, Preferences(upside_down, whole.personal), in_use) >= {"AUC of likes"}


def test_who_shows_the_same_few_to_all_fails_on_exposure(
    people: People, verdicts: Verdicts, in_use: Preferences
) -> None:
    more = 20.0 * (np.arange(60) < 12)
    own = replace(in_use.personal, appeal=in_use.personal.appeal + more, generosity=in_use.personal.generosity + more)
    stars = Preferences(in_use.population, own)
    judged_gates = preference_gates.judge(people, verdicts, stars, in_use)
    assert {gate.name for gate in judged_gates if not gate.is_passed} == {"evenness of exposure"}
    even = judged_gates[-1]
    # Twelve stand on everybody's list but their own, where a thirteenth stands in for them.
    shown = np.array([59] * 12 + [0] * 48)
    assert even.candidate == pytest.approx(1 - (gini(shown) or 0.0), abs=0.03)
    assert [gate.as_dict() for gate in preference_gates.judge(people, verdicts, stars, in_use)] == [
        gate.as_dict() for gate in judged_gates
    ]


def test_too_few_mutual_judgements_are_not_judged(people: People, in_use: Preferences) -> None:
    one_way = np.arange(59)
    verdicts = Verdicts(one_way, one_way + 1, one_way % 2 == 0, np.ones(59))
    names = [gate.name for gate in preference_gates.judge(people, verdicts, in_use, in_use)]
    assert names == ["AUC of likes", "evenness of exposure"]
