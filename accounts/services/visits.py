"""Noting when people are here."""

import datetime

from django.db import transaction
from django.db.models import F

from accounts.models import User, Visit
from accounts.models.visit import PAUSE_THAT_ENDS_A_VISIT


def record_request(*, user: User, now: datetime.datetime) -> None:
    """Count a request to the visit it belongs to; after a pause of 30 minutes a new visit begins.

    One UPDATE, but for the first request of a visit.
    """
    if _is_counted(user, now):
        return
    with transaction.atomic():
        # Held, so that a page and what it loads at the same moment begin one visit and not several.
        held = User.objects.select_for_update().filter(pk=user.pk).first()
        if held is not None and not _is_counted(held, now):
            Visit.objects.create(user=held, started_at=now, last_seen_at=now, is_demo=held.is_demo)


def _is_counted(user: User, now: datetime.datetime) -> bool:
    """Count a request to a visit that has not ended, and return whether there is one."""
    going_on = Visit.objects.filter(user=user, last_seen_at__gte=now - PAUSE_THAT_ENDS_A_VISIT)
    return going_on.update(last_seen_at=now, n_requests=F("n_requests") + 1) > 0
