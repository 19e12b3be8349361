"""Parting: ending a match, reporting what was written, and all of it at once."""

import uuid

from django.db import transaction

from accounts.models import Report, User
from accounts.services import safety as account_safety
from conversations.models import Message
from recommendations.models import Match, Verdict, VerdictValue
from recommendations.services import matches, safety, verdicts

# How much of a conversation a report keeps.
N_KEPT = 30


@transaction.atomic
def unmatch(*, user: User, public_id: uuid.UUID) -> None:
    """End a match for both, for its purpose alone, and tell no one; who it was is not proposed again.

    Raises
    ------
    Match.DoesNotExist
        When the person has no such match.
    """
    match = matches.readable(user=user).get(public_id=public_id)
    if match.is_left:
        matches.put_away(user=user, match=match)
        return
    verdicts.record(actor=user, target=match.other(user.pk), purpose=match.purpose, value=VerdictValue.PASS)


@transaction.atomic
def block(*, user: User, public_id: uuid.UUID) -> None:
    """Keep the two of a match apart for every purpose.

    Raises
    ------
    Match.DoesNotExist
        When the person has no such match.
    """
    match = matches.of(user=user).get(public_id=public_id)
    safety.block(blocker=user, blocked=match.other(user.pk))


@transaction.atomic
def report(
    *, user: User, public_id: uuid.UUID, reason: str, details: str, message_id: uuid.UUID | None = None
) -> Report:
    """Report a match, or one message of it, with a copy of what was written last.

    Raises
    ------
    Match.DoesNotExist
        When the person has no such match.
    Message.DoesNotExist
        When the other wrote no such message.
    """
    match = matches.of(user=user).get(public_id=public_id)
    subject = match.other(user.pk)
    message = None if message_id is None else reportable(user=user, match=match, public_id=message_id)
    return account_safety.report(
        reporter=user,
        subject=subject,
        reason=reason,
        details=details,
        kind="match" if message is None else "message",
        subject_public_id=public_id if message is None else message.public_id,
        words=[*_notes(match, subject), *_words(match, user, message)],
    )


def reportable(*, user: User, match: Match, public_id: uuid.UUID) -> Message:
    """Return a message that the other side wrote.

    Raises
    ------
    Message.DoesNotExist
        When there is none.
    """
    return match.messages.exclude(sender=user).get(public_id=public_id)


@transaction.atomic
def get_safe(*, user: User, public_id: uuid.UUID, details: str = "") -> None:
    """Report a match, end it, and keep the two apart: all or nothing.

    Raises
    ------
    Match.DoesNotExist
        When the person has no such match.
    """
    report(user=user, public_id=public_id, reason=Report.Reason.RUDE, details=details)
    unmatch(user=user, public_id=public_id)
    safety.block(blocker=user, blocked=Match.objects.get(public_id=public_id).other(user.pk))


def _notes(match: Match, writer: User) -> list[dict[str, str]]:
    """Return the note that came with a like, as the conversation shows it on top."""
    liked = Verdict.objects.filter(
        actor=writer, target=match.other_id(writer.pk), purpose=match.purpose, is_current=True
    ).exclude(note="")
    return [
        {"from": "reported", "message": "", "written_at": said.given_at.isoformat(), "text": said.note}
        for said in liked
    ]


def _words(match: Match, reporter: User, message: Message | None) -> list[dict[str, str]]:
    """Return what was written up to now, or up to a message and what followed at once."""
    rows = match.messages.all() if message is None else match.messages.filter(number__lte=message.number + N_KEPT // 2)
    return [
        {
            "from": "reporter" if row.sender_id == reporter.pk else "reported",
            "message": str(row.public_id),
            "written_at": row.written_at.isoformat(),
            "text": row.text,
        }
        for row in list(rows.order_by("-number")[:N_KEPT])[::-1]
    ]
