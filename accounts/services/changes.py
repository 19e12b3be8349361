"""The sequence of changes: who must be read anew by processes that keep facts about people in memory.

Every service that changes what eligibility or scores are made of notes it here, in the same transaction.
"""

import datetime
from collections.abc import Collection

from django.utils import timezone

from accounts.models import Change

# Transactions commit out of order: a change may be seen this much later than the moment it bears.
OVERLAP = datetime.timedelta(seconds=10)
# Where looking farther back costs next to nothing, slow transactions and clocks apart are allowed for.
SLOWEST = datetime.timedelta(minutes=2)
# Who has not looked for longer reads everything anew.
KEPT_FOR = datetime.timedelta(days=1)
BATCH_SIZE = 1000


def note(*user_ids: int) -> None:
    """Say that something about people changed; one statement."""
    now = timezone.now()
    Change.objects.bulk_create((Change(user_id=user_id, changed_at=now) for user_id in user_ids), batch_size=BATCH_SIZE)


def since(moment: datetime.datetime) -> list[tuple[int, int]]:
    """Return the changes from a moment on, each as its own id and that of the person; one query."""
    return list(Change.objects.filter(changed_at__gte=moment).order_by("pk").values_list("pk", "user_id"))


def have_changed(user_ids: Collection[int], *, since: datetime.datetime) -> bool:
    """Return whether something about any of several people may have changed since a moment; one query."""
    return Change.objects.filter(user_id__in=user_ids, changed_at__gte=since - SLOWEST).exists()


def forget(*, before: datetime.datetime | None = None) -> int:
    """Remove changes that everybody has seen, or has to do without; return how many."""
    before = before or timezone.now() - KEPT_FOR
    deleted, _ = Change.objects.filter(changed_at__lt=before).delete()
    return deleted
