"""Reading: pages of a conversation, how far somebody has read, and the list of conversations."""

import datetime
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Count, F, Q
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.models import Circle, Notification, User
from conversations.models import Message, Reading
from recommendations.models import Match
from recommendations.models.match import MatchQuerySet
from recommendations.services import matches

PAGE_SIZE = 50


@dataclass(frozen=True)
class Line:
    """A message as one of the two sees it."""

    message: Message
    is_mine: bool
    day: datetime.date | None
    """The day that begins with this message, if one does."""


@dataclass(frozen=True)
class Page:
    """A part of a conversation, oldest first."""

    lines: list[Line]
    earlier: int | None
    """Before which number there is more, if there is."""


@dataclass(frozen=True)
class Summary:
    """A conversation as the list shows it."""

    match: Match
    other: User
    last: Message | None
    n_unread: int
    is_mine: bool
    """Whether the last message is one's own."""

    @property
    def moved_at(self) -> datetime.datetime:
        """When something last happened."""
        return self.match.last_message_at or self.match.matched_at


def find(*, user: User, public_id: uuid.UUID) -> Match:
    """Return a match whose conversation a person may read.

    Raises
    ------
    Match.DoesNotExist
        When there is none.
    """
    return matches.readable(user=user).get(public_id=public_id)


def page(*, match: Match, user: User, before: int) -> Page:
    """Return the newest messages before a number; one query."""
    newest = list(match.messages.filter(number__lt=before).order_by("-number")[: PAGE_SIZE + 1])
    shown = newest[:PAGE_SIZE][::-1]
    return Page(
        lines=lines(messages=shown, user=user),
        earlier=shown[0].number if len(newest) > PAGE_SIZE else None,
    )


def lines(*, messages: Iterable[Message], user: User, after: datetime.date | None = None) -> list[Line]:
    """Return messages as one of the two sees them, with the days that begin between them."""
    seen = []
    for message in messages:
        day = timezone.localdate(message.written_at)
        seen.append(Line(message, message.sender_id == user.pk, day if day != after else None))
        after = day
    return seen


def day_before(*, match: Match, number: int) -> datetime.date | None:
    """Return the day of the last message before a number; one query."""
    before = match.messages.filter(number__lt=number).order_by("-number").first()
    return None if before is None else timezone.localdate(before.written_at)


def day_across(*, match: Match, number: int) -> datetime.date | None:
    """Return the day of a message if the one before it is of the same day; two queries."""
    message = match.messages.filter(number=number).first()
    day = None if message is None else timezone.localdate(message.written_at)
    return day if day == day_before(match=match, number=number) else None


@transaction.atomic
def mark_read(*, match: Match, user: User, up_to: int) -> None:
    """Note how far a person has read; never back again."""
    reading, is_new = Reading.objects.get_or_create(match=match, user=user, defaults={"up_to": up_to})
    if not is_new and reading.up_to < up_to:
        Reading.objects.filter(pk=reading.pk, up_to__lt=up_to).update(up_to=up_to, read_at=timezone.now())
    told = Notification.objects.filter(
        user=user,
        kind__in=(Notification.Kind.MATCH, Notification.Kind.MESSAGE),
        subject_public_id=match.public_id,
        read_at=None,
    )
    told.update(read_at=timezone.now())


def conversations(*, user: User, purpose: str = "", circle: Circle | None = None) -> MatchQuerySet:
    """Return the matches whose conversations a person may read, where something happened last first."""
    found = matches.readable(user=user)
    if purpose:
        found = found.filter(purpose=purpose)
    if circle is not None:
        # Who hides in a circle is not given away by being found in it.
        other_is_listed = Q(low=user, high__circle_memberships__is_listed=True) | Q(
            high=user, low__circle_memberships__is_listed=True
        )
        found = found.filter(
            other_is_listed, low__circle_memberships__circle=circle, high__circle_memberships__circle=circle
        )
    return found.order_by(Coalesce(F("last_message_at"), F("matched_at")).desc(), "-pk")


def summaries(*, user: User, found: Sequence[Match]) -> list[Summary]:
    """Return conversations with their last message and how many are unread; two queries."""
    held = Message.objects.filter(match__in=found)
    last = {message.match_id: message for message in held.newest_of_each()}
    unread = dict(held.unread_by(user.pk).order_by().values_list("match_id").annotate(n=Count("pk")))
    return [
        Summary(
            match=match,
            other=match.other(user.pk),
            last=last.get(match.pk),
            n_unread=unread.get(match.pk, 0),
            is_mine=match.pk in last and last[match.pk].sender_id == user.pk,
        )
        for match in found
    ]
