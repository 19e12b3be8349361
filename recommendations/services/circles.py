"""What circles leave behind in lists, and how it goes when somebody leaves one."""

from django.db.models import Exists, OuterRef, Q

from accounts.models import CircleMembership
from recommendations.models import Impression


def forget_left() -> int:
    """Take the circle off lists whose viewer or shown person is in it no more; return how many rows that were.

    That somebody was shown stays, for the metrics and so that a verdict can be taken back; where, is forgotten.
    """
    inside = CircleMembership.objects.filter(circle=OuterRef("circle"))
    both = Exists(inside.filter(user=OuterRef("viewer"))) & Exists(inside.filter(user=OuterRef("shown")))
    return Impression.objects.filter(Q(circle__isnull=False) & ~both).update(circle=None, filters="")
