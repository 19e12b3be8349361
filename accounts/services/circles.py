"""Circles: founding, joining by invitation code, leaving, and who is seen in one."""

from django.core.cache import cache
from django.db import transaction
from django.db.models import Q

from accounts.models import Block, Circle, CircleMembership, Profile, User
from accounts.services import changes

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
    changes.note(user.pk)
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
    _count_try(user)
    with transaction.atomic():
        # Held, so that the last member does not close the circle at the same moment.
        circle = Circle.objects.select_for_update().filter(code=code.strip().lower()).first()
        if circle is None:
            raise NoSuchCircleError("No circle has this invitation code. Ask for the link again.")
        CircleMembership.objects.get_or_create(circle=circle, user=user)
        changes.note(user.pk)
    return circle


@transaction.atomic
def leave(*, user: User, circle: Circle) -> None:
    """Leave a circle; its owner hands it to the member who has been in it longest, and the last one closes it."""
    held = Circle.objects.select_for_update().get(pk=circle.pk)
    CircleMembership.objects.filter(circle=held, user=user).delete()
    changes.note(user.pk)
    longest = held.memberships.order_by("joined_at", "pk").first()
    if longest is None:
        held.delete()
    elif held.owner_id in {user.pk, None}:
        held.owner_id = longest.user_id
        held.save(update_fields=["owner"])


def names_in(*, circle: Circle, viewer: User) -> list[str]:
    """Return the display names that a member sees: no more of anybody, and nothing of who is paused or blocked."""
    members = Profile.objects.filter(user__circle_memberships__circle=circle, user__is_active=True)
    may_be_seen = Q(is_paused=False) & ~Q(user__in=Block.objects.ids_apart_from(viewer.pk))
    seen = members.filter(may_be_seen | Q(user=viewer)).order_by("display_name", "pk")
    return list(seen.values_list("display_name", flat=True))


def _count_try(user: User) -> None:
    """Count a code that somebody tries."""
    key = f"circle-tries:{user.pk}"
    cache.add(key, 0, timeout=60 * 60)
    try:
        n_tries = cache.incr(key)
    except ValueError:  # The hour ended between the two lines.
        return
    if n_tries > TRIES_AN_HOUR:
        raise TooManyTriesError("That was a lot of codes. Try again in an hour.")
