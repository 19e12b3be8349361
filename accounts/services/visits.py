"""Noting when people are here."""

import datetime

from django.db.models import F

from accounts.models import User, Visit
from accounts.models.visit import PAUSE_THAT_ENDS_A_VISIT


def record_request(*, user: User, now: datetime.datetime) -> None:
    """Count a request to the visit it belongs to; after a pause of 30 minutes a new visit begins."""
    newest = Visit.objects.filter(user=user).order_by("-last_seen_at").values("pk", "last_seen_at").first()
    if newest is not None and now - newest["last_seen_at"] <= PAUSE_THAT_ENDS_A_VISIT:
        Visit.objects.filter(pk=newest["pk"]).update(last_seen_at=now, n_requests=F("n_requests") + 1)
    else:
        Visit.objects.create(user=user, started_at=now, last_seen_at=now, is_demo=user.is_demo)
