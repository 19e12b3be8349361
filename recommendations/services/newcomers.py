"""Telling people that somebody new is like them: not who, not how many, and nothing is written but the note."""

import datetime
import time
from collections.abc import Iterator, Mapping

import numpy as np
from django.conf import settings
from django.db.models import Max
from django.utils import timezone
from numpy.typing import NDArray

from accounts.datasets import find_rows
from accounts.models import Consent, Notification, NotificationChoice, Preference, Purpose, User
from accounts.models.notification import PAUSES, Frequency
from accounts.services import notifications
from ml import serving
from recommendations.models import Impression, Label, PreferenceVersion
from recommendations.services import displayed, eligibility, publishing, tastes
from recommendations.services.population import Everybody, Population
from surveys.models import AnswerSheet

# The sweep comes once a day and not to the second.
SHORTEST_PAUSE, SLACK = datetime.timedelta(days=1), datetime.timedelta(hours=1)
# Whom the time does not reach today has the same chance tomorrow.
SECONDS_FOR_A_SWEEP = 240.0
LEAST_LABEL = Label.CLOSE
NEVER = -np.inf


def tell(*, now: datetime.datetime, rng: np.random.Generator | None = None) -> int:
    """Note for who wants to know it that somebody like them has come, and return for how many people.

    Each purpose reads everybody once, into arrays of its own that go afterwards; a person costs a few queries, and
    only where somebody has come since their last visit.
    """
    version = publishing.active_preference_version()
    waiting = _waiting(now) if version is not None else {}
    if version is None or not waiting:
        return 0
    ends_at = time.monotonic() + SECONDS_FOR_A_SWEEP
    order = (rng or np.random.default_rng()).permutation(list(waiting)).tolist()
    told: set[int] = set()
    for purpose in Purpose.values:
        left = {user_id: waiting[user_id] for user_id in order if user_id not in told}
        told.update(_like_somebody_new(version, purpose, left, now, ends_at))
    return _note(told)


def _waiting(now: datetime.datetime) -> dict[int, float]:
    """Return who wants to know of new people and is not told too soon, and since when people are new to each.

    That is since they were last here, or last told. Three queries.
    """
    chosen = dict(NotificationChoice.objects.filter(kind=Notification.Kind.PEOPLE).values_list("user", "frequency"))
    told = dict(Notification.objects.filter(kind=Notification.Kind.PEOPLE).values_list("user", "created_at"))
    wanting = Consent.objects.filter(kind=Consent.Kind.MAIL).in_force().values("user")
    people = User.objects.real().filter(pk__in=wanting).annotate(seen_at=Max("visits__last_seen_at"))
    waiting = {}
    for user_id, joined_on, seen_at in people.values_list("pk", "joined_on", "seen_at"):
        frequency = chosen.get(user_id, NotificationChoice.DEFAULTS[Notification.Kind.PEOPLE])
        last = told.get(user_id)
        if frequency == Frequency.NEVER or (last is not None and now - last < _pause(frequency)):
            continue
        moments = [moment for moment in (seen_at, last) if moment is not None]
        waiting[user_id] = max(moments, default=_start_of(joined_on)).timestamp()
    return waiting


def _pause(frequency: str) -> datetime.timedelta:
    """Return how soon after a note the next one may follow."""
    return max(PAUSES[frequency], SHORTEST_PAUSE) - SLACK


def _start_of(day: datetime.date) -> datetime.datetime:
    """Return the first moment of a day."""
    return timezone.make_aware(datetime.datetime.combine(day, datetime.time.min))


def _like_somebody_new(
    version: PreferenceVersion, purpose: str, waiting: Mapping[int, float], now: datetime.datetime, ends_at: float
) -> Iterator[int]:
    """Yield the people whose best for a purpose now include somebody new who is much like them, while there is time."""
    since = min(waiting.values(), default=now.timestamp())
    arrivals = _arrivals(purpose, datetime.datetime.fromtimestamp(since, tz=datetime.UTC))
    if not waiting or not arrivals:
        return
    with Population(version=version, purpose=purpose).hold(now=now) as everybody:
        came_at = _by_row(everybody, arrivals)
        for user_id, seen_at in waiting.items():
            if time.monotonic() > ends_at:
                return
            new = _new_among_the_best(everybody, version, purpose, user_id, came_at > seen_at, now)
            if _are_any_close(user_id, new, version, purpose, now):
                yield user_id


def _arrivals(purpose: str, since: datetime.datetime) -> dict[int, float]:
    """Return who has come for a purpose since a moment, by their answers or by opening it, and when. Two queries."""
    sheets = AnswerSheet.objects.filter(is_current=True, changed_at__gt=since)
    sheets = sheets.filter(n_answered__gte=settings.SHOWN_FROM_ANSWERS)
    opened = Preference.objects.filter(purpose=purpose, is_active=True, updated_at__gt=since)
    found: dict[int, float] = {}
    for rows in (sheets.values_list("user_id", "changed_at"), opened.values_list("user_id", "updated_at")):
        for user_id, moment in rows:
            found[user_id] = max(found.get(user_id, NEVER), moment.timestamp())
    return found


def _by_row(everybody: Everybody, arrivals: Mapping[int, float]) -> NDArray[np.float64]:
    """Return when each row has come; never for who was here before, and for the demo, which is news to nobody."""
    came_at = np.full(len(everybody.facts), NEVER)
    rows = find_rows(everybody.facts.user_ids, np.array(list(arrivals), dtype=np.int64), everybody.facts.order)
    came_at[rows[rows >= 0]] = np.array(list(arrivals.values()))[rows >= 0]
    came_at[everybody.facts.is_demo] = NEVER
    return came_at


def _new_among_the_best(
    everybody: Everybody,
    version: PreferenceVersion,
    purpose: str,
    user_id: int,
    is_new: NDArray[np.bool_],
    now: datetime.datetime,
) -> list[int]:
    """Return who of the new people would stand in a person's list by rank; nobody for who can see no list."""
    position = everybody.facts.position_of(user_id)
    if position is None or not everybody.is_shown[position]:
        return []
    found = eligibility.eligible(
        facts=everybody.facts,
        viewer=position,
        apart=eligibility.apart_from(viewer_id=user_id, purpose=purpose, now=now),
        room_left=everybody.room_left,
        is_shown=everybody.is_shown,
    )
    if not (found & is_new).any():
        return []
    unlearn = tastes.to_leave_out(version=version, purpose=purpose, viewer_id=user_id)
    seen = everybody.by_likeness(unlearn) if unlearn else everybody
    corrections = {} if unlearn else tastes.corrections_for(version=version, purpose=purpose, viewer_id=user_id)
    ranking = serving.rank(
        seen.outgoing, seen.incoming, position, found, n=settings.LIST_SIZE, corrections=seen.corrected(corrections)
    )
    best = ranking.rows[is_new[ranking.rows]]
    return [int(found_id) for found_id in everybody.facts.user_ids[best]]


def _are_any_close(
    user_id: int, new: list[int], version: PreferenceVersion, purpose: str, now: datetime.datetime
) -> bool:
    """Whether a list would call somebody close whom no list for this purpose has shown to a person yet."""
    shown = (
        Impression.objects.filter(viewer=user_id, shown__in=new, purpose=purpose) if new else Impression.objects.none()
    )
    unseen = sorted(set(new) - set(shown.values_list("shown_id", flat=True)))
    if not unseen:
        return False
    said = displayed.displayed_of(
        viewer=User.objects.get(pk=user_id),
        shown_ids=unseen,
        purpose=purpose,
        version=version.measurement_version,
        outlook=None,
        now=now,
    )
    return any(one.label >= LEAST_LABEL for one in said)


def _note(user_ids: set[int]) -> int:
    """Note it for each, in a row of their own that every time renews; return how many there are."""
    for user_id, public_id in User.objects.real().filter(pk__in=user_ids).values_list("pk", "public_id"):
        notifications.notify(user_id=user_id, kind=Notification.Kind.PEOPLE, subject_public_id=public_id)
    return len(user_ids)
