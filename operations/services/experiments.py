"""What the arms of an experiment led to: counted with each snapshot, compared from these counts alone."""

import datetime
import hashlib
from collections.abc import Iterator, Sequence
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from accounts.models import Purpose
from ml import arm_comparison
from ml import metric_histograms as histograms
from ml.arm_comparison import Compared, Tally
from ml.metric_histograms import Estimate
from operations import datasets
from operations.datasets import ANSWERED_WITHIN, PURPOSES, Answers, Shown
from operations.models import ExperimentDay
from operations.models.experiment import COUNTED, N_GROUPS, SHAPES
from operations.services import days, figures, slices
from operations.services.panels import Column, Panel
from recommendations.models import Arm, Experiment, PreferenceVersion

Counts = dict[str, NDArray[np.int64]]

# Fewer groups of viewers than this say too little about how much viewers differ.
LEAST_GROUPS = 20
ARMS = (Arm.CHAMPION, Arm.CHALLENGER)
NAMES = {
    "likes": "Likes per impression",
    "mutual": "Mutual likes per impression",
    "auc": "AUC",
    "precision": "Precision",
    "recall": "Recall",
    "f1": "F1",
    "precision_at_12": "Precision at 12",
}


def closes_at(experiment: Experiment) -> datetime.datetime | None:
    """Return when the last list could have been given; None before the first."""
    ends = [moment for moment in (experiment.ends_at, experiment.ended_at) if moment is not None]
    return min(ends) if experiment.started_at is not None else None


def complete_at(experiment: Experiment) -> datetime.datetime | None:
    """Return from when on no answer can come any more."""
    closes = closes_at(experiment)
    return None if closes is None else closes + ANSWERED_WITHIN


def going_on(start: datetime.datetime) -> list[Experiment]:
    """Return the experiments that gave lists after a moment; one query."""
    began = Experiment.objects.filter(started_at__isnull=False, ends_at__gt=start)
    return [experiment for experiment in began if (closes_at(experiment) or start) > start]


def count_day(
    day: datetime.date,
    shown: Shown,
    answers: Answers,
    window: tuple[datetime.datetime, datetime.datetime],
    running: Sequence[Experiment],
) -> list[ExperimentDay]:
    """Return the rows of one day, not saved yet; two queries for each experiment of that day."""
    rows: list[ExperimentDay] = []
    for experiment in running:
        start, end = experiment.started_at, closes_at(experiment)
        if start is None or end is None or start >= window[1] or end <= window[0]:
            continue
        arms = datasets.arms_of(shown, max(start, window[0]), min(end, window[1]))
        scores, _ = slices.comparable(shown)
        groups = _groups(experiment, shown.viewer_ids)
        for arm in ARMS:
            for place, purpose in enumerate(PURPOSES):
                which = np.flatnonzero((arms == arm) & (shown.purposes == place))
                if which.size:
                    counts = _counted(shown, answers, which, groups, scores)
                    rows.append(
                        ExperimentDay(
                            experiment=experiment,
                            day=day,
                            purpose=purpose,
                            arm=arm,
                            n_impressions=len(which),
                            stored=ExperimentDay.packed(counts),
                        )
                    )
    return rows


def forget_salts(*, now: datetime.datetime) -> None:
    """Forget by which rule viewers fell into arms and groups once nothing is counted any more."""
    ended = Experiment.objects.filter(ended_at__isnull=False).exclude(salt="")
    closed = now - datetime.timedelta(days=days.RECOUNTED + 1)
    ended.filter(ended_at__lt=closed).update(salt="")


def panels(experiment: Experiment) -> list[Panel]:
    """Return the comparison, over all purposes and then for each, if there are several."""
    held = _summed(experiment)
    purposes = [purpose for purpose in PURPOSES if any(purpose == of for of, _ in held)]
    found = [_panel("figures", "All purposes", experiment, held, purposes)]
    if len(purposes) > 1:
        found += [_panel(one, str(Purpose(one).label), experiment, held, [one]) for one in purposes]
    return found


def _counted(
    shown: Shown, answers: Answers, which: NDArray[np.intp], groups: NDArray[np.int64], scores: NDArray[np.float64]
) -> Counts:
    """Return what became of some impressions, by group."""
    counts = {name: np.zeros(shape, dtype=np.int64) for name, shape in SHAPES.items()}
    np.add.at(counts["impressions"], groups[which], 1)
    np.add.at(counts["mutual"], groups[which], answers.mutual[which].astype(np.int64))
    for name, answered in (("likes", answers.liked), ("passes", answers.passed)):
        rows = which[answered[which]]
        np.add.at(counts[name], (groups[rows], histograms.bins_of(scores[rows])), 1)
    _, firsts, of_list = np.unique(shown.lists[which], return_index=True, return_inverse=True)
    n_likes = np.bincount(of_list, answers.liked[which], len(firsts)).astype(np.int64)
    np.add.at(counts["lists"], groups[which[firsts]], 1)
    np.add.at(counts["list_likes"], groups[which[firsts]], np.minimum(n_likes, histograms.LIST_LENGTH))
    return counts


def _groups(experiment: Experiment, viewer_ids: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return each viewer's group: the same on every day, and by chance."""
    viewers, places = np.unique(viewer_ids, return_inverse=True)
    digests = (
        hashlib.blake2b(f"{viewer}".encode(), key=experiment.salt.encode(), digest_size=8, person=b"group")
        for viewer in viewers.tolist()
    )
    groups = [int.from_bytes(digest.digest()) % N_GROUPS for digest in digests]
    return np.array(groups, dtype=np.int64)[places]


def _summed(experiment: Experiment) -> dict[tuple[str, str], Counts]:
    """Return all days added up, by purpose and arm; one query."""
    rows = ExperimentDay.objects.filter(experiment=experiment).order_by("purpose", "arm")
    found = rows.values_list("purpose", "arm", "stored").iterator()
    return {
        key: ExperimentDay.summed(stored for _, _, stored in of_key)
        for key, of_key in groupby(found, key=lambda row: (row[0], row[1]))
    }


def _panel(
    slug: str,
    title: str,
    experiment: Experiment,
    held: dict[tuple[str, str], Counts],
    purposes: Sequence[str],
) -> Panel:
    """Return the comparison over some purposes."""
    one, other = (
        _tally(version, [(purpose, held[purpose, arm]) for purpose in purposes if (purpose, arm) in held])
        for arm, version in zip(ARMS, (experiment.champion, experiment.challenger), strict=True)
    )
    compared = arm_comparison.compare(one, other)
    rows = [(NAMES[name], *_cells(name, both, one, other)) for name, both in compared.items()]
    columns = (Column("Figure", "text"), Column("Champion"), Column("Challenger"), Column("Difference"))
    return Panel(slug, title, "", (*columns, Column("What it says", "text")), rows if held else [])


def _tally(version: PreferenceVersion, parts: Sequence[tuple[str, Counts]]) -> Tally:
    """Return an arm over some purposes, each with the threshold that its version has for it."""
    total = {name: np.zeros(shape, dtype=np.int64) for name, shape in SHAPES.items()}
    right, wrong, missed = np.zeros((3, N_GROUPS), dtype=np.int64)
    for purpose, counts in parts:
        first = histograms.threshold_bin(version.thresholds.get(purpose, figures.THRESHOLD))
        right += counts["likes"][:, first:].sum(axis=1)
        wrong += counts["passes"][:, first:].sum(axis=1)
        missed += counts["likes"][:, :first].sum(axis=1)
        for name, values in counts.items():
            total[name] += values
    counted = {name: total[name] for name in COUNTED}
    return Tally(**counted, likes=total["likes"], passes=total["passes"], right=right, wrong=wrong, missed=missed)


def _cells(name: str, both: Compared, one: Tally, other: Tally) -> Iterator[Estimate | str]:
    """Yield the figures of both arms, their difference and what it says; nothing where it rests on too little."""
    is_enough = [_is_enough(name, arm) for arm in (one, other)]
    for estimate, shows in zip((both.champion, both.challenger), is_enough, strict=True):
        yield estimate if shows else Estimate(None, None, None, estimate.n)
    low, high = both.difference.low, both.difference.high
    if not all(is_enough) or low is None or high is None:
        yield Estimate(None, None, None, both.difference.n)
        yield ""
        return
    yield both.difference
    yield "challenger higher" if low > 0 else "champion higher" if high < 0 else "no difference seen"


def _is_enough(name: str, arm: Tally) -> bool:
    """Whether a figure of an arm rests on enough viewers, and on enough of what it counts."""
    likes, passes = int(arm.likes.sum()), int(arm.passes.sum())
    if arm.n_groups < LEAST_GROUPS:
        return False
    if name in ("likes", "mutual"):
        counted = likes if name == "likes" else int(arm.mutual.sum())
        return int(arm.impressions.sum()) >= figures.LEAST and counted >= figures.LEAST_OF_EACH
    if name == "precision_at_12":
        return int(arm.lists.sum()) >= figures.LEAST and int(arm.list_likes.sum()) >= figures.LEAST_OF_EACH
    return likes + passes >= figures.LEAST and min(likes, passes) >= figures.LEAST_OF_EACH
