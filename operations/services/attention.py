"""How attention is spread over people right now: by person, and by gender and age."""

import datetime
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from django.db.models import Count, Q
from django.utils import timezone
from numpy.typing import NDArray

from accounts import datasets as people
from accounts.models import Preference, Purpose
from accounts.models.profile import Gender
from ml import metric_histograms as histograms
from ml.metric_formulae import gini
from operations.models import GroupDay, PeopleDay
from recommendations.models import Impression, Match

SMALLEST_GROUP = 50
PROMISED = datetime.timedelta(days=7)
LONG = datetime.timedelta(days=28)
AGE_BANDS = ((18, "18 to 24"), (25, "25 to 34"), (35, "35 to 44"), (45, "45 to 54"), (55, "55 and over"))
N_RESAMPLES = 200
Integers = NDArray[np.int64]
# By purpose and person: impressions of the last day, 7 days and 28 days.
Shown = Mapping[tuple[str, int], Sequence[int]]


@dataclass(frozen=True)
class Attention:
    """What the members open for one purpose got, one entry a person."""

    genders: list[str]
    ages: list[int]
    last_day: Integers
    last_week: Integers
    last_month: Integers
    matches: Integers


def measure(now: datetime.datetime) -> tuple[list[PeopleDay], list[GroupDay]]:
    """Return how attention is spread at this moment, for each purpose that somebody is open for."""
    today = timezone.localdate(now)
    of_people: list[PeopleDay] = []
    of_groups: list[GroupDay] = []
    shown = _shown(now)
    for purpose in Purpose.values:
        attention = _attention(purpose, shown, now)
        if not attention.ages:
            continue
        of_people.append(_of_people(today, purpose, attention))
        of_groups += _of_groups(today, purpose, attention)
    return of_people, of_groups


def age_band(age: int) -> str:
    """Return the name of the band of an age."""
    return next(name for youngest, name in reversed(AGE_BANDS) if age >= youngest or youngest == AGE_BANDS[0][0])


def spread(counts: Integers) -> tuple[float | None, float | None, float | None]:
    """Return the Gini coefficient of counts with its interval, people resampled."""
    value = gini(counts)
    if value is None:
        return None, None, None
    rng, ordered = np.random.default_rng(0), np.sort(counts)
    n = len(ordered)
    # A resample of sorted people is how often each is in it: no sorting again.
    samples: list[float] = []
    for _ in range(N_RESAMPLES):
        weights = np.bincount(rng.integers(0, n, n), minlength=n)
        places = 2 * np.cumsum(weights) - weights - n
        whole = weights @ ordered
        samples.append(float((weights * places) @ ordered / (n * whole)) if whole else 0.0)
    low, high = np.quantile(samples, histograms.INTERVAL)
    return value, float(low), float(high)


def _of_people(day: datetime.date, purpose: str, attention: Attention) -> PeopleDay:
    value, low, high = spread(attention.last_week)
    return PeopleDay(
        day=day,
        purpose=purpose,
        n_people=len(attention.ages),
        n_shown=int((attention.last_day > 0).sum()),
        n_never=int((attention.last_week == 0).sum()),
        gini=value,
        gini_low=low,
        gini_high=high,
    )


def _of_groups(day: datetime.date, purpose: str, attention: Attention) -> Iterator[GroupDay]:
    """Return the groups that are large enough to say nothing of any one person."""
    bands = [age_band(age) for age in attention.ages]
    for kind, names in ((GroupDay.Kind.GENDER, attention.genders), (GroupDay.Kind.AGE, bands)):
        groups = np.array(names)
        for group in np.unique(groups):
            members = groups == group
            if members.sum() >= SMALLEST_GROUP:
                yield GroupDay(
                    day=day,
                    purpose=purpose,
                    kind=kind,
                    group=str(group),
                    n_people=int(members.sum()),
                    n_impressions=int(attention.last_month[members].sum()),
                    n_matches=int(attention.matches[members].sum()),
                )


def _attention(purpose: str, shown: Shown, now: datetime.datetime) -> Attention:
    """Return what everybody got whom others can be shown for a purpose; two queries."""
    today = timezone.localdate(now)
    here = people.participants().filter(is_demo=False, profile__is_paused=False)
    rows = list(
        Preference.objects.filter(purpose=purpose, is_active=True, user__in=here)
        .exclude(visibility="nobody")
        .order_by("user_id")
        .values_list("user_id", "user__profile__gender", "user__birth_date")
    )
    ids = np.array([row[0] for row in rows], dtype=np.int64)
    found = [shown.get((purpose, user_id), (0, 0, 0)) for user_id in ids.tolist()]
    counts = np.array(found, dtype=np.int64).reshape(-1, 3)
    made = Match.objects.filter(purpose=purpose, is_demo=False, matched_at__gt=now - LONG, matched_at__lte=now)
    matched = np.array(list(made.values_list("low_id", "high_id")), dtype=np.int64).ravel()
    known = matched[np.isin(matched, ids)]
    return Attention(
        genders=[row[1] or Gender.UNDISCLOSED for row in rows],
        ages=[_age(row[2], today) for row in rows],
        last_day=counts[:, 0],
        last_week=counts[:, 1],
        last_month=counts[:, 2],
        matches=np.bincount(np.searchsorted(ids, known), minlength=len(ids)),
    )


def _shown(now: datetime.datetime) -> Shown:
    """Return how often people were shown in the last day, 7 days and 28 days; one query."""
    counted = (
        Impression.objects.filter(is_demo=False, shown_at__gt=now - LONG, shown_at__lte=now)
        .order_by()
        .values_list("purpose", "shown_id")
        .annotate(
            day=Count("pk", filter=Q(shown_at__gt=now - datetime.timedelta(days=1))),
            week=Count("pk", filter=Q(shown_at__gt=now - PROMISED)),
            month=Count("pk"),
        )
    )
    return {(purpose, user_id): counts for purpose, user_id, *counts in counted.iterator()}


def _age(birth_date: datetime.date | None, today: datetime.date) -> int:
    """Return the age in whole years; members have a birth date."""
    if birth_date is None:
        return 0
    had_birthday = (today.month, today.day) >= (birth_date.month, birth_date.day)
    return today.year - birth_date.year - (not had_birthday)
