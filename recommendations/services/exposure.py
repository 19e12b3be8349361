"""Attention spread: who is shown is counted, prices follow, and whoever waits is lifted; `ml.exposure` says how."""

import datetime
from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from django.db import transaction
from django.db.models import Count, Exists, F, OuterRef, Q
from django.utils import timezone
from numpy.typing import NDArray

from accounts.models import Preference, Purpose, User, Visit
from ml import exposure
from recommendations.models import Exposure, Impression

# Who was not here for so long is promised nothing: nobody is there to answer.
ACTIVE_FOR = datetime.timedelta(days=28)
PRICES_LAST = datetime.timedelta(days=1)
# After a pause of the schedule prices take no more steps at once than this.
MOST_DAYS = 7.0
BATCH_SIZE = 1000
MOST_COUNTED = np.iinfo(np.uint16).max
# So far ahead that the wait is 0 days.
NEVER = 1e6
# Of who has no row yet.
NEW = {"price": 0.0, "n_shown": 0, "waits_since": NEVER}


@dataclass(frozen=True)
class Standing:
    """How much attention people got, as arrays in the order of `user_ids`."""

    user_ids: NDArray[np.int64]
    price: NDArray[np.float32]
    n_shown: NDArray[np.uint16]
    waits_since: NDArray[np.float32]
    """In days of `days_of`; `NEVER` for who waits for nothing."""


def days_of(moment: datetime.datetime) -> float:
    """Return a moment in days since 1970, as the arrays keep it: float32 tells minutes apart."""
    return moment.timestamp() / 86_400


def standing(*, purpose: str, since: datetime.datetime | None = None, user_ids: Collection[int] = ()) -> Standing:
    """Return the attention that people got, of everybody or of those of whom it changed lately and some others.

    One query.
    """
    rows = Exposure.objects.filter(purpose=purpose)
    if since is not None:
        rows = rows.filter(Q(updated_at__gte=since) | Q(user__in=user_ids))
    found = list(rows.values_list("user_id", "price", "n_shown", "waits_since", "is_waiting"))
    waits = [days_of(row[3]) if row[4] else NEVER for row in found]
    return Standing(
        user_ids=np.array([row[0] for row in found], dtype=np.int64),
        price=np.array([row[1] for row in found], dtype=np.float32),
        # Who is away is no newcomer either.
        n_shown=np.array([min(row[2], MOST_COUNTED) if row[4] else MOST_COUNTED for row in found], dtype=np.uint16),
        waits_since=np.array(waits, dtype=np.float32),
    )


def count(*, impressions: Collection[Impression], now: datetime.datetime) -> None:
    """Write down that the people of a new list were shown; they begin to wait anew. Two queries."""
    if not impressions:
        return
    purpose = next(iter(impressions)).purpose
    shown = [impression.shown_id for impression in impressions]
    missing = [Exposure(user_id=user_id, purpose=purpose, waits_since=now, updated_at=now) for user_id in shown]
    Exposure.objects.bulk_create(missing, ignore_conflicts=True)
    Exposure.objects.filter(user__in=shown, purpose=purpose).update(
        n_shown=F("n_shown") + 1, n_since_priced=F("n_since_priced") + 1, waits_since=now, updated_at=timezone.now()
    )


def tend(*, now: datetime.datetime) -> None:
    """Begin and end waits, and make new prices once a day; safe to call at any time."""
    for purpose in Purpose.values:
        _begin(purpose, now)
        _follow_visits(purpose, now)
        _price(purpose, now)


def _begin(purpose: str, now: datetime.datetime) -> None:
    """Let everybody wait who is open for a purpose and does not yet."""
    known = Exposure.objects.filter(user=OuterRef("user"), purpose=purpose)
    new = Preference.objects.filter(~Exists(known), purpose=purpose, is_active=True).values_list("user_id", flat=True)
    rows = (Exposure(user_id=user_id, purpose=purpose, waits_since=now, updated_at=timezone.now()) for user_id in new)
    Exposure.objects.bulk_create(rows, batch_size=BATCH_SIZE, ignore_conflicts=True)


def _follow_visits(purpose: str, now: datetime.datetime) -> None:
    """End the wait of who was not here lately, and begin it anew for who came back."""
    lately = Visit.objects.filter(user=OuterRef("user"), last_seen_at__gt=now - ACTIVE_FOR)
    fresh = User.objects.filter(pk=OuterRef("user"), joined_on__gt=timezone.localdate(now - ACTIVE_FOR))
    rows = Exposure.objects.filter(purpose=purpose)
    is_here = Exists(lately) | Exists(fresh)
    rows.filter(~is_here, is_waiting=True).update(is_waiting=False, updated_at=timezone.now())
    rows.filter(is_here, is_waiting=False).update(is_waiting=True, waits_since=now, updated_at=timezone.now())


@transaction.atomic
def _price(purpose: str, now: datetime.datetime) -> None:
    """Make the prices of a purpose anew from who was shown since the last ones, when these are a day old."""
    everybody = Exposure.objects.filter(purpose=purpose)
    rows = list(everybody.select_for_update().order_by("pk"))
    priced_at = max((row.priced_at for row in rows if row.priced_at), default=None)
    if not rows or (priced_at is not None and now - priced_at < PRICES_LAST):
        return
    days = min((now - priced_at) / PRICES_LAST, MOST_DAYS) if priced_at else 1.0
    counts = np.array([row.n_since_priced if row.is_waiting else np.nan for row in rows])
    opened = _lists_opened(purpose, priced_at or now - PRICES_LAST)
    made = exposure.prices(
        [row.price for row in rows], counts, [opened.get(row.user_id, 0) for row in rows], days=days
    ).tolist()
    changed = []
    for row, price in zip(rows, made, strict=True):
        if row.price != price:
            row.price, row.updated_at = price, timezone.now()
            changed.append(row)
    Exposure.objects.bulk_update(changed, ["price", "updated_at"], batch_size=BATCH_SIZE)
    everybody.update(n_since_priced=0, priced_at=now)


def _lists_opened(purpose: str, since: datetime.datetime) -> dict[int, int]:
    """Return how many new lists each person opened for a purpose; one query."""
    lists = Impression.objects.filter(purpose=purpose, shown_at__gt=since).order_by().values("viewer")
    return dict(lists.annotate(n=Count("list_id", distinct=True)).values_list("viewer", "n"))
