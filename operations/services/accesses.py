"""Reading what a person answered or wrote: with a written reason, and never without a trace."""

import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from accounts.models import User
from conversations.models import Message
from ml.items import ITEMS
from operations.models import Access
from recommendations.models import Match, Verdict
from surveys.models import AnswerSheet
from surveys.services.questions import ANSWER_WORDS

# The newest; whoever needs more asks again for a narrower reason.
MOST_MESSAGES = 500


@dataclass(frozen=True)
class Line:
    """One thing that was read: when or which, and the words."""

    about: str
    words: str


@transaction.atomic
def read(*, made_by: User, person: User, what: str, reason: str) -> Sequence[Line]:
    """Return what a person answered or wrote, and write down who read it and why, in one transaction.

    Whose words were read with theirs has a row too.
    """
    kind = Access.What(what)
    read_of: Counter[uuid.UUID] = Counter()
    lines = _answers(person) if kind == Access.What.ANSWERS else _written(person, read_of)
    read_of[person.public_id] = len(lines)
    for public_id, n_read in read_of.items():
        Access.objects.create(made_by=made_by, person_public_id=public_id, what=kind, reason=reason, n_read=n_read)
    return lines


def _answers(person: User) -> list[Line]:
    """Return the answers of the current sheet."""
    sheet = AnswerSheet.objects.filter(user=person, is_current=True).first()
    if sheet is None:
        return []
    given = zip(ITEMS, bytes(sheet.answers), strict=True)
    return [Line(item.text, str(ANSWER_WORDS[answer - 1])) for item, answer in given if answer]


def _written(person: User, read_of: Counter[uuid.UUID]) -> list[Line]:
    """Return a person's notes and the newest messages of their conversations, and count what others wrote in these.

    Both sides of a conversation: one makes no sense alone.
    """
    notes = Verdict.objects.filter(actor=person).exclude(note="").order_by("-given_at", "-pk")[:MOST_MESSAGES]
    lines = [Line(f"{said.given_at:%Y-%m-%d %H:%M}, note with a like, this person", said.note) for said in notes][::-1]
    written = Message.objects.filter(match__in=Match.objects.ever_of(person.pk), deleted_at=None)
    newest = list(written.select_related("match", "sender").order_by("-written_at", "-pk")[:MOST_MESSAGES])
    for message in reversed(newest):
        is_theirs = message.sender_id == person.pk
        if not is_theirs:
            read_of[message.sender.public_id] += 1
        side = "this person" if is_theirs else "the other"
        about = f"{message.written_at:%Y-%m-%d %H:%M}, match {str(message.match.public_id)[:8]}, {side}"
        lines.append(Line(about, message.text))
    return lines
