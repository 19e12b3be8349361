"""Matches: how they come about, what they open, and how they end."""

import uuid
from collections.abc import Iterable

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts import datasets as people
from accounts.models import Block, Notification, User
from accounts.services import changes, notifications
from recommendations.models import Match, Verdict, VerdictValue
from recommendations.models.match import MatchQuerySet

# What two people opened for each other.
CLOSED = {f"{side}_{what}": False for side in ("low", "high") for what in ("shares_contact", "opens")}


def follow(*, verdict: Verdict) -> None:
    """Bring the match of a pair in step with a verdict just recorded; the caller holds both people."""
    if verdict.value != VerdictValue.LIKE:
        _end_between(verdict.actor_id, verdict.target_id, purpose=verdict.purpose)
        return
    is_mutual = Verdict.objects.filter(
        actor=verdict.target, target=verdict.actor, purpose=verdict.purpose, is_current=True, value=VerdictValue.LIKE
    ).exists()
    if is_mutual:
        _make(verdict)


def of(*, user: User) -> MatchQuerySet:
    """Return a person's matches that still hold, newest first, with those who are still here and not blocked."""
    return _with_people(user).filter(_holds())


def readable(*, user: User) -> MatchQuerySet:
    """Return the matches that hold, and those whose other side deleted the account, which can only be read."""
    return _with_people(user).filter(_holds() | Q(is_left=True))


def n_with_news(*, user: User) -> int:
    """Return how many matches there are of which a person was told something and has not looked.

    One query, two where there is something.
    """
    told = Notification.objects.filter(
        user=user, kind__in=(Notification.Kind.MATCH, Notification.Kind.MESSAGE), read_at=None
    )
    subjects = set(told.values_list("subject_public_id", flat=True))
    if not subjects:
        # Every page of a member counts, and mostly nothing is new: then nobody need ask which matches hold.
        return 0
    return Match.objects.ever_of(user.pk).filter(_holds() | Q(is_left=True), public_id__in=subjects).count()


def share_contact(*, user: User, public_id: uuid.UUID, shares: bool) -> Match:
    """Say whether one's match may know how to reach one; nothing is seen until both say yes.

    Raises
    ------
    Match.DoesNotExist
        When the person has no such match.
    """
    with transaction.atomic():
        match = hold(user=user, public_id=public_id)
        match.share_contact(user.pk, shares=shares)
        return match


def open_picture(*, user: User, public_id: uuid.UUID, opens: bool) -> Match:
    """Say whether one's match may see one's picture; nothing is seen until both say yes, and nothing after one says no.

    Raises
    ------
    Match.DoesNotExist
        When the person has no such match.
    """
    with transaction.atomic():
        match = hold(user=user, public_id=public_id)
        match.open_picture(user.pk, opens=opens)
        return match


def say_how_it_went(
    *, user: User, public_id: uuid.UUID, met: bool | None, again: bool | None, is_unasked: bool = False
) -> Match:
    """Keep what one of two tells of how it went, in private; two times None takes it back.

    Raises
    ------
    Match.DoesNotExist
        When the person has no such match.
    """
    with transaction.atomic():
        match = hold(user=user, public_id=public_id)
        match.say_how_it_went(user.pk, met=met, again=again if met else None, is_unasked=is_unasked)
        return match


def end_between(*, one: User, other: User) -> None:
    """End every match of two people, as a block does."""
    _end_between(one.pk, other.pk)


def put_away(*, user: User, match: Match) -> None:
    """Take a match whose other side is gone off the list of the one who is left."""
    Match.objects.ever_of(user.pk).filter(pk=match.pk).update(is_left=False)
    _settle([match.public_id])


def leave(*, user: User) -> set[int]:
    """End the matches of somebody who deletes the account, and return who is left; they may go on reading."""
    mine = list(Match.objects.of(user.pk).values_list("low_id", "high_id", "public_id"))
    Match.objects.of(user.pk).update(ended_at=timezone.now(), is_left=True, **CLOSED)
    for side in ("low", "high"):
        untold = {f"{side}_met": None, f"{side}_again": None, f"{side}_is_unasked": False}
        Match.objects.filter(**{side: user.pk}).update(**untold)
    _settle([public_id for _, _, public_id in mine])
    return {user_id for low, high, _ in mine for user_id in (low, high)} - {user.pk}


def hold(*, user: User, public_id: uuid.UUID) -> Match:
    """Return one of a person's matches that hold, for this transaction alone.

    Raises
    ------
    Match.DoesNotExist
        When the person has no such match.
    """
    pk = of(user=user).get(public_id=public_id).pk
    return Match.objects.of(user.pk).select_for_update().get(pk=pk)


def _with_people(user: User) -> MatchQuerySet:
    """Return a person's matches with nobody whom a block keeps away, newest first."""
    apart = Block.objects.ids_apart_from(user.pk)
    return (
        Match.objects.ever_of(user.pk)
        .exclude(Q(low__in=apart) | Q(high__in=apart))
        .select_related("low__profile", "high__profile", "low__photo", "high__photo")
        .order_by("-matched_at", "-pk")
    )


def _holds() -> Q:
    """Return what makes a match hold: it has not ended, and both are still here."""
    here = people.participants()
    return Q(ended_at=None, low__in=here, high__in=here)


def _settle(public_ids: Iterable[uuid.UUID]) -> None:
    """Let what was told of matches count as read: there is nothing to look at any more."""
    told = Notification.objects.filter(
        kind__in=(Notification.Kind.MATCH, Notification.Kind.MESSAGE), subject_public_id__in=list(public_ids)
    )
    told.filter(read_at=None).update(read_at=timezone.now())


def _make(verdict: Verdict) -> None:
    """Make the match of a mutual like, or take up again the one that had ended, and tell both."""
    low, high = sorted((verdict.actor_id, verdict.target_id))
    match, is_new = Match.objects.get_or_create(
        low_id=low,
        high_id=high,
        purpose=verdict.purpose,
        defaults={"is_demo": verdict.is_demo, "matched_at": verdict.given_at},
    )
    if not is_new:
        if match.ended_at is None:
            return
        match.ended_at, match.matched_at = None, verdict.given_at
        match.save(update_fields=["ended_at", "matched_at"])
        # What they said to each other takes room again.
        changes.note(low, high)
    for user_id in (low, high):
        notifications.notify(user_id=user_id, kind=Notification.Kind.MATCH, subject_public_id=match.public_id)


def _end_between(one: int, other: int, **which: str) -> None:
    """End what still holds between two; should it ever begin again, both choose anew what to share."""
    held = Match.objects.between(one, other).filter(ended_at=None, **which)
    public_ids = list(held.values_list("public_id", flat=True))
    if not public_ids:
        return
    held.update(ended_at=timezone.now(), **CLOSED)
    _settle(public_ids)
    changes.note(one, other)
