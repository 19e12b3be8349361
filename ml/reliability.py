"""How far scores can be trusted: reliability of the scales, and items that work otherwise in some groups."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ml import factors
from ml.correlations import Floats, alpha
from ml.items import KEYED, N_ITEMS, SCALE_OF
from ml.responses import check_answers, known_age

# Factors within one scale, for omega.
GROUP_FACTORS = 3
# Share of an item's variance from which its working otherwise in some group is flagged, and called large.
MODERATE, LARGE = 0.035, 0.07
FEWEST_IN_GROUP = 200

GENDERS = {1: "male", 2: "female", 3: "other"}
AGE_BANDS = ((13, "13-17"), (18, "18-24"), (25, "25-34"), (35, "35-49"), (50, "50+"))
N_COUNTRIES = 5

__all__ = ["alpha", "differential_functioning", "groups_of", "omega_total"]


def omega_total(correlations: Floats, weights: Floats) -> float:
    """Return McDonald's omega total of a scale: the share of its score's variance that comes from common factors.

    Three factors by minimum residuals are taken out of the scale's own items (fewer when it has few items); what they
    leave is error. Unlike alpha it does not ask that all items measure equally well.

    Parameters
    ----------
    correlations : ndarray of float64, shape (p, p)
        Of the items, ones on the diagonal.
    weights : ndarray of float64, shape (p,)
        Weight of each standardised item in the score; 0 for items of other scales.

    Returns
    -------
    float
        0 to 1.

    Raises
    ------
    ValueError
        When the scale has fewer than three items.

    Notes
    -----
    Revelle and Zinbarg (2009), Psychometrika 74, equation for omega_t; three factors as in `omega` of R's psych.

    Examples
    --------
    >>> loadings = np.full((4, 1), 0.7)
    >>> matrix = loadings @ loadings.T + np.diag(np.full(4, 0.51))
    >>> round(omega_total(matrix, np.ones(4)), 3)
    0.794
    """
    own = np.flatnonzero(weights)
    if len(own) < 3:
        raise ValueError(f"Omega needs at least three items, not {len(own)}.")
    matrix, weight = correlations[np.ix_(own, own)], weights[own]
    # More factors than about half the items have no unique solution.
    uniquenesses = factors.minres(matrix, min(GROUP_FACTORS, (len(own) - 1) // 2)).uniquenesses
    return float(1 - weight**2 @ uniquenesses / (weight @ matrix @ weight))


def differential_functioning(answers: ArrayLike, groups: Mapping[str, ArrayLike]) -> dict[str, Any]:
    """Find items that people of equal standing on the scale answer differently in different groups.

    Each item is regressed on the mean of the other items of its scale: once for all people together, once with a
    level for each group, once with a slope for each group too. What the second explains beyond the first is uniform,
    what the third adds is not.

    Parameters
    ----------
    answers : array_like, shape (n, 163)
        1 to 5; 0 = missed: that person is left out for that item.
    groups : mapping of str to array_like of str, shape (n,)
        What people are divided by, and the group of each; ``""`` = unknown. Groups of fewer than 200 people are left
        out.

    Returns
    -------
    dict
        ``cut`` and ``large``: shares of variance from which an item is flagged; ``groups``: for each division its
        ``sizes``, ``uniform`` and ``other`` (163 shares of the item's variance each), and the indices of ``flagged``
        items, those that differ most first. A division with fewer than two groups has no items. JSON-able.

    Raises
    ------
    ValueError
        When answers are malformed or groups do not fit them.

    Notes
    -----
    O(n p) for each division: the regressions are solved from sums. The steps are those of Zumbo (1999); the cuts are
    those of Jodoin and Gierl (2001), Applied Measurement in Education 14, made for logistic regression.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> found = differential_functioning(rng.integers(1, 6, (600, 163)), {"half": ["a", "b"] * 300})
    >>> found["groups"]["half"]["flagged"]
    []
    """
    sheets = check_answers(answers)
    divisions = {name: _checked_groups(name, group, len(sheets)) for name, group in groups.items()}
    found = {name: _Sums(codes, len(sizes)) for name, (codes, sizes) in divisions.items() if len(sizes) > 1}
    for scale in np.unique(SCALE_OF):
        items = np.flatnonzero(scale == SCALE_OF)
        rest, keyed, known = _rest_scores(sheets[:, items], KEYED[items])
        for sums in found.values():
            sums.add(items, rest, keyed, known)
    reports = {
        name: {"sizes": sizes} | (found[name].report() if name in found else {"flagged": []})
        for name, (_, sizes) in divisions.items()
    }
    return {"cut": MODERATE, "large": LARGE, "groups": reports}


def groups_of(*, age: ArrayLike, gender: ArrayLike, country: Sequence[str]) -> dict[str, NDArray[np.str_]]:
    """Divide respondents by what the published file says of them.

    Parameters
    ----------
    age, gender : array_like of int, shape (n,)
        As published; impossible ages count as unknown.
    country : sequence of str, length n
        ISO codes; ``""`` = unknown.

    Returns
    -------
    dict
        ``gender``, ``age`` (bands) and ``country`` (the five with most respondents): names of shape (n,), ``""`` =
        unknown or another.

    Examples
    --------
    >>> groups_of(age=[20, 0], gender=[2, 0], country=["NZ", ""])["age"].tolist()
    ['18-24', '']
    """
    genders = np.array([GENDERS.get(int(code), "") for code in np.asarray(gender)], dtype=np.str_)
    bands = np.array(["", *(name for _, name in AGE_BANDS)])
    band = np.digitize(np.nan_to_num(known_age(age), nan=0), [start for start, _ in AGE_BANDS])
    countries = np.asarray(country, dtype=np.str_)
    names, counts = np.unique(countries[countries != ""], return_counts=True)
    largest = names[np.argsort(-counts, kind="stable")[:N_COUNTRIES]]
    return {"gender": genders, "age": bands[band], "country": np.where(np.isin(countries, largest), countries, "")}


def _checked_groups(name: str, group: ArrayLike, n: int) -> tuple[NDArray[np.int64], dict[str, int]]:
    labels = np.asarray(group, dtype=np.str_)
    if labels.shape != (n,):
        raise ValueError(f"Groups by {name} must be one a row: {n}, not {labels.shape}.")
    names, codes, counts = np.unique(labels, return_inverse=True, return_counts=True)
    kept = [i for i, label in enumerate(names) if label and counts[i] >= FEWEST_IN_GROUP]
    # People of no group, or of one that is too small, get the number behind the last.
    numbers = np.full(len(names), len(kept))
    numbers[kept] = np.arange(len(kept))
    return numbers[codes], {str(names[i]): int(counts[i]) for i in kept}


def _rest_scores(answers: NDArray[np.int8], keyed: NDArray[np.int8]) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    # The mean of the other answered items, each item, both keyed, and where both are known.
    known = answers > 0
    values = np.where(known, (answers - 3.0) * keyed, 0.0)
    n_others = known.sum(axis=1, keepdims=True) - known
    rest = (values.sum(axis=1, keepdims=True) - values) / np.maximum(n_others, 1)
    return rest, values, known & (n_others > 0)


class _Sums:
    """Sums over each group's people, from which all regressions of one division follow."""

    def __init__(self, codes: NDArray[np.int64], n_groups: int) -> None:
        self.rows = [np.flatnonzero(codes == group) for group in range(n_groups)]
        self.sums = np.zeros((6, n_groups, N_ITEMS))

    def add(self, items: NDArray[np.int64], rest: Floats, keyed: Floats, known: NDArray[np.bool_]) -> None:
        for group, rows in enumerate(self.rows):
            x, y, one = rest[rows], keyed[rows], known[rows].astype(np.float64)
            x, y = x * one, y * one
            for index, product in enumerate((one, x, y, x * x, x * y, y * y)):
                self.sums[index, group, items] = product.sum(axis=0)

    def report(self) -> dict[str, Any]:
        # The shares of variance that levels and slopes of the groups add.
        total = self.sums.sum(axis=1)
        variation = np.maximum(_centred(total)[2], np.finfo(float).tiny)
        own = _centred(self.sums)
        together = _unexplained(*_centred(total))
        with_levels = _unexplained(*(part.sum(axis=0) for part in own))
        with_slopes = _unexplained(*own).sum(axis=0)
        uniform, other = (together - with_levels) / variation, (with_levels - with_slopes) / variation
        effect = uniform + other
        order = np.argsort(-effect, kind="stable")
        return {
            "uniform": uniform.round(4).tolist(),
            "other": other.round(4).tolist(),
            "flagged": [int(item) for item in order if effect[item] >= MODERATE],
        }


def _centred(sums: Floats) -> tuple[Floats, Floats, Floats]:
    n, x, y, xx, xy, yy = sums
    n = np.maximum(n, 1)
    return xx - x**2 / n, xy - x * y / n, yy - y**2 / n


def _unexplained(xx: Floats, xy: Floats, yy: Floats) -> Floats:
    return np.asarray(yy - xy**2 / np.maximum(xx, np.finfo(float).tiny))
