"""What is new in a conversation: the one place that knows how news come, today by asking again and again."""

from dataclasses import dataclass

from django.db.models import Max

from conversations.models import Message
from recommendations.models import Match

# How often a page that somebody looks at asks.
SECONDS_BETWEEN = 4


@dataclass(frozen=True)
class News:
    """What happened in a conversation since a moment that its reader knows by a revision."""

    written: list[Message]
    changed: list[Message]
    """Written before, edited or taken away since."""
    revision: int
    """Who asks next time asks from here."""

    def __bool__(self) -> bool:
        return bool(self.written or self.changed)


def since(*, match: Match, after: int) -> News:
    """Return what happened after a revision, in order; one query. Nothing is missed and nothing comes twice."""
    rows = list(match.messages.filter(revision__gt=after).order_by("number"))
    return News(
        written=[row for row in rows if row.number > after],
        changed=[row for row in rows if row.number <= after],
        revision=max((row.revision for row in rows), default=after),
    )


def revision_of(*, match: Match) -> int:
    """Return the newest revision of a conversation."""
    newest: int | None = match.messages.aggregate(newest=Max("revision"))["newest"]
    return newest or 0
