"""From stored histograms to the figures that are shown, for any choice of days, version, purpose and viewers."""

import datetime
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ml import metric_histograms as histograms
from ml.metric_histograms import Calibration, Estimate
from operations.models import Histogram, ListDay, MetricDay, PeopleDay

# Below these a figure is not shown: it would be read as more than it is.
LEAST = 20
LEAST_OF_EACH = 5
# Of a version that learned nothing of a purpose: its scores are one half where the answers say nothing.
THRESHOLD = 0.5
FOUR_WEEKS = 28

Of = Histogram.Of
Counts = NDArray[np.int64]


@dataclass(frozen=True)
class Choice:
    """What is looked at; an empty choice means all."""

    purpose: str = ""
    version: int | None = None
    viewers: str = ""
    """``warm``, ``cold`` or empty."""
    slot: str = ""


@dataclass(frozen=True)
class Slice:
    """One row of `MetricDay` with its histograms."""

    row: MetricDay
    counts: dict[str, Counts]

    @property
    def outcomes(self) -> Counts:
        """What became of predicting likes with the version's own threshold."""
        threshold = self.row.version.thresholds.get(self.row.purpose, THRESHOLD)
        likes, passes = (self.counts.get(of, EMPTY) for of in (Of.LIKES, Of.PASSES))
        return histograms.outcomes(likes, passes, histograms.threshold_bin(threshold))

    @property
    def day(self) -> datetime.date:
        """The day of the impressions."""
        return self.row.day


EMPTY: Counts = np.zeros(histograms.N_BINS, dtype=np.int64)


@dataclass
class Sum:
    """Several slices and lists added up, and the figures that follow."""

    n_impressions: int = 0
    n_likes: int = 0
    n_passes: int = 0
    n_mutual: int = 0
    outcomes: Counts = field(default_factory=lambda: np.zeros(4, dtype=np.int64))
    counts: dict[str, Counts] = field(default_factory=dict)
    lists: Counts = field(default_factory=lambda: np.zeros(histograms.LIST_LENGTH + 1, dtype=np.int64))

    def add(self, one: "Slice | ListDay | Sum") -> None:
        """Add a slice, a row of lists or another sum."""
        if isinstance(one, ListDay):
            self.lists = self.lists + np.array(one.by_likes)
            return
        source = one.row if isinstance(one, Slice) else one
        self.n_impressions += source.n_impressions
        self.n_likes += source.n_likes
        self.n_passes += source.n_passes
        self.n_mutual += source.n_mutual
        self.outcomes = self.outcomes + one.outcomes
        for of, counts in one.counts.items():
            self.counts[of] = self.counts[of] + counts if of in self.counts else counts
        if isinstance(one, Sum):
            self.lists = self.lists + one.lists

    @property
    def n_answers(self) -> int:
        """Likes and passes."""
        return self.n_likes + self.n_passes

    def auc(self, likes: str = Of.LIKES, passes: str = Of.PASSES) -> Estimate:
        """Return how well one kind of score tells likes from passes."""
        positives, negatives = self.of(likes), self.of(passes)
        n = int(positives.sum() + negatives.sum())
        if n < LEAST or min(positives.sum(), negatives.sum()) < LEAST_OF_EACH:
            return _none(n)
        return histograms.area_under_curve(positives, negatives)

    def mutual_auc(self) -> Estimate:
        """Return how well the two-sided score tells mutual likes from pairs of whom one passed."""
        return self.auc(Of.MUTUAL, Of.NOT_MUTUAL)

    def classification(self) -> dict[str, Estimate]:
        """Return precision, recall and F1 at the thresholds of the versions."""
        n = int(self.outcomes.sum())
        if n < LEAST or min(self.n_likes, self.n_passes) < LEAST_OF_EACH:
            return dict.fromkeys(("precision", "recall", "f1"), _none(n))
        return histograms.classification(self.outcomes)

    def precision_at_12(self) -> Estimate:
        """Return the share of list slots that were liked."""
        n = int(self.lists.sum())
        return histograms.precision_at(self.lists) if n >= LEAST else _none(n)

    def rate(self, part: int) -> Estimate:
        """Return a share of the impressions."""
        return histograms.rate(part, self.n_impressions) if self.n_impressions >= LEAST else _none(self.n_impressions)

    def mutual_rate(self) -> Estimate:
        """Return mutual likes per impression."""
        return self.rate(self.n_mutual)

    def unanswered(self) -> Estimate:
        """Return the share of impressions without an answer."""
        return self.rate(self.n_impressions - self.n_answers)

    def calibration(self) -> list[Calibration]:
        """Return what was predicted and what happened, in tenths of the scores; thin ranges are left out."""
        curve = histograms.calibration(self.of(Of.LIKES), self.of(Of.PASSES))
        return [point for point in curve if point.liked.n >= LEAST]

    def of(self, which: str) -> Counts:
        """Return a histogram, empty where nothing was counted."""
        return self.counts.get(which, EMPTY)


@dataclass(frozen=True)
class Days:
    """Everything of a stretch of days that a choice admits."""

    first: datetime.date
    last: datetime.date
    slices: Sequence[Slice]
    lists: Sequence[ListDay]

    def by_day(self) -> dict[datetime.date, Sum]:
        """Return the sum of each day, also of days without anything."""
        n_days = (self.last - self.first).days + 1
        days = {self.first + datetime.timedelta(days=number): Sum() for number in range(n_days)}
        for one in self._all():
            days[one.day].add(one)
        return days

    def since(self, day: datetime.date) -> "Days":
        """Return the days from one on."""
        return Days(
            day,
            self.last,
            [one for one in self.slices if one.day >= day],
            [one for one in self.lists if one.day >= day],
        )

    def total(self) -> Sum:
        """Return the sum of all."""
        return _sum(self._all())

    def grouped(self, key: Callable[[MetricDay | ListDay], str]) -> dict[str, Sum]:
        """Return sums by what a function says of each row."""
        groups: dict[str, Sum] = {}
        for one in self._all():
            groups.setdefault(key(one.row if isinstance(one, Slice) else one), Sum()).add(one)
        return groups

    def _all(self) -> list[Slice | ListDay]:
        return [*self.slices, *self.lists]


def load(first: datetime.date, last: datetime.date, choice: Choice) -> Days:
    """Return the rows of some days that a choice admits; three queries."""
    rows = MetricDay.objects.filter(day__gte=first, day__lte=last).select_related("version")
    lists = ListDay.objects.filter(day__gte=first, day__lte=last)
    if choice.purpose:
        rows, lists = rows.filter(purpose=choice.purpose), lists.filter(purpose=choice.purpose)
    if choice.version is not None:
        rows, lists = rows.filter(version=choice.version), lists.filter(version=choice.version)
    if choice.viewers:
        is_warm = choice.viewers == "warm"
        rows, lists = rows.filter(is_warm=is_warm), lists.filter(is_warm=is_warm)
    if choice.slot:
        # A list has slots of both kinds, so it belongs to neither slice.
        rows, lists = rows.filter(slot=choice.slot), lists.none()
    found = list(rows.order_by("day", "pk"))
    counts: dict[int, dict[str, Counts]] = {row.pk: {} for row in found}
    kept = Histogram.objects.filter(metric_day__in=rows.order_by()).values_list("metric_day_id", "of", "stored")
    for metric_day, of, stored in kept:
        counts[metric_day][of] = Histogram.unpacked(stored).astype(np.int64)
    return Days(first, last, [Slice(row, counts[row.pk]) for row in found], list(lists.select_related("version")))


def rolling(days: Days, since: datetime.date) -> dict[datetime.date, Sum]:
    """Return, for each day from one on, the sum of the 28 days that end with it."""
    singles = days.by_day()
    result = {}
    for day in singles:
        if day >= since:
            earliest = day - datetime.timedelta(days=FOUR_WEEKS - 1)
            result[day] = _sum(one for other, one in singles.items() if earliest <= other <= day)
    return result


def of_people(first: datetime.date, last: datetime.date, purpose: str) -> list[PeopleDay]:
    """Return how attention was spread on some days; one query."""
    rows = PeopleDay.objects.filter(day__gte=first, day__lte=last)
    return list((rows.filter(purpose=purpose) if purpose else rows).order_by("day", "purpose"))


def share(part: int, whole: int) -> Estimate:
    """Return a share of people, without a value where there are too few."""
    return histograms.rate(part, whole) if whole >= LEAST else _none(whole)


def _sum(ones: Iterable[Slice | ListDay | Sum]) -> Sum:
    total = Sum()
    for one in ones:
        total.add(one)
    return total


def _none(n: int) -> Estimate:
    return Estimate(None, None, None, n)
