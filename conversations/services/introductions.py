"""The first words of each side: what they wrote with the like that made the match."""

from dataclasses import dataclass

from django.db.models import Q

from accounts.models import User
from recommendations.models import Match, Verdict, VerdictValue


@dataclass(frozen=True)
class Note:
    """What one of the two wrote before they knew of each other's like."""

    text: str
    is_mine: bool


def of_match(*, match: Match, user: User) -> list[Note]:
    """Return the notes of the two likes that stand, in the order in which they were given; one query."""
    low, high = match.low_id, match.high_id
    likes = Verdict.objects.filter(
        Q(actor=low, target=high) | Q(actor=high, target=low),
        purpose=match.purpose,
        is_current=True,
        value=VerdictValue.LIKE,
    )
    noted = likes.exclude(note="").order_by("given_at", "pk").values_list("note", "actor_id")
    return [Note(text, actor_id == user.pk) for text, actor_id in noted]
