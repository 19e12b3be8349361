"""Closing an account for a time or for good: nobody signs in with it, and its person is shown to nobody."""

import datetime

from django.db import transaction

from accounts.models import User
from accounts.services import changes


@transaction.atomic
def suspend(*, user: User, until: datetime.datetime) -> None:
    """Close an account; a sweep opens it again once the time is over."""
    _close(user, until)


@transaction.atomic
def close(*, user: User) -> None:
    """Close an account for good."""
    _close(user, None)


def end_over(*, now: datetime.datetime) -> int:
    """Open the accounts whose suspension is over; return how many that were."""
    over = User.objects.filter(is_active=False, deleted_at=None, suspended_until__lte=now)
    with transaction.atomic():
        ids = list(over.select_for_update().values_list("pk", flat=True))
        User.objects.filter(pk__in=ids).update(is_active=True, suspended_until=None)
        changes.note(*ids)
    return len(ids)


def _close(user: User, until: datetime.datetime | None) -> None:
    user.is_active, user.suspended_until = False, until
    user.save(update_fields=["is_active", "suspended_until"])
    changes.note(user.pk)
