"""Gates: whether a preference model that was just learned may follow the one in use, judged on the same verdicts."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from ml import decision_metrics as metrics
from ml import reciprocal
from ml.gates import Gate
from ml.metric_formulae import gini
from ml.preference_fit import fit_personal
from ml.preference_folds import concerned, held_out_scores, some
from ml.preference_model import Floats, Indices, People, Population, Preferences, Verdicts, likeness_only
from ml.preference_problem import probabilities

N_BOOTSTRAPS = 500
# Of an interval that holds 95 of 100 draws.
UPPER_END = 0.975
# With fewer pairs of a kind, matched or not, an AUC of mutual likes is chance.
FEWEST_PAIRS = 20
LIST_LENGTH = 12
# Viewers whose lists are made to see whom they show, and people they are made of.
MOST_VIEWERS, MOST_SHOWN = 1_000, 4_000
# Who is better liked is shown more often, and serving spreads attention by prices; up to here they can.
MOST_MORE_UNEQUAL = 0.1


def judge(
    people: People, verdicts: Verdicts, candidate: Preferences, in_use: Preferences, *, seed: int = 0
) -> tuple[Gate, ...]:
    """Measure a candidate, and the model in use beside it, on the same verdicts and on the lists that both would make.

    Of both what the population shares stays as it is; what they know of people is fitted anew to three folds of the
    verdicts, and judged on the fourth. Both populations may have seen what judges them, the candidate a little more of
    it: whether it is better than likeness at all is for :func:`ml.preference_evaluation.against_likeness` to say, whose
    candidates have seen nothing.

    Parameters
    ----------
    people : People
        n people.
    verdicts : Verdicts
        m verdicts of one purpose; of very many only those of some randomly chosen actors are used.
    candidate, in_use : Preferences
        Of all n people; one without spread of generosity and appeal goes by likeness, and knows nothing of persons.
    seed : int, default 0
        Draws the viewers and the bootstrap.

    Returns
    -------
    tuple of Gate
        The AUC of likes, the AUC of mutual likes (left out with fewer than 20 pairs of either kind), and, where both
        are learned, the evenness of exposure: 1 - the Gini coefficient of how often each person stands among a viewer's
        first twelve. A candidate fails where the 95 % interval of its difference to the model in use lies below 0 as a
        whole, and in evenness where it lies below -0.1. Likeness spreads attention more evenly than any model that
        knows who is liked, and prices do that when people are served, so evenness is not asked for against it.

    Raises
    ------
    ValueError
        When a fit does not converge.

    Notes
    -----
    Paired: the same resamples judge both. Likes and pairs are resampled by actors, whose verdicts depend on each other,
    a pair with the mean weight of its two; lists by viewers. Eight fits to at most 10,000 verdicts, and O(v n q) for at
    most v = 1,000 viewers and n = 4,000 people.
    """
    rng = np.random.default_rng(seed)
    few, judges = concerned(people, some(verdicts))
    scores = [held_out_scores(few, judges, _refitted(model.population)) for model in (candidate, in_use)]
    drawn = rng.multinomial(len(few), np.full(len(few), 1 / len(few)), size=N_BOOTSTRAPS)
    of_people = np.vstack([np.ones(len(few)), drawn])
    weights = of_people[:, judges.actors]
    likes = [metrics.area_under_curve(values, judges.liked, weights) for values in scores]
    gates = [_gate("AUC of likes", likes)]
    one, other = _both_ways(judges)
    matched = judges.liked[one] & judges.liked[other]
    if min(matched.sum(), (~matched).sum()) >= FEWEST_PAIRS:
        weights = (of_people[:, judges.actors[one]] + of_people[:, judges.actors[other]]) / 2
        both = [reciprocal.two_sided(values[one], values[other], rule="harmonic") for values in scores]
        gates.append(_gate("AUC of mutual likes", [metrics.area_under_curve(v, matched, weights) for v in both]))
    if all(_is_learned(model.population) for model in (candidate, in_use)):
        even = _evenness(people, [candidate, in_use], rng)
        gates.append(_gate("evenness of exposure", even, tolerance=MOST_MORE_UNEQUAL))
    return tuple(gates)


def _is_learned(population: Population) -> bool:
    return bool(np.linalg.det(population.covariance) > 0)


def _refitted(population: Population) -> Callable[[People, Verdicts], Preferences]:
    # How a model that shares this becomes one of some people that has seen some verdicts.
    if not _is_learned(population):
        return lambda people, _: likeness_only(people)
    return lambda people, verdicts: fit_personal(people, verdicts, population)


def _gate(name: str, found: list[Floats], *, tolerance: float = 0.0) -> Gate:
    # Needed is what the model in use has, less what the difference may be by chance.
    of_candidate, of_model = (float(values[0]) for values in found)
    difference = of_candidate - of_model
    chance = float(np.quantile(found[0][1:] - found[1][1:], UPPER_END)) - difference
    return Gate(name, of_candidate, of_model, of_model - max(chance, 0.0) - tolerance)


def _both_ways(verdicts: Verdicts) -> tuple[Indices, Indices]:
    # Of each pair that judged each other, both verdicts.
    n = int(max(verdicts.actors.max(), verdicts.targets.max())) + 1
    there, back = verdicts.actors * n + verdicts.targets, verdicts.targets * n + verdicts.actors
    _, one, other = np.intersect1d(there, back, return_indices=True)
    is_first = verdicts.actors[one] < verdicts.targets[one]
    return one[is_first], other[is_first]


def _evenness(people: People, models: list[Preferences], rng: np.random.Generator) -> list[Floats]:
    # Of all viewers' lists, then of resampled viewers'.
    shown = np.sort(rng.permutation(len(people))[:MOST_SHOWN])
    viewers = np.sort(rng.permutation(len(shown))[:MOST_VIEWERS])
    drawn = rng.multinomial(len(viewers), np.full(len(viewers), 1 / len(viewers)), size=N_BOOTSTRAPS)
    weights = np.vstack([np.ones(len(viewers)), drawn])
    return [_even(_first(model, people, shown, viewers), weights, len(shown)) for model in models]


def _first(model: Preferences, people: People, shown: Indices, viewers: Indices) -> Indices:
    # Each viewer's best twelve among those shown, by both sides' chances.
    outgoing, incoming = (side[shown] for side in model.vectors(people))
    out, back = (
        probabilities(own.astype(np.float64))
        for own in (outgoing[viewers] @ incoming.T, (outgoing @ incoming[viewers].T).T)
    )
    both = reciprocal.two_sided(out, back, rule="harmonic")
    both[np.arange(len(viewers)), viewers] = -1.0
    length = min(LIST_LENGTH, len(shown) - 1)
    return np.argpartition(-both, length - 1, axis=1)[:, :length]


def _even(first: NDArray[np.intp], weights: Floats, n_shown: int) -> Floats:
    rows = first.ravel()
    each = np.repeat(weights, first.shape[1], axis=1)
    return np.array([1 - (gini(np.bincount(rows, row, minlength=n_shown)) or 0.0) for row in each])
