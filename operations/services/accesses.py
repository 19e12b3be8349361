"""Reading what a person answered or wrote: with a written reason, and never without a trace."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from accounts.models import User
from conversations.models import Message
from ml.items import ITEMS
from operations.models import Access
from recommendations.models import Match
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
    """Return what a person answered or wrote, and write down who read it and why, in one transaction."""
    kind = Access.What(what)
    lines = _answers(person) if kind == Access.What.ANSWERS else _messages(person)
    Access.objects.create(
        made_by=made_by, person_public_id=person.public_id, what=kind, reason=reason, n_read=len(lines)
    )
    return lines


def _answers(person: User) -> list[Line]:
    """Return the answers of the current sheet."""
    sheet = AnswerSheet.objects.filter(user=person, is_current=True).first()
    if sheet is None:
        return []
    given = zip(ITEMS, bytes(sheet.answers), strict=True)
    return [Line(item.text, str(ANSWER_WORDS[answer - 1])) for item, answer in given if answer]


def _messages(person: User) -> list[Line]:
    """Return the newest messages of a person's conversations, oldest first, both sides: one makes no sense alone."""
    written = Message.objects.filter(match__in=Match.objects.ever_of(person.pk), deleted_at=None)
    newest = list(written.select_related("match").order_by("-written_at", "-pk")[:MOST_MESSAGES])
    lines = []
    for message in reversed(newest):
        side = "this person" if message.sender_id == person.pk else "the other"
        about = f"{message.written_at:%Y-%m-%d %H:%M}, match {str(message.match.public_id)[:8]}, {side}"
        lines.append(Line(about, message.text))
    return lines
