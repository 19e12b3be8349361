"""Showing one's picture to others, which nobody does by default: as an image by its link, or two wheels for two."""

import uuid
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import datasets as people
from accounts.models import Block, User
from surveys.models import AnswerSheet, Comparison, SharedPicture
from surveys.models.sharing import ComparisonQuerySet
from surveys.services import picture
from surveys.services.picture import Picture

# Links of one person that wait for a friend; who needs more ends one first.
MOST_OPEN_LINKS = 5


class TooManyLinksError(Exception):
    """A person has as many open links as they may have."""


@dataclass(frozen=True)
class Pair:
    """Two pictures side by side, as one of the two sees them."""

    other: User
    mine: Picture | None
    theirs: Picture | None


def share(*, user: User) -> SharedPicture:
    """Open the image of a person's wheel to whoever has the link; asked again, the link stays the same."""
    return SharedPicture.objects.get_or_create(user=user)[0]


def unshare(*, user: User) -> None:
    """Close the image; its link never works again."""
    SharedPicture.objects.filter(user=user).delete()


def shared(*, token: str) -> Picture | None:
    """Return the picture behind a link; None when there is no such link, or its owner is not here any more."""
    row = SharedPicture.objects.filter(token=token, user__in=people.participants()).first()
    sheet = AnswerSheet.objects.filter(user=row.user_id, is_current=True).first() if row else None
    return picture.picture_of(sheet=sheet) if sheet else None


def comparisons_of(*, user: User) -> ComparisonQuerySet:
    """Return what a person takes part in, newest first, without whom a block keeps apart or who has left."""
    apart, here = Block.objects.ids_apart_from(user.pk), people.participants()
    return (
        Comparison.objects.of(user.pk)
        .filter(Q(friend=None) | Q(friend__in=here), inviter__in=here)
        .exclude(Q(inviter__in=apart) | Q(friend__in=apart))
        .select_related("inviter__profile", "friend__profile")
        .order_by("-made_at", "-pk")
    )


def begin(*, user: User) -> Comparison:
    """Make a link that one friend may follow.

    Raises
    ------
    TooManyLinksError
        When too many links of this person wait already.
    """
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)
        if Comparison.objects.open_links(timezone.now()).filter(inviter=user).count() >= MOST_OPEN_LINKS:
            raise TooManyLinksError(
                _("You have %(n)s open links. Close one before you make another.") % {"n": MOST_OPEN_LINKS}
            )
        return Comparison.objects.create(inviter=user)


def invitation(*, user: User, token: str) -> Comparison:
    """Return the invitation behind a link, for somebody who may follow it.

    Raises
    ------
    Comparison.DoesNotExist
        When there is none, it is too old, somebody else followed it, or the two may not meet.
    """
    apart = Block.objects.ids_apart_from(user.pk)
    found = Comparison.objects.open_links(timezone.now()).filter(inviter__in=people.participants())
    return found.exclude(inviter__in=apart).exclude(inviter=user).select_related("inviter__profile").get(token=token)


@transaction.atomic
def join(*, user: User, token: str) -> Comparison:
    """Follow a link, which is to say yes; of two who follow it at the same moment one does.

    Raises
    ------
    Comparison.DoesNotExist
        When there is nothing to follow.
    """
    pk = invitation(user=user, token=token).pk
    comparison = Comparison.objects.open_links(timezone.now()).select_for_update().get(pk=pk)
    comparison.friend = user
    comparison.save(update_fields=["friend"])
    return comparison


@transaction.atomic
def agree(*, user: User, public_id: uuid.UUID) -> Comparison:
    """Say yes to the friend who followed one's link.

    Raises
    ------
    Comparison.DoesNotExist
        When nobody followed a link of this person.
    """
    pk = comparisons_of(user=user).get(public_id=public_id, inviter=user, friend__isnull=False).pk
    comparison = Comparison.objects.select_for_update().get(pk=pk, ended_at=None)
    if comparison.inviter_agreed_at is None:
        comparison.inviter_agreed_at = timezone.now()
        comparison.save(update_fields=["inviter_agreed_at"])
    return comparison


def end(*, user: User, public_id: uuid.UUID) -> bool:
    """End a comparison or close a link, whoever of the two asks; return whether there was one."""
    mine = Comparison.objects.of(user.pk).filter(public_id=public_id)
    return bool(mine.update(ended_at=timezone.now()))


def pair(*, user: User, public_id: uuid.UUID) -> Pair:
    """Return both pictures, once both have said yes and while neither has ended it.

    Raises
    ------
    Comparison.DoesNotExist
        When the person takes no part in such a comparison, or one of the two has not agreed.
    """
    comparison = comparisons_of(user=user).get(public_id=public_id)
    if not comparison.is_agreed or comparison.friend is None:
        raise Comparison.DoesNotExist
    other = comparison.friend if comparison.inviter_id == user.pk else comparison.inviter
    sheets = AnswerSheet.objects.filter(user__in=(user, other), is_current=True)
    pictures = {sheet.user_id: picture.picture_of(sheet=sheet) for sheet in sheets}
    return Pair(other=other, mine=pictures.get(user.pk), theirs=pictures.get(other.pk))
