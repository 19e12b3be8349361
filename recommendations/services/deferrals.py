"""Not now: leaving somebody out of one's lists for a while without saying anything of them."""

import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts import datasets as people
from accounts.models import Block, Purpose, User
from accounts.services import changes
from recommendations.models import Deferral, Impression

LASTS = datetime.timedelta(days=30)


class DeferralRefusedError(Exception):
    """One person cannot leave the other for later."""


@transaction.atomic
def defer(*, viewer: User, other: User, purpose: str, now: datetime.datetime | None = None) -> Deferral:
    """Leave somebody out of a person's lists for 30 days; again makes it 30 days from now.

    Raises
    ------
    DeferralRefusedError
        When there is no such purpose, or the other was never shown to the viewer for it or is blocked from them.
    """
    now = now or timezone.now()
    was_shown = Impression.objects.filter(viewer=viewer, shown=other, purpose=purpose).exists()
    if purpose not in Purpose or not was_shown or other.pk in Block.objects.ids_apart_from(viewer.pk):
        raise DeferralRefusedError("This person was not shown to you.")
    Deferral.objects.filter(viewer=viewer, until__lte=now).delete()
    found, _ = Deferral.objects.update_or_create(
        viewer=viewer, other=other, purpose=purpose, defaults={"until": now + LASTS, "made_at": now}
    )
    changes.note(viewer.pk)
    return found


@transaction.atomic
def take_back(*, viewer: User, other: User, purpose: str) -> None:
    """Let somebody be shown to a person again; where nothing was put off nothing changes."""
    Deferral.objects.filter(viewer=viewer, other=other, purpose=purpose).delete()
    changes.note(viewer.pk)


def standing(*, viewer: User) -> QuerySet[Deferral]:
    """Return whom a person does not want to see now, newest first, of those who are still here for them."""
    return (
        Deferral.objects.in_force()
        .filter(viewer=viewer, other__in=people.participants())
        .exclude(other__in=Block.objects.ids_apart_from(viewer.pk))
        .select_related("other__profile", "other__photo")
        .order_by("-made_at", "-pk")
    )


def until(*, viewer: User, other: User, purpose: str) -> datetime.datetime | None:
    """Return how long somebody stays out of a person's lists; None for who is not put off."""
    found = Deferral.objects.in_force().filter(viewer=viewer, other=other, purpose=purpose)
    return found.values_list("until", flat=True).first()
