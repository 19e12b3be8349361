"""Which verdicts to judge a preference model by: a part of very many, in folds that keep a pair together."""

from collections.abc import Callable

import numpy as np

from ml.preference_model import Floats, Indices, People, Preferences, Verdicts

# More verdicts make a choice no better, only slower.
MOST_VERDICTS = 10_000
N_FOLDS = 4


def some(verdicts: Verdicts) -> Verdicts:
    """Take all verdicts of as many randomly chosen actors as keep their number within bounds.

    Returns
    -------
    Verdicts
        All, where there are at most 10,000.
    """
    if len(verdicts) <= MOST_VERDICTS:
        return verdicts
    actors, counts = np.unique(verdicts.actors, return_counts=True)
    order = np.random.default_rng(0).permutation(len(actors))
    chosen = actors[order[np.cumsum(counts[order]) <= MOST_VERDICTS]]
    return verdicts.rows(np.isin(verdicts.actors, chosen))


def concerned(people: People, verdicts: Verdicts) -> tuple[People, Verdicts]:
    """Leave out everybody who neither gave nor received a verdict.

    Returns
    -------
    tuple of People and Verdicts
        The others, and the verdicts with their new rows.
    """
    rows, places = np.unique(np.concatenate([verdicts.actors, verdicts.targets]), return_inverse=True)
    actors, targets = places[: len(verdicts)], places[len(verdicts) :]
    return people.rows(rows), Verdicts(actors, targets, verdicts.liked, verdicts.weights)


def folds_of_pairs(verdicts: Verdicts) -> Indices:
    """Deal unordered pairs out to folds at random, so that no model sees one direction of a pair it is judged on.

    Returns
    -------
    ndarray of intp, shape (m,)
        The fold of each verdict, 0 to 3.
    """
    low, high = np.minimum(verdicts.actors, verdicts.targets), np.maximum(verdicts.actors, verdicts.targets)
    pairs, places = np.unique(np.stack([low, high]), axis=1, return_inverse=True)
    drawn = np.random.default_rng(0).permutation(pairs.shape[1]) % N_FOLDS
    return np.asarray(drawn[places.ravel()], dtype=np.intp)


def held_out_scores(people: People, verdicts: Verdicts, fit: Callable[[People, Verdicts], Preferences]) -> Floats:
    """Predict each verdict by a model that was fitted to the other folds.

    Returns
    -------
    ndarray of float64, shape (m,)
        Probabilities of a like.
    """
    folds, scores = folds_of_pairs(verdicts), np.empty(len(verdicts))
    for fold in range(N_FOLDS):
        held_out = folds == fold
        model, unseen = fit(people, verdicts.rows(~held_out)), verdicts.rows(held_out)
        scores[held_out] = model.probabilities(people, unseen.actors, unseen.targets)
    return scores
