"""Comparing two arms of an experiment whose viewers were drawn by chance: figures, differences and their intervals.

**What is resampled.** Groups of viewers. A viewer belongs to one arm and one group by chance, so groups are independent
of each other while the impressions of one viewer are not; resampling single impressions would call differences certain
that are not. Each bootstrap sample draws as many groups as hold something, with replacement, within each arm on its
own. Figures of both arms and their difference are computed from the sums of the drawn groups.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from ml.metric_formulae import areas, rates, ratios
from ml.metric_histograms import INTERVAL, LIST_LENGTH, Estimate

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]

N_RESAMPLES = 500


@dataclass(frozen=True)
class Tally:
    """What became of the impressions of one arm, one row a group of viewers.

    Attributes
    ----------
    impressions, mutual : ndarray of int64, shape (g,)
        Impressions, and mutual likes among them.
    lists, list_likes : ndarray of int64, shape (g,)
        Lists, and the likes among their first twelve.
    likes, passes : ndarray of int64, shape (g, k)
        Histograms of the scores of likes and of passes.
    right, wrong, missed : ndarray of int64, shape (g,)
        Likes predicted, passes predicted to be likes, likes not predicted, each at the threshold of its purpose.
    """

    impressions: Counts
    mutual: Counts
    lists: Counts
    list_likes: Counts
    likes: Counts
    passes: Counts
    right: Counts
    wrong: Counts
    missed: Counts

    def __post_init__(self) -> None:
        """Refuse what is no tally.

        Raises
        ------
        ValueError
            When the columns are not of one length, or a count is negative.
        """
        columns = [getattr(self, field.name) for field in fields(self)]
        if len({len(column) for column in columns}) != 1 or self.likes.shape != self.passes.shape:
            raise ValueError("A tally has one row a group in each column.")
        if any((column < 0).any() for column in columns):
            raise ValueError("A count is negative.")

    def occupied(self) -> "Tally":
        """Return the groups that saw anybody.

        Returns
        -------
        Tally
            The same rows in the same order, without the empty ones.
        """
        rows = np.flatnonzero(self.impressions)
        return Tally(*(getattr(self, field.name)[rows] for field in fields(self)))

    def drawn(self, weights: Floats) -> dict[str, Floats]:
        """Return the sums over groups, one a row of weights.

        Parameters
        ----------
        weights : ndarray of float64, shape (r, g)
            How often each group counts.

        Returns
        -------
        dict of str to ndarray
            By the names of the columns; shape (r,), and (r, k) for the histograms.
        """
        return {field.name: weights @ getattr(self, field.name) for field in fields(self)}

    @property
    def n_groups(self) -> int:
        """The number of groups that saw anybody."""
        return int(np.count_nonzero(self.impressions))


@dataclass(frozen=True)
class Compared:
    """One figure of both arms, and by how much that of the challenger is larger."""

    champion: Estimate
    challenger: Estimate
    difference: Estimate


def compare(champion: Tally, challenger: Tally, *, seed: int = 0) -> dict[str, Compared]:
    """Return the figures of two arms and their differences, each with a 95 % interval.

    Parameters
    ----------
    champion, challenger : Tally
        Of the two arms; the number of groups may differ.
    seed : int
        Of the resamples.

    Returns
    -------
    dict of str to Compared
        ``likes`` and ``mutual`` per impression, ``auc``, ``precision``, ``recall``, ``f1`` and ``precision_at_12``.
        Without a value where a denominator is 0. n counts impressions, answers (for the four figures of
        predictions) or lists; that of a difference counts both arms.

    Notes
    -----
    O(r g k) for r resamples of g groups and k bins that hold something.

    Examples
    --------
    >>> empty = np.zeros((2, 1), dtype=np.int64)
    >>> one, other = (
    ...     Tally(np.array([4, 4]), mutual, *([np.zeros(2, dtype=np.int64)] * 2), empty, empty, *([mutual] * 3))
    ...     for mutual in (np.array([1, 1]), np.array([2, 2]))
    ... )
    >>> compare(one, other)["mutual"].difference
    Estimate(value=0.25, low=0.25, high=0.25, n=16)
    """
    arms = [arm.occupied() for arm in (champion, challenger)]
    held = sum(arm.likes.sum(axis=0) + arm.passes.sum(axis=0) for arm in arms) > 0
    streams = np.random.default_rng(seed).spawn(2)
    one, other = (_figures(arm, held, rng) for arm, rng in zip(arms, streams, strict=True))
    return {
        name: Compared(
            champion=_estimate(*one[name]),
            challenger=_estimate(*other[name]),
            difference=_estimate(other[name][0] - one[name][0], one[name][1] + other[name][1]),
        )
        for name in one
    }


def _figures(arm: Tally, held: NDArray[np.bool_], rng: np.random.Generator) -> dict[str, tuple[Floats, int]]:
    # Return each figure of an arm, the value first and then the resamples, and its n.
    arm = replace(arm, likes=arm.likes[:, held], passes=arm.passes[:, held])
    sums = arm.drawn(np.vstack([np.ones(len(arm.impressions)), _weights(len(arm.impressions), rng)]))
    return {name: (values, _n(name, sums)) for name, values in _all(sums).items()}


def _weights(n_groups: int, rng: np.random.Generator) -> Floats:
    if not n_groups:
        return np.empty((N_RESAMPLES, 0))
    return rng.multinomial(n_groups, np.full(n_groups, 1 / n_groups), size=N_RESAMPLES).astype(np.float64)


def _all(sums: Mapping[str, Floats]) -> dict[str, Floats]:
    impressions = sums["impressions"]
    return {
        "likes": ratios(sums["likes"].sum(axis=1), impressions),
        "mutual": ratios(sums["mutual"], impressions),
        "auc": areas(sums["likes"], sums["passes"]),
        **rates(sums["right"], sums["wrong"], sums["missed"]),
        "precision_at_12": ratios(sums["list_likes"], LIST_LENGTH * sums["lists"]),
    }


PER_IMPRESSION = ("likes", "mutual")


def _n(name: str, sums: Mapping[str, Floats]) -> int:
    if name in PER_IMPRESSION:
        return int(sums["impressions"][0])
    if name == "precision_at_12":
        return int(sums["lists"][0])
    return int(sums["likes"][0].sum() + sums["passes"][0].sum())


def _estimate(values: Floats, n: int) -> Estimate:
    drawn = values[1:][~np.isnan(values[1:])]
    if np.isnan(values[0]) or not drawn.size:
        return Estimate(None, None, None, n)
    low, high = np.quantile(drawn, INTERVAL)
    return Estimate(float(values[0]), float(low), float(high), n)
