"""Blocking somebody: the block itself, and the matches that it ends."""

from django.db import transaction

from accounts.models import User
from accounts.services import safety
from recommendations.services import locks, matches


@transaction.atomic
def block(*, blocker: User, blocked: User) -> None:
    """Keep two people apart and end what they had."""
    # A like on its way from the other side waits, and then finds the block.
    locks.hold(blocker.pk, blocked.pk)
    safety.block(blocker=blocker, blocked=blocked)
    matches.end_between(one=blocker, other=blocked)
