"""Personality types: regions of a continuum, for words and browsing, never a filter."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist

from ml.correlations import Floats
from ml.items import SCALES
from ml.norms import quantile_tables

if TYPE_CHECKING:
    # Imported where it is used: it loads for seconds, and processes that only serve never cluster.
    from sklearn.cluster import KMeans

KS = range(2, 13)
FEWEST_TYPES = 4
STABLE = 0.85
STARTS = 6
STARTS_AGAIN = 3

# For each scale: the adjective and the noun of its low end, then of its high end.
WORDS: dict[str, tuple[tuple[str, str], tuple[str, str]]] = {
    "A": (("reserved", "observer"), ("warm", "companion")),
    "B": (("down-to-earth", "doer"), ("quick-witted", "thinker")),
    "C": (("heartfelt", "poet"), ("calm", "anchor")),
    "D": (("accommodating", "teammate"), ("determined", "leader")),
    "E": (("earnest", "listener"), ("lively", "entertainer")),
    "F": (("unconventional", "free spirit"), ("steadfast", "guardian")),
    "G": (("quiet", "confidant"), ("outgoing", "host")),
    "H": (("matter-of-fact", "realist"), ("sensitive", "art lover")),
    "I": (("trusting", "friend"), ("watchful", "sentinel")),
    "J": (("practical", "maker"), ("imaginative", "dreamer")),
    "K": (("open-hearted", "storyteller"), ("discreet", "keeper of secrets")),
    "L": (("self-assured", "optimist"), ("careful", "soul-searcher")),
    "M": (("settled", "traditionalist"), ("curious", "explorer")),
    "N": (("sociable", "team player"), ("self-reliant", "wanderer")),
    "O": (("easy-going", "improviser"), ("orderly", "planner")),
    "P": (("patient", "peacemaker"), ("spirited", "driving force")),
}

CONTINUUM = (
    "There are no separate kinds of people in these answers: the silhouette alone would say {by_silhouette} groups "
    "({silhouette:.2f}, where one cloud without groups has {null:.2f}), and the sum of squares shows no elbow. "
    "Types are regions of a continuum; their number is the largest whose borders stay in place when the people are "
    "drawn anew."
)


@dataclass(frozen=True)
class Types:
    """Regions of the 16 standardised scales.

    Attributes
    ----------
    centres : ndarray of float64, shape (k, 16)
        In standardised scales.
    distances : ndarray of float64, shape (k, 101)
        Percentiles of the distance of each type's people from its centre.
    names : tuple of (str, str)
        Name and one sentence for each.
    report : dict
        Silhouette, sum of squares and stability for each number of types, and why this one; JSON-able.
    """

    centres: Floats
    distances: Floats
    names: tuple[tuple[str, str], ...]
    report: dict[str, Any]


def assign(scales: Floats, centres: Floats, distances: Floats) -> tuple[NDArray[np.int64], Floats]:
    """Return each person's nearest type and how typical of it they are.

    Parameters
    ----------
    scales : ndarray of float64, shape (n, 16)
        Standardised scales.
    centres : ndarray of float64, shape (k, 16)
        Of the types.
    distances : ndarray of float64, shape (k, 101)
        Percentiles of the distance of each type's people from its centre.

    Returns
    -------
    nearest : ndarray of int64, shape (n,)
        Index of the type.
    typicality : ndarray of float64, shape (n,)
        Share of the type's people who lie farther from its centre, 0 to 1.

    Examples
    --------
    >>> table = np.tile(np.linspace(0, 2, 101), (2, 1))
    >>> nearest, typicality = assign(np.array([[0.5]]), np.array([[0.0], [3.0]]), table)
    >>> nearest.tolist(), typicality.round(2).tolist()
    ([0], [0.75])
    """
    apart = cdist(scales, centres)
    nearest = apart.argmin(axis=1)
    typicality = np.empty(len(scales))
    steps = np.linspace(1, 0, distances.shape[1])
    for index, table in enumerate(distances):
        own = nearest == index
        typicality[own] = np.interp(apart[own, index], table, steps)
    return nearest, typicality


@dataclass(frozen=True)
class Effort:
    """How much the search for types may look at.

    Attributes
    ----------
    n_fit : int
        Most people that one fit looks at.
    n_silhouette : int
        Most people whose pairwise distances give the silhouette.
    n_bootstraps : int
        Draws for the stability.
    """

    n_fit: int
    n_silhouette: int
    n_bootstraps: int


def find_types(
    scales: Floats,
    *,
    weights: Floats,
    rng: np.random.Generator,
    effort: Effort,
    previous: tuple[Floats, tuple[tuple[str, str], ...]] | None = None,
) -> Types:
    """Divide people into types and choose how many.

    k-means for 2 to 12 types. The silhouette and the sum of squares are reported for each; the number is chosen by
    stability (:func:`choose_k`), because types are words for a continuum and must not change with every retrain.

    Parameters
    ----------
    scales : ndarray of float64, shape (n, 16)
        Standardised scales of the people to learn from.
    weights : ndarray of float64, shape (n,)
        One a person.
    rng : numpy.random.Generator
        Source of every random choice.
    effort : Effort
        Bounds of the search.
    previous : tuple of centres and names, optional
        Of the types in use: their number stays while it is stable, their names go to the new types nearest to them.

    Returns
    -------
    Types
        The same for the same input and generator.
    """
    chosen = rng.permutation(len(scales))[: effort.n_fit]
    people, weight = scales[chosen].astype(np.float32), weights[chosen]
    null = rng.multivariate_normal(people.mean(axis=0), np.cov(people.T), size=len(people), method="svd")
    draws = [rng.integers(len(people), size=len(people)) for _ in range(effort.n_bootstraps)]
    seeds = {k: int(rng.integers(2**30)) for k in KS}
    fits = {k: _fit(people, weight, k, seeds[k], STARTS) for k in KS}
    sample = slice(0, effort.n_silhouette)
    found = silhouettes(people[sample], {k: fit.labels_[sample] for k, fit in fits.items()})
    null_labels = {k: _fit(null, weight, k, seeds[k], 1).labels_[sample] for k in KS}
    null_silhouettes = silhouettes(null[sample].astype(np.float32), null_labels)
    rows = [
        {
            "k": k,
            "silhouette": found[k],
            "silhouette_of_one_cloud": null_silhouettes[k],
            "sse": round(float(fits[k].inertia_ * weights.sum() / weight.sum()), 1),
            "stability": _stability(people, weight, fits[k], draws, seeds[k]),
        }
        for k in KS
    ]
    k = choose_k(rows, in_use=None if previous is None else len(previous[0]))
    centres, names = _named(_refined(scales, weights, fits[k].cluster_centers_), previous)
    nearest = cdist(scales, centres).argmin(axis=1)
    shares = np.bincount(nearest, weights=weights, minlength=k) / weights.sum()
    return Types(centres, _distance_tables(scales, weights, centres), names, _report(rows, names, shares))


def _fit(people: NDArray[Any], weight: Floats, k: int, seed: int, starts: int) -> "KMeans":
    from sklearn.cluster import KMeans

    fit = KMeans(n_clusters=k, n_init=starts, random_state=seed, max_iter=100)
    return fit.fit(people, sample_weight=weight.astype(people.dtype))


def _refined(scales: Floats, weights: Floats, centres: NDArray[Any]) -> Floats:
    from sklearn.cluster import KMeans

    # The fit looked at some of the people; from there everybody takes part.
    fit = KMeans(n_clusters=len(centres), init=centres.astype(np.float64), n_init=1, max_iter=20)
    return np.asarray(fit.fit(scales, sample_weight=weights).cluster_centers_)


def _stability(people: NDArray[Any], weight: Floats, fit: "KMeans", draws: list[NDArray[np.int64]], seed: int) -> float:
    from sklearn.metrics import adjusted_rand_score

    again = [
        _fit(people[draw], weight[draw], fit.n_clusters, seed + 1 + i, STARTS_AGAIN) for i, draw in enumerate(draws)
    ]
    return round(float(np.mean([adjusted_rand_score(fit.labels_, other.predict(people)) for other in again])), 4)


def silhouettes(people: NDArray[Any], labels: dict[int, NDArray[np.int32]]) -> dict[int, float]:
    """Return the mean silhouette of several divisions of the same people from one matrix of their distances.

    Parameters
    ----------
    people : ndarray of float, shape (n, d)
        A sample: the matrix has n^2 entries.
    labels : dict of int to ndarray of int, shape (n,)
        Divisions by any key.

    Returns
    -------
    dict of int to float
        -1 to 1, by the same keys; 0 where all are in one group or each is alone.

    Examples
    --------
    >>> silhouettes(np.array([[0.0], [0.0], [9.0], [9.0]]), {2: np.array([0, 0, 1, 1])})
    {2: 1.0}
    """
    apart = cdist(people, people)
    return {k: _silhouette(apart, own) for k, own in labels.items()}


def _silhouette(apart: Floats, labels: NDArray[np.int32]) -> float:
    from sklearn.metrics import silhouette_score

    if not 1 < len(np.unique(labels)) < len(labels):
        return 0.0
    return round(float(silhouette_score(apart, labels, metric="precomputed")), 4)


def choose_k(rows: list[dict[str, Any]], in_use: int | None = None) -> int:
    """Choose the number of types: at least four, and as many as people drawn anew still fall into.

    Parameters
    ----------
    rows : list of dict
        ``k`` and ``stability`` (mean adjusted Rand index of fits to bootstrap draws against the fit itself), k rising.
    in_use : int, optional
        The number that people know; it stays as long as it is stable.

    Returns
    -------
    int
        The last of the first unbroken row of numbers, from four on, whose stability is at least 0.85: one that is
        stable by chance far behind an unstable one does not count. Four when none is stable.

    Examples
    --------
    >>> rows = [{"k": 4, "stability": 0.9}, {"k": 5, "stability": 0.86}, {"k": 6, "stability": 0.5}]
    >>> choose_k(rows), choose_k(rows, in_use=4)
    (5, 4)
    """
    stable: list[int] = []
    for row in rows:
        if row["k"] >= FEWEST_TYPES and row["stability"] >= STABLE:
            stable.append(int(row["k"]))
        elif stable:
            break
    return in_use if in_use in stable else max(stable, default=FEWEST_TYPES)


def _report(rows: list[dict[str, Any]], names: tuple[tuple[str, str], ...], shares: Floats) -> dict[str, Any]:
    best = max(rows, key=lambda row: float(row["silhouette"]))
    sentence = CONTINUUM.format(
        by_silhouette=best["k"], silhouette=best["silhouette"], null=best["silhouette_of_one_cloud"]
    )
    return {
        "k": len(names),
        "per_k": rows,
        "k_by_silhouette": best["k"],
        "sentence": sentence,
        "names": [list(name) for name in names],
        "shares": shares.round(4).tolist(),
    }


def _distance_tables(scales: Floats, weights: Floats, centres: Floats) -> Floats:
    apart = cdist(scales, centres)
    nearest = apart.argmin(axis=1)
    tables = np.zeros((len(centres), 101))
    for index in np.unique(nearest):
        own = nearest == index
        tables[index] = quantile_tables(apart[own, index, np.newaxis], weights[own])[0]
    return tables


def _named(
    centres: Floats, previous: tuple[Floats, tuple[tuple[str, str], ...]] | None
) -> tuple[Floats, tuple[tuple[str, str], ...]]:
    if previous is None or len(previous[0]) != len(centres):
        centres = centres[np.lexsort(centres.T)]
        return centres, name_types(centres)
    order = linear_sum_assignment(cdist(previous[0], centres))[1]
    return centres[order], previous[1]


def name_types(centres: Floats) -> tuple[tuple[str, str], ...]:
    """Name types from what sets their people apart most, in words that judge nobody.

    Parameters
    ----------
    centres : ndarray of float64, shape (k, 16)
        In standardised scales.

    Returns
    -------
    tuple of (str, str)
        Name ("The curious host") and one sentence for each; no two names share a word.

    Examples
    --------
    >>> centre = np.zeros((1, 16))
    >>> centre[0, [6, 12]] = [0.9, 1.2]
    >>> name_types(centre)[0][0]
    'The curious host'
    """
    # What all types share says nothing about any one of them.
    apart = centres - centres.mean(axis=0) if len(centres) > 1 else centres
    taken: set[str] = set()
    named = []
    for centre in apart:
        order = np.argsort(-np.abs(centre), kind="stable")
        adjective, noun = next(pair for pair in _candidates(centre, order) if not taken & set(pair))
        taken |= {adjective, noun}
        named.append((f"The {adjective} {noun}", _sentence(centre, order)))
    return tuple(named)


def _candidates(centre: Floats, order: NDArray[np.int64]) -> list[tuple[str, str]]:
    words = [WORDS[SCALES[scale].letter][int(centre[scale] > 0)] for scale in order]
    return [(words[i][0], words[j][1]) for j in range(1, len(words)) for i in range(j)]


def _sentence(centre: Floats, order: NDArray[np.int64]) -> str:
    parts = [SCALES[scale].high if centre[scale] > 0 else SCALES[scale].low for scale in order[:3]]
    phrases = [part.split(", ")[0] for part in parts]
    return f"Compared with most people: {phrases[0]}, {phrases[1]}, and {phrases[2]}."
