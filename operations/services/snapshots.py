"""Counting the last days again, so that what is shown of them needs no row of a person and outlives deletions."""

import datetime
from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import Max, Min
from django.utils import timezone

from accounts.models import User
from operations import datasets
from operations.models import (
    BusinessDay,
    BusinessState,
    CohortWeek,
    ExperimentDay,
    GroupDay,
    Histogram,
    ListDay,
    MetricDay,
    PeopleDay,
)
from operations.services import attention, business, days, experiments, slices
from operations.services.slices import Counted
from recommendations.models import Impression

BATCH_SIZE = 500


@dataclass
class Snapshot:
    """Everything that one snapshot counted, not saved yet."""

    now: datetime.datetime
    counted: dict[datetime.date, Counted] = field(default_factory=dict)
    experiments: list[ExperimentDay] = field(default_factory=list)
    business: list[BusinessDay] = field(default_factory=list)
    state: BusinessState | None = None
    cohorts: list[CohortWeek] = field(default_factory=list)
    people: list[PeopleDay] = field(default_factory=list)
    groups: list[GroupDay] = field(default_factory=list)


def take(*, now: datetime.datetime | None = None) -> None:
    """Count the last eight days again; safe to call at any time, days that were complete never change.

    Everything is counted first and then written in one transaction, so that nobody waits for the counting.
    """
    snapshot = count(now=now or timezone.now())
    with transaction.atomic():
        _write(snapshot)


def count(*, now: datetime.datetime) -> Snapshot:
    """Return what a snapshot at a moment would write."""
    today = timezone.localdate(now)
    to_count = days.to_count(today, _last_counted())
    snapshot = Snapshot(now=now)
    running = experiments.going_on(days.midnight(to_count[0]))
    known = datasets.reputation(days.midnight(to_count[0]), _n_ids())
    for day in to_count:
        start, end = days.bounds(day)
        shown = datasets.shown_between(start, min(end, now))
        if len(shown):
            answers = datasets.answers_to(shown, start, min(end, now))
            snapshot.counted[day] = slices.count(day, shown, answers, known)
            window = start, min(end, now)
            snapshot.experiments += experiments.count_day(day, shown, answers, window, running)
        else:
            snapshot.counted[day] = Counted(slices=[], lists=[])
        known = datasets.after(known, start, min(end, now))
        snapshot.business.append(business.count_day(day))
    snapshot.state = business.measure(now)
    snapshot.cohorts = business.count_cohorts(to_count[0], today)
    snapshot.people, snapshot.groups = attention.measure(now)
    return snapshot


def last_taken() -> datetime.date | None:
    """Return the day of the newest snapshot."""
    return BusinessState.objects.order_by("-day").values_list("day", flat=True).first()


def _last_counted() -> datetime.date | None:
    """Return up to which day days were counted before; the first impression's day where none was."""
    if (last := last_taken()) is not None:
        return last
    first = Impression.objects.filter(is_demo=False).aggregate(at=Min("shown_at"))["at"]
    return None if first is None else timezone.localdate(first)


def _n_ids() -> int:
    return int(User.objects.aggregate(most=Max("pk"))["most"] or 0) + 1


def _write(snapshot: Snapshot) -> None:
    """Put what was counted in the place of what was there of the same days."""
    counted = list(snapshot.counted)
    for model in (MetricDay, ListDay, ExperimentDay, BusinessDay):
        model._default_manager.filter(day__in=counted).delete()
    rows = [slice_ for day in snapshot.counted.values() for slice_ in day.slices]
    MetricDay.objects.bulk_create([metric_day for metric_day, _ in rows], batch_size=BATCH_SIZE)
    Histogram.objects.bulk_create(
        (
            Histogram(metric_day=metric_day, of=of, stored=stored)
            for metric_day, kept in rows
            for of, stored in kept.items()
        ),
        batch_size=BATCH_SIZE,
    )
    ListDay.objects.bulk_create([row for day in snapshot.counted.values() for row in day.lists], batch_size=BATCH_SIZE)
    ExperimentDay.objects.bulk_create(snapshot.experiments, batch_size=BATCH_SIZE)
    experiments.forget_salts(now=snapshot.now)
    BusinessDay.objects.bulk_create(snapshot.business)
    _write_state(snapshot)


def _write_state(snapshot: Snapshot) -> None:
    """Put how things stand now in the place of how they stood earlier today."""
    today = timezone.localdate(snapshot.now)
    for model in (BusinessState, PeopleDay, GroupDay):
        model._default_manager.filter(day=today).delete()
    if snapshot.state is not None:
        snapshot.state.save(force_insert=True)
    PeopleDay.objects.bulk_create(snapshot.people)
    GroupDay.objects.bulk_create(snapshot.groups)
    weeks = {row.week for row in snapshot.cohorts}
    CohortWeek.objects.filter(week__in=weeks).delete()
    CohortWeek.objects.bulk_create(snapshot.cohorts)
