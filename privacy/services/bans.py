"""Deleting the accounts of people whom operators banned; the decision is a row that this finds."""

import datetime

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from accounts.models import Notice, User
from operations.models import Decision
from privacy.services import deletion

# For so long the mail that tells of a ban is waited for: it goes with the account.
MAIL_WITHIN = datetime.timedelta(hours=24)


def delete_banned() -> int:
    """Delete who was banned and is still closed; return how many.

    An account that was opened again stays, also when it is suspended later: what was decided last counts.
    """
    closing = Q(action__in=(Decision.Action.BAN, Decision.Action.SUSPEND))
    later = Decision.objects.filter(closing, person_public_id=OuterRef("person_public_id"), pk__gt=OuterRef("pk"))
    banned = Decision.objects.filter(~Exists(later), action=Decision.Action.BAN).values("person_public_id")
    untold = Notice.objects.filter(user=OuterRef("pk"), sent_at=None, made_at__gt=timezone.now() - MAIL_WITHIN)
    closed = User.objects.filter(~Exists(untold), public_id__in=banned, is_active=False, suspended_until=None)
    people = list(closed.filter(deleted_at=None))
    for person in people:
        deletion.delete(user=person)
    return len(people)
