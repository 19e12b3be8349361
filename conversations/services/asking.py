"""Two private questions, two weeks after a match: whether the two met, and whether they would again."""

import datetime
from dataclasses import dataclass

from django.utils import timezone

from accounts.models import User
from recommendations.models import Match

ASKED_AFTER = datetime.timedelta(days=14)


@dataclass(frozen=True)
class Answered:
    """What one of the two said, or None as long as nothing was."""

    met: bool | None
    again: bool | None
    is_asked: bool
    """Whether the questions stand in the conversation now."""
    is_due: bool
    """Whether there is anything to ask at all."""


def of_match(*, match: Match, user: User, now: datetime.datetime | None = None) -> Answered:
    """Return what a person answered, and whether to ask: after two weeks, once there was a word, until an answer."""
    met = match.met(user.pk)
    is_due = match.last_message_at is not None and match.matched_at <= (now or timezone.now()) - ASKED_AFTER
    is_asked = is_due and met is None and not match.is_unasked(user.pk)
    return Answered(met=met, again=match.again(user.pk), is_asked=is_asked, is_due=is_due)
