"""What became of one day's impressions, counted by purpose, version, kind of viewer and kind of slot."""

import datetime
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from ml import metric_histograms as histograms
from ml import reciprocal
from operations.datasets import PURPOSES, Answers, Reputation, Shown
from operations.models import Histogram, ListDay, MetricDay, Slot
from operations.services import baselines
from recommendations.models import PreferenceVersion

Of = Histogram.Of
Masks = NDArray[np.bool_]
# Longer lists count their first twelve likes.
MOST_LIKES = histograms.LIST_LENGTH


@dataclass(frozen=True)
class Counted:
    """One day, not saved yet."""

    slices: list[tuple[MetricDay, dict[str, bytes]]]
    lists: list[ListDay]


def count(day: datetime.date, shown: Shown, answers: Answers, known: Reputation) -> Counted:
    """Return the rows of one day."""
    scores = _scores(shown, answers, known)
    slices = []
    for (purpose, version, warm, explored), rows in _groups(
        shown.purposes, shown.version_ids, shown.is_warm, shown.is_explored
    ):
        metric_day = MetricDay(
            day=day,
            purpose=PURPOSES[purpose],
            version_id=version,
            is_warm=bool(warm),
            slot=Slot.EXPLORED if explored else Slot.RANKED,
            n_impressions=len(rows),
            n_likes=int(answers.liked[rows].sum()),
            n_passes=int(answers.passed[rows].sum()),
            n_mutual=int(answers.mutual[rows].sum()),
        )
        spread = {of: histograms.binned(values[rows][which[rows]]) for of, (values, which) in scores.items()}
        kept = {of: Histogram.packed(counts) for of, counts in spread.items() if counts.any()}
        slices.append((metric_day, kept))
    return Counted(slices=slices, lists=_lists(day, shown, answers))


def _scores(shown: Shown, answers: Answers, known: Reputation) -> dict[str, tuple[NDArray[np.float64], Masks]]:
    """Return, for each histogram, which scores it counts of which impressions."""
    out, both = comparable(shown)
    scores = {
        Of.LIKES: (out, answers.liked),
        Of.PASSES: (out, answers.passed),
        Of.MUTUAL: (both, answers.mutual),
        Of.NOT_MUTUAL: (both, answers.not_mutual),
    }
    # Elsewhere the model chose who was seen, so that its rivals cannot be compared with it.
    drawn = shown.is_explored & (answers.liked | answers.passed)
    appeal = baselines.appeal_generosity(shown, drawn, known)
    likeness, is_placed = baselines.likeness(shown, drawn)
    return scores | {
        Of.APPEAL_LIKES: (appeal, drawn & answers.liked),
        Of.APPEAL_PASSES: (appeal, drawn & answers.passed),
        Of.LIKENESS_LIKES: (likeness, is_placed & answers.liked),
        Of.LIKENESS_PASSES: (likeness, is_placed & answers.passed),
    }


def comparable(shown: Shown) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the logged score and the two-sided one; stretched where nothing was learned, so that bins differ."""
    learned = {
        (PURPOSES.index(purpose), version.pk)
        for version in PreferenceVersion.objects.filter(pk__in=np.unique(shown.version_ids).tolist())
        for purpose in version.weights
    }
    pairs = zip(shown.purposes.tolist(), shown.version_ids.tolist(), strict=True)
    is_learned = np.fromiter((pair in learned for pair in pairs), dtype=bool, count=len(shown))
    logits = [special.logit(score) for score in (shown.score_out, shown.score_in)]
    mean = np.minimum(reciprocal.log_harmonic(*logits), 0.0)
    with np.errstate(divide="ignore"):
        logit_of_mean = mean - np.log(-np.expm1(mean))
    both = reciprocal.two_sided(shown.score_out, shown.score_in, rule="harmonic")
    return (
        np.where(is_learned, shown.score_out, histograms.stretched(logits[0])),
        np.where(is_learned, both, histograms.stretched(logit_of_mean)),
    )


def _lists(day: datetime.date, shown: Shown, answers: Answers) -> list[ListDay]:
    """Return how many lists had how many likes, by purpose, version and kind of viewer."""
    _, firsts, of_list = np.unique(shown.lists, return_index=True, return_inverse=True)
    n_likes = np.minimum(np.bincount(of_list, answers.liked, len(firsts)).astype(np.int64), MOST_LIKES)
    return [
        ListDay(
            day=day,
            purpose=PURPOSES[purpose],
            version_id=version,
            is_warm=bool(warm),
            by_likes=np.bincount(n_likes[rows], minlength=MOST_LIKES + 1).tolist(),
        )
        for (purpose, version, warm), rows in _groups(
            shown.purposes[firsts], shown.version_ids[firsts], shown.is_warm[firsts]
        )
    ]


def _groups(*columns: NDArray[np.generic]) -> Iterator[tuple[tuple[int, ...], NDArray[np.intp]]]:
    """Return the rows that have the same values in all columns, with these values."""
    codes = np.zeros(len(columns[0]), dtype=np.int64)
    for column in columns:
        values, places = np.unique(column, return_inverse=True)
        codes = codes * max(len(values), 1) + places
    order = np.argsort(codes, kind="stable")
    for rows in np.split(order, np.flatnonzero(np.diff(codes[order])) + 1):
        if rows.size:
            yield tuple(int(column[rows[0]]) for column in columns), rows
