"""Writing to a match, and changing or taking away what one wrote."""

import datetime
import uuid

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from accounts.models import Notification, User
from accounts.services import changes, notifications
from conversations.models import Message
from recommendations.models import Match
from recommendations.services import matches, room

MOST_A_MINUTE = 30


class TooFastError(Exception):
    """Somebody sends more messages in a minute than anybody types."""


@transaction.atomic
def send(*, user: User, public_id: uuid.UUID, text: str, token: uuid.UUID) -> Message:
    """Write to a match and tell the other; the same form sent again is the same message.

    Raises
    ------
    Match.DoesNotExist
        When the person has no such match.
    TooFastError
        After 30 messages within a minute.
    """
    # Held, so that numbers rise in the order in which messages can be seen.
    match = matches.hold(user=user, public_id=public_id)
    sent = Message.objects.filter(sender=user, token=token).first()
    if sent is not None:
        return sent
    now = timezone.now()
    _refuse_haste(user, now)
    number = _next_revision(match)
    message = Message.objects.create(
        match=match,
        sender=user,
        text=text,
        token=token,
        number=number,
        revision=number,
        written_at=now,
        is_demo=match.is_demo,
    )
    _take_room(match, now)
    match.note_message(user.pk, at=now)
    _tell(match, match.other_id(user.pk))
    return message


@transaction.atomic
def rewrite(*, user: User, match_id: uuid.UUID, public_id: uuid.UUID, text: str) -> Message:
    """Change what one wrote; the other sees that it was changed.

    Raises
    ------
    Match.DoesNotExist
        When the person has no such match.
    Message.DoesNotExist
        When the person wrote no such message, or took it away.
    """
    match, message = _own(user, match_id, public_id)
    if message.text != text:
        message.text, message.edited_at, message.revision = text, timezone.now(), _next_revision(match)
        message.save(update_fields=["text", "edited_at", "revision"])
    return message


@transaction.atomic
def take_away(*, user: User, match_id: uuid.UUID, public_id: uuid.UUID) -> Message:
    """Empty a message that one wrote; both see that there was one.

    Raises
    ------
    Match.DoesNotExist
        When the person has no such match.
    Message.DoesNotExist
        When the person wrote no such message, or took it away before.
    """
    match, message = _own(user, match_id, public_id)
    message.text, message.deleted_at, message.revision = "", timezone.now(), _next_revision(match)
    message.save(update_fields=["text", "deleted_at", "revision"])
    return message


@transaction.atomic
def empty(*, sender: User, public_id: uuid.UUID) -> None:
    """Empty a message that must not stay, also where the match has ended; one that is gone already stays gone."""
    message = Message.objects.filter(sender=sender, public_id=public_id, deleted_at=None).first()
    if message is None:
        return
    match = Match.objects.select_for_update().get(pk=message.match_id)
    message.text, message.deleted_at, message.revision = "", timezone.now(), _next_revision(match)
    message.save(update_fields=["text", "deleted_at", "revision"])


def own(*, user: User, match: Match, public_id: uuid.UUID) -> Message:
    """Return a message that a person wrote in a match and has not taken away.

    Raises
    ------
    Message.DoesNotExist
        When there is none.
    """
    return match.messages.get(public_id=public_id, sender=user, deleted_at=None)


def _own(user: User, match_id: uuid.UUID, public_id: uuid.UUID) -> tuple[Match, Message]:
    match = matches.hold(user=user, public_id=match_id)
    return match, own(user=user, match=match, public_id=public_id)


def _refuse_haste(user: User, now: datetime.datetime) -> None:
    """Stop who sends too much at once, whomever it goes to."""
    lately = Message.objects.filter(sender=user, written_at__gt=now - datetime.timedelta(minutes=1))
    if lately.count() >= MOST_A_MINUTE:
        raise TooFastError


def _next_revision(match: Match) -> int:
    """Return the next number of a match that is held."""
    return (match.messages.aggregate(newest=Max("revision"))["newest"] or 0) + 1


def _take_room(match: Match, now: datetime.datetime) -> None:
    """Say that two people have less room from now on, where their conversation begins or begins again."""
    if match.last_message_at is None or match.last_message_at < now - room.GOES_ON_FOR:
        changes.note(match.low_id, match.high_id)


def _tell(match: Match, user_id: int) -> None:
    """Tell the other once until they look; what comes before that is no news."""
    kind, subject = Notification.Kind.MESSAGE, match.public_id
    untold = Notification.objects.filter(user=user_id, kind=kind, subject_public_id=subject, read_at=None)
    if not untold.exists():
        notifications.notify(user_id=user_id, kind=kind, subject_public_id=subject)
