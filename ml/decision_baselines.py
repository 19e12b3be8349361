"""What a preference model must beat: chance, who likes and is liked often, likeness, and plain logistic regression."""

from collections.abc import Callable, Mapping

import numpy as np
from sklearn.linear_model import LogisticRegression

from ml.preference_model import Floats, Indices, People, Verdicts

# Decisions that count as much as the mean of everybody in a rate of appeal or generosity.
SHRINKAGE = 6.0
# Inverse penalty of the logistic regression; of .0001 to 1 the best on new events of the development speed dates.
INVERSE_PENALTY = 0.001

# Learns from verdicts and scores pairs: people, what to learn from, actors, targets.
Baseline = Callable[[People, Verdicts, Indices, Indices], Floats]


def appeal_generosity(people: People, verdicts: Verdicts, actors: Indices, targets: Indices) -> Floats:
    """Score pairs by how often the one says yes, times how often the other is told yes.

    Returns
    -------
    ndarray of float64, shape (m,)
        Both rates drawn to the mean as if by six more decisions.
    """
    mean = verdicts.liked.mean()
    given, received = (
        (np.bincount(rows, verdicts.liked, len(people)) + SHRINKAGE * mean)
        / (np.bincount(rows, minlength=len(people)) + SHRINKAGE)
        for rows in (verdicts.actors, verdicts.targets)
    )
    return np.asarray(given[actors] * received[targets])


def cosine(people: People, verdicts: Verdicts, actors: Indices, targets: Indices) -> Floats:
    """Score pairs by the cosine of the angle between their factors.

    Returns
    -------
    ndarray of float64, shape (m,)
        0 for somebody without any factor.
    """
    z = people.factors.astype(np.float64)
    lengths = np.linalg.norm(z, axis=1)
    products = np.einsum("ij,ij->i", z[actors], z[targets])
    whole = lengths[actors] * lengths[targets]
    return np.asarray(np.divide(products, whole, out=np.zeros(len(actors)), where=whole > 0))


def euclid(people: People, verdicts: Verdicts, actors: Indices, targets: Indices) -> Floats:
    """Score pairs by minus the distance of their factors.

    Returns
    -------
    ndarray of float64, shape (m,)
        At most 0.
    """
    z = people.factors.astype(np.float64)
    return np.asarray(-np.linalg.norm(z[actors] - z[targets], axis=1))


def logistic_regression(people: People, verdicts: Verdicts, actors: Indices, targets: Indices) -> Floats:
    """Score pairs by a logistic regression on the factors of both.

    Returns
    -------
    ndarray of float64, shape (m,)
        Logits.
    """
    z = people.factors.astype(np.float64)
    if verdicts.liked.all() or not verdicts.liked.any() or not z.shape[1]:
        return np.zeros(len(actors))
    model = LogisticRegression(C=INVERSE_PENALTY, max_iter=1000)
    model.fit(np.hstack([z[verdicts.actors], z[verdicts.targets]]), verdicts.liked)
    return np.asarray(model.decision_function(np.hstack([z[actors], z[targets]])), dtype=np.float64)


def by_chance(seed: int) -> Baseline:
    """Return the baseline that draws scores at random.

    Parameters
    ----------
    seed : int
        Of the draw.

    Returns
    -------
    callable
        The same scores for the same seed and number of pairs.
    """

    def chance(people: People, verdicts: Verdicts, actors: Indices, targets: Indices) -> Floats:
        return np.random.default_rng([seed, 7]).random(len(actors))

    return chance


def baselines(seed: int) -> Mapping[str, Baseline]:
    """Return all of them by name.

    Parameters
    ----------
    seed : int
        For the one that draws.

    Returns
    -------
    mapping of str to callable
        In the order in which tables show them.
    """
    return {
        "random": by_chance(seed),
        "appeal_generosity": appeal_generosity,
        "cosine": cosine,
        "euclid": euclid,
        "logistic_regression": logistic_regression,
    }
