"""What a sweep notices about people, for others to look at: nothing here acts on anybody.

Whatever is found is a flag of one person and one kind. A flag that was decided opens again only for what happened after
the newest thing it was about.
"""

import datetime
import functools
import operator
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from django.db import transaction
from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet
from numpy.typing import NDArray

from conversations.models import Message
from conversations.texts import BY_PURPOSE, OPENERS
from ml.items import N_ITEMS
from operations.models import Flag
from recommendations.models import Verdict, VerdictValue
from recommendations.services.verdicts import MOST_LIKES_AN_HOUR
from surveys.models import AnswerSheet

SAME_TO_SO_MANY = 5
MESSAGES_OF = datetime.timedelta(days=7)
LIKES_OF = datetime.timedelta(days=1)
BURST = 20
BURST_WITHIN = datetime.timedelta(minutes=2)
LINKS = ("http://", "https://", "www.", "t.me/", "wa.me/", "bit.ly/", "discord.gg/")


@dataclass(frozen=True)
class Found:
    """That there is something about a person."""

    user_id: int
    n: int
    newest_at: datetime.datetime


def sweep(*, now: datetime.datetime) -> int:
    """Look for everything, and return how many flags were raised or raised again."""
    likes = _likes(now)
    return (
        _raise(Flag.Kind.OPENERS, _same_openers(now))
        + _raise(Flag.Kind.LINKS, _links(now))
        + _raise(Flag.Kind.BURST, within(likes, n=BURST, span=BURST_WITHIN))
        + _raise(Flag.Kind.MASS_LIKES, within(likes, n=MOST_LIKES_AN_HOUR, span=datetime.timedelta(hours=1)))
        + _raise(Flag.Kind.SAME_ANSWERS, _same_answers())
    )


@dataclass(frozen=True)
class Likes:
    """Likes, ordered by who gave them and when; one entry a like."""

    actors: NDArray[np.int64]
    seconds: NDArray[np.float64]
    """Since the epoch."""


def within(likes: Likes, *, n: int, span: datetime.timedelta) -> list[Found]:
    """Return who gave at least so many likes within so much time, at any moment."""
    if len(likes.actors) < n:
        return []
    first, last = slice(None, -n + 1 or None), slice(n - 1, None)
    is_close = (likes.actors[first] == likes.actors[last]) & (
        likes.seconds[last] - likes.seconds[first] <= span.total_seconds()
    )
    ends = likes.seconds[last][is_close]
    people, positions, counts = np.unique(likes.actors[last][is_close], return_index=True, return_counts=True)
    newest = np.maximum.reduceat(ends, positions) if len(people) else ends
    return [
        Found(int(actor), int(n + count - 1), datetime.datetime.fromtimestamp(moment, tz=datetime.UTC))
        for actor, count, moment in zip(people, counts, newest, strict=True)
    ]


def _likes(now: datetime.datetime) -> Likes:
    """Return the likes of the last day, those that were taken back as well."""
    given = Verdict.objects.filter(value=VerdictValue.LIKE, given_at__gt=now - LIKES_OF, is_demo=False)
    rows = list(given.order_by("actor_id", "given_at").values_list("actor_id", "given_at"))
    return Likes(
        actors=np.array([actor for actor, _ in rows], dtype=np.int64),
        seconds=np.array([moment.timestamp() for _, moment in rows], dtype=np.float64),
    )


def _first_messages(now: datetime.datetime) -> QuerySet[Message]:
    """Return what people wrote first to somebody in the last days, and still stands."""
    before = Message.objects.filter(match=OuterRef("match"), sender=OuterRef("sender"), number__lt=OuterRef("number"))
    lately = Message.objects.filter(written_at__gt=now - MESSAGES_OF, deleted_at=None, is_demo=False)
    return lately.filter(~Exists(before))


def _same_openers(now: datetime.datetime) -> list[Found]:
    """Return who began with the same words with many people; what the site itself suggests is no sign of anything."""
    repeated = (
        _first_messages(now)
        .exclude(text__in=[str(text) for text in (*OPENERS.values(), *BY_PURPOSE.values())])
        .values("sender_id", "text")
        .annotate(n=Count("match", distinct=True), newest=Max("written_at"))
        .filter(n__gte=SAME_TO_SO_MANY)
        .order_by("sender_id")
    )
    return _one_each(Found(row["sender_id"], row["n"], row["newest"]) for row in repeated)


def _links(now: datetime.datetime) -> list[Found]:
    """Return whose first words to somebody held a link."""
    holds_link = functools.reduce(operator.or_, (Q(text__icontains=link) for link in LINKS))
    sent = _first_messages(now).filter(holds_link).values("sender_id").order_by("sender_id")
    return [
        Found(row["sender_id"], row["n"], row["newest"])
        for row in sent.annotate(n=Count("pk"), newest=Max("written_at"))
    ]


def _same_answers() -> list[Found]:
    """Return whose complete answers are, byte for byte, those of another account."""
    complete = AnswerSheet.objects.filter(
        is_current=True, n_answered=N_ITEMS, user__deleted_at=None, user__is_demo=False
    )
    shared = complete.values("answers").annotate(n=Count("user", distinct=True)).filter(n__gt=1).order_by()
    counts = {bytes(row["answers"]): row["n"] for row in shared}
    sheets = complete.filter(answers__in=list(counts)).values_list("user_id", "answers", "changed_at")
    return [Found(user_id, counts[bytes(answers)], changed_at) for user_id, answers, changed_at in sheets]


def _one_each(found: Iterable[Found]) -> list[Found]:
    """Return the largest of what was found about each person."""
    largest: dict[int, Found] = {}
    for one in found:
        if one.user_id not in largest or one.n > largest[one.user_id].n:
            largest[one.user_id] = one
    return list(largest.values())


@transaction.atomic
def _raise(kind: str, found: list[Found]) -> int:
    """Write flags of one kind; one that was decided opens again for what is newer. Two queries, and one a change."""
    known = {
        flag.user_id: flag
        for flag in Flag.objects.select_for_update().filter(kind=kind, user__in=[one.user_id for one in found])
    }
    new = [
        Flag(kind=kind, user_id=one.user_id, n=one.n, newest_at=one.newest_at)
        for one in found
        if one.user_id not in known
    ]
    Flag.objects.bulk_create(new, ignore_conflicts=True)
    again = [(known[one.user_id], one) for one in found if one.user_id in known]
    n_opened = 0
    for flag, one in again:
        if one.newest_at > flag.newest_at:
            n_opened += flag.status == Flag.Status.CLOSED
            flag.status, flag.n, flag.newest_at = Flag.Status.OPEN, one.n, one.newest_at
            flag.save(update_fields=["status", "n", "newest_at"])
    return len(new) + n_opened
