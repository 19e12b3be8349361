"""Circles: founding, joining by invitation code, leaving."""

from django.core.cache import cache
from django.db import transaction

from accounts.models import Circle, CircleMembership, User

TRIES_AN_HOUR = 20


class NoSuchCircleError(Exception):
    """No circle has this invitation code."""


class TooManyTriesError(Exception):
    """Somebody is guessing invitation codes."""


@transaction.atomic
def found(*, user: User, name: str, description: str = "") -> Circle:
    """Found a circle; the founder is its first member."""
    circle = Circle.objects.create(owner=user, name=name, description=description)
    CircleMembership.objects.create(circle=circle, user=user)
    return circle


def join(*, user: User, code: str) -> Circle:
    """Join the circle of an invitation code; joining twice changes nothing.

    Raises
    ------
    TooManyTriesError
        After 20 codes within an hour.
    NoSuchCircleError
        When no circle has this code.
    """
    key = f"circle-tries:{user.pk}"
    cache.add(key, 0, timeout=60 * 60)
    if cache.incr(key) > TRIES_AN_HOUR:
        raise TooManyTriesError("That were many codes. Try again in an hour.")
    circle = Circle.objects.filter(code=code.strip().lower()).first()
    if circle is None:
        raise NoSuchCircleError("No circle has this invitation code. Ask for the link again.")
    CircleMembership.objects.get_or_create(circle=circle, user=user)
    return circle


def leave(*, user: User, circle: Circle) -> None:
    """Leave a circle; the last one to leave closes it."""
    with transaction.atomic():
        CircleMembership.objects.filter(circle=circle, user=user).delete()
        if not circle.memberships.exists():
            circle.delete()
