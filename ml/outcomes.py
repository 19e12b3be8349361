"""What came of a simulated run: mutual likes for what was shown, how attention was spread, and who waited."""

import itertools
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import rankdata

from ml.exposure import PROMISED
from ml.metric_formulae import gini
from ml.simulation import Run

Floats = NDArray[np.float64]

WINDOW_DAYS = 5


@dataclass(frozen=True)
class Outcome:
    """The figures of one run. Shares are between 0 and 1; a figure that nothing was there for is None.

    Attributes
    ----------
    impressions, mutual_likes : int
        Persons shown, and pairs of whom each came to like the other.
    mutual_per_1000, mutual_per_1000_late : float
        Mutual likes for 1,000 impressions: in all, and in the last third of the days.
    expected_per_1000 : float
        Mean true probability that the two of an impression like each other, in thousandths.
    auc, auc_explored : float
        Of the viewer's score for likes, among all that were judged and among those whom chance had shown.
    gini : float
        Of impressions a day among people who were there for seven days or more.
    waited_too_long : float
        Share of them who, while active and with room, were not shown for more than seven days.
    longest_wait : float
        Days.
    first_wait : float
        Mean days until people who joined later were shown for the first time; the end counts for who never was.
    boosted : float
        Share of slots taken by people who were lifted.
    conversations_per_1000, again_per_1000 : float
        Conversations, and sides that said "again, yes", for 1,000 impressions.
    """

    impressions: int
    mutual_likes: int
    mutual_per_1000: float
    mutual_per_1000_late: float
    expected_per_1000: float
    auc: float | None
    auc_explored: float | None
    gini: float
    waited_too_long: float
    longest_wait: float
    first_wait: float
    boosted: float
    conversations_per_1000: float
    again_per_1000: float

    def rounded(self) -> dict[str, float | int | None]:
        """Write the figures down.

        Returns
        -------
        dict
            By name, rounded to five places; JSON-able.
        """
        return {name: round(value, 5) if isinstance(value, float) else value for name, value in asdict(self).items()}


@dataclass(frozen=True)
class Curve:
    """How a run went on, by windows of some days.

    Attributes
    ----------
    days : list of float
        Middle of each window.
    mutual_per_1000 : list of float
        Mutual likes for 1,000 impressions; None where nobody was shown.
    auc : list of float
        Of the viewer's score for likes among those who were judged; None where there are not both.
    """

    days: list[float]
    mutual_per_1000: list[float | None]
    auc: list[float | None]


def auc(scores: ArrayLike, liked: ArrayLike) -> float | None:
    """Return how often a liked one has the higher score of the two, ties counting half.

    Parameters
    ----------
    scores : array_like, shape (m,)
        Higher should mean likelier.
    liked : array_like of bool, shape (m,)
        What happened.

    Returns
    -------
    float or None
        None when there are not both likes and passes.

    Notes
    -----
    By ranks, O(m log m).

    Examples
    --------
    >>> auc([0.1, 0.4, 0.4, 0.8], [False, False, True, True])
    0.875
    """
    is_liked = np.asarray(liked, dtype=bool)
    n_liked, n_passed = int(is_liked.sum()), int((~is_liked).sum())
    if not n_liked or not n_passed:
        return None
    ranks = rankdata(scores)[is_liked].sum()
    return float((ranks - n_liked * (n_liked + 1) / 2) / (n_liked * n_passed))


def exposures(run: Run) -> Floats:
    """Return impressions a day of everybody who was there for seven days or more.

    Parameters
    ----------
    run : Run
        A finished run.

    Returns
    -------
    ndarray of float64, shape (n_there,)
        In the order of the people.
    """
    there = run.n_days - run.joined
    counts = np.bincount(run.shown.people, minlength=len(run.joined))
    stayed = there >= min(PROMISED, run.n_days)
    return np.asarray(counts[stayed] / there[stayed])


def outcome(run: Run) -> Outcome:
    """Return the figures of a run.

    Parameters
    ----------
    run : Run
        A finished run.

    Returns
    -------
    Outcome
        See there.
    """
    shown, n = run.shown, len(run.shown.days)
    per_1000 = 1000 / n if n else 0.0
    there = run.joined <= run.n_days - min(PROMISED, run.n_days)
    late = 2 / 3 * run.n_days
    waits = np.minimum(run.first_wait, run.n_days - run.joined)[run.joined > 0]
    return Outcome(
        impressions=n,
        mutual_likes=len(run.match_days),
        mutual_per_1000=len(run.match_days) * per_1000,
        mutual_per_1000_late=_ratio(1000 * (run.match_days >= late).sum(), (shown.days >= late).sum()) or 0.0,
        expected_per_1000=float(shown.mutual.sum()) * per_1000,
        auc=auc(shown.score_out[shown.judged], shown.liked[shown.judged]),
        auc_explored=auc(*(values[shown.judged & shown.explored] for values in (shown.score_out, shown.liked))),
        gini=gini(exposures(run)) or 0.0,
        waited_too_long=float((run.longest_wait[there] > PROMISED).mean()) if there.any() else 0.0,
        longest_wait=float(run.longest_wait.max()),
        first_wait=float(waits.mean()) if waits.size else 0.0,
        boosted=float(shown.boosted.mean()) if n else 0.0,
        conversations_per_1000=run.n_conversations * per_1000,
        again_per_1000=run.n_again * per_1000,
    )


def curve(run: Run, window: int = WINDOW_DAYS) -> Curve:
    """Return how a run went on.

    Parameters
    ----------
    run : Run
        A finished run.
    window : int
        Days of a window; the last one may be shorter.

    Returns
    -------
    Curve
        One value for each window.
    """
    edges = np.append(np.arange(0, run.n_days, window), run.n_days).astype(np.float64)
    shown = run.shown
    mutual: list[float | None] = []
    areas: list[float | None] = []
    for begin, end in itertools.pairwise(edges.tolist()):
        inside = (shown.days >= begin) & (shown.days < end)
        n_matches = ((run.match_days >= begin) & (run.match_days < end)).sum()
        mutual.append(_ratio(1000 * n_matches, inside.sum()))
        judged = inside & shown.judged
        areas.append(auc(shown.score_out[judged], shown.liked[judged]))
    return Curve(((edges[:-1] + edges[1:]) / 2).tolist(), mutual, areas)


def _ratio(part: float, whole: float) -> float | None:
    return float(part / whole) if whole else None
