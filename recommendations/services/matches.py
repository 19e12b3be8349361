"""Matches: how they come about, what they open, and how they end."""

import uuid

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts import datasets as people
from accounts.models import Block, Notification, User
from accounts.services import changes, notifications
from recommendations.models import Match, Verdict, VerdictValue
from recommendations.models.match import MatchQuerySet


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
    apart, here = Block.objects.ids_apart_from(user.pk), people.participants()
    return (
        Match.objects.of(user.pk)
        .exclude(Q(low__in=apart) | Q(high__in=apart))
        .filter(low__in=here, high__in=here)
        .select_related("low__profile", "high__profile")
        .order_by("-matched_at", "-pk")
    )


def share_contact(*, user: User, public_id: uuid.UUID, shares: bool) -> Match:
    """Say whether one's match may know how to reach one; nothing is seen until both say yes.

    Raises
    ------
    Match.DoesNotExist
        When the person has no such match.
    """
    with transaction.atomic():
        match = _locked(user, public_id)
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
        match = _locked(user, public_id)
        match.open_picture(user.pk, opens=opens)
        return match


def end_between(*, one: User, other: User) -> None:
    """End every match of two people, as a block does."""
    _end_between(one.pk, other.pk)


def _locked(user: User, public_id: uuid.UUID) -> Match:
    """Return one of a person's matches that hold, for this transaction alone."""
    pk = of(user=user).get(public_id=public_id).pk
    return Match.objects.of(user.pk).select_for_update().get(pk=pk)


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
    n_ended = (
        Match.objects.between(one, other)
        .filter(ended_at=None, **which)
        .update(
            ended_at=timezone.now(),
            low_shares_contact=False,
            high_shares_contact=False,
            low_opens=False,
            high_opens=False,
        )
    )
    if n_ended:
        changes.note(one, other)
