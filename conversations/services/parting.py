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
# What is reported where it is neither a message nor all that was said.
NOTE = "note"


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
    *, user: User, public_id: uuid.UUID, reason: str, details: str, about: uuid.UUID | str | None = None
) -> Report:
    """Report a match, one message of it, or the note that came with the like, with a copy of what was written last.

    Raises
    ------
    Match.DoesNotExist
        When the person has no such match.
    Message.DoesNotExist
        When the other wrote no such message or note.
    """
    match = matches.of(user=user).get(public_id=public_id)
    subject = match.other(user.pk)
    notes = _notes(match, subject)
    if about == NOTE and not notes:
        raise Message.DoesNotExist
    message = reportable(user=user, match=match, public_id=about) if isinstance(about, uuid.UUID) else None
    return account_safety.report(
        reporter=user,
        subject=subject,
        reason=reason,
        details=details,
        kind="message" if message is not None else NOTE if about == NOTE else "match",
        subject_public_id=public_id if message is None else message.public_id,
        words=[*notes, *_words(match, user, message)],
    )


def reportable(*, user: User, match: Match, public_id: uuid.UUID) -> Message:
    """Return a message that the other side wrote.

    Raises
    ------
    Message.DoesNotExist
        When there is none.
    """
    return match.messages.exclude(sender=user).get(public_id=public_id)


def note_to(*, user: User, match: Match) -> str:
    """Return the note that came with the like of the other side; empty where there was none."""
    return "".join(said["text"] for said in _notes(match, match.other(user.pk)))


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
