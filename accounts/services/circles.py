"""Circles: founding, joining by invitation code, leaving, and who is seen in one."""

from django.core import signing
from django.core.cache import cache
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import Block, Circle, CircleMembership, Profile, User
from accounts.models.circle import new_code
from accounts.services import changes

TRIES_AN_HOUR = 20
MEMBER = "accounts.circles.member"


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


def join(*, user: User, code: str, is_listed: bool = True) -> Circle:
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
            raise NoSuchCircleError(_("No circle has this invitation code. Ask for the link again."))
        CircleMembership.objects.get_or_create(circle=circle, user=user, defaults={"is_listed": is_listed})
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


def list_in(*, membership: CircleMembership, is_listed: bool) -> None:
    """Let the members of a circle see a person's name, or not; its owner sees it either way."""
    membership.is_listed = is_listed
    membership.save(update_fields=["is_listed"])


def renew_code(*, circle: Circle) -> None:
    """Give a circle another invitation code; the old one stops working."""
    circle.code = new_code()
    circle.save(update_fields=["code"])


def token_of(*, membership: CircleMembership) -> str:
    """Return a name of a membership for a form: it tells nothing of the person, and nobody can make one up."""
    return signing.dumps(membership.pk, salt=MEMBER)


def membership_named(*, token: str) -> int | None:
    """Return the key of the membership that a form names; None for what is no such name."""
    try:
        pk: int = signing.loads(token, salt=MEMBER)
    except signing.BadSignature:
        return None
    return pk


@transaction.atomic
def remove(*, circle: Circle, user: User) -> None:
    """Take somebody out of a circle, and renew its code, which would lead them back."""
    CircleMembership.objects.filter(circle=circle, user=user).delete()
    renew_code(circle=circle)
    changes.note(user.pk)


@transaction.atomic
def remove_unlisted(*, circle: Circle, owner: User, name: str) -> None:
    """Take whoever bears a name and is not listed to the owner out of a circle, and renew its code."""
    listed = [profile.user_id for profile in seen_in(circle=circle, viewer=owner)]
    named = circle.memberships.filter(user__profile__display_name__iexact=name.strip()).exclude(user__in=listed)
    changes.note(*named.values_list("user_id", flat=True))
    named.delete()
    renew_code(circle=circle)


@transaction.atomic
def close(*, circle: Circle) -> None:
    """Close a circle for everybody in it."""
    changes.note(*circle.memberships.values_list("user", flat=True))
    circle.delete()


def seen_in(*, circle: Circle, viewer: User) -> list[Profile]:
    """Return the profiles whose names a person sees in their circle, by name.

    Nobody who is paused or blocked; and who does not want to be listed is seen by the owner alone, and by themselves.
    """
    members = Profile.objects.filter(user__circle_memberships__circle=circle, user__is_active=True)
    may_be_seen = Q(is_paused=False) & ~Q(user__in=Block.objects.ids_apart_from(viewer.pk))
    if circle.owner_id != viewer.pk:
        listed = CircleMembership.objects.filter(circle=circle, is_listed=True)
        may_be_seen &= Q(user__in=listed.values("user"))
    seen = members.filter(may_be_seen | Q(user=viewer)).select_related("user")
    return list(seen.order_by("display_name", "pk"))


def _count_try(user: User) -> None:
    """Count a code that somebody tries."""
    key = f"circle-tries:{user.pk}"
    cache.add(key, 0, timeout=60 * 60)
    try:
        n_tries = cache.incr(key)
    except ValueError:  # The hour ended between the two lines.
        return
    if n_tries > TRIES_AN_HOUR:
        raise TooManyTriesError(_("That was a lot of codes. Try again in an hour."))
