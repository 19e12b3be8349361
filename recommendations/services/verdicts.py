"""Recording what one person says of another; two likes for the same purpose make exactly one match."""

import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts import datasets as people
from accounts.models import Block, Purpose, User
from recommendations.models import Deferral, Impression, Match, Verdict, VerdictValue
from recommendations.services import locks, matches, tastes

# Somebody who reads whom they like needs a minute for each. Further likes wait until the hour is over.
MOST_LIKES_AN_HOUR = 60
AN_HOUR = datetime.timedelta(hours=1)


class VerdictRefusedError(Exception):
    """One person cannot judge the other, or not like this."""


class TooManyLikesError(VerdictRefusedError):
    """Somebody likes more people in an hour than anybody reads about."""


def record(
    *,
    actor: User,
    target: User,
    purpose: str,
    value: str,
    note: str | None = None,
    now: datetime.datetime | None = None,
) -> Verdict:
    """Record a like, a pass or its taking back; the same word again changes nothing but the note of a like.

    Without a note the one that stands is kept. From the match on it belongs to both, and stays as it is.

    Raises
    ------
    VerdictRefusedError
        When the two are one person or blocked from each other, when the target is not here any more or was never shown
        to the actor for this purpose, and when there is nothing to take back.
    TooManyLikesError
        After 60 likes within an hour.
    """
    if purpose not in Purpose or value not in VerdictValue:
        raise VerdictRefusedError("There is no such purpose or verdict.")
    if actor.pk == target.pk:
        raise VerdictRefusedError("Nobody can judge themselves.")
    with transaction.atomic():
        # Of two people who click at the same moment one waits for the other and then finds the other's like.
        locks.hold(actor.pk, target.pk)
        current = Verdict.objects.filter(actor=actor, target=target, purpose=purpose, is_current=True).first()
        if current is not None and current.value == value:
            _change_note(current, note)
            return current
        if value == VerdictValue.UNDONE and current is None:
            raise VerdictRefusedError("There is nothing to take back.")
        if value != VerdictValue.UNDONE:
            _refuse_who_is_not_here(actor, target)
        if value == VerdictValue.LIKE:
            _refuse_haste(actor, now or timezone.now())
        verdict = Verdict(
            actor=actor,
            target=target,
            purpose=purpose,
            value=value,
            note=note or "" if value == VerdictValue.LIKE else "",
            impression=_last_impression(actor, target, purpose, current),
            is_demo=actor.is_demo or target.is_demo,
            given_at=now or timezone.now(),
        )
        _append(verdict, current)
        matches.follow(verdict=verdict)
        tastes.follow(verdict=verdict)
        # Whoever says something of a person has made up their mind.
        Deferral.objects.filter(viewer=actor, other=target, purpose=purpose).delete()
        return verdict


def current(*, actor: User, target: User, purpose: str) -> Verdict | None:
    """Return a person's like or pass of another, if it still stands."""
    said = Verdict.objects.filter(actor=actor, target=target, purpose=purpose, is_current=True)
    return said.exclude(value=VerdictValue.UNDONE).first()


def standing(*, actor: User) -> QuerySet[Verdict]:
    """Return what a person said and has not taken back, newest first, of those who are still here for them."""
    verdicts = (
        Verdict.objects.filter(actor=actor, is_current=True, target__in=people.participants())
        .exclude(value=VerdictValue.UNDONE)
        .exclude(target__in=Block.objects.ids_apart_from(actor.pk))
    )
    return verdicts.select_related("target__profile", "target__photo").order_by("-given_at", "-pk")


def _refuse_who_is_not_here(actor: User, target: User) -> None:
    """Stop what a block on either side forbids, and likes of people who left or withdrew their consent."""
    if target.pk in Block.objects.ids_apart_from(actor.pk):
        raise VerdictRefusedError("This person is not here for you.")
    if people.participants().filter(pk__in=(actor.pk, target.pk)).count() < 2:
        raise VerdictRefusedError("This person is not here any more.")


def _refuse_haste(actor: User, now: datetime.datetime) -> None:
    """Let likes of somebody who likes everybody wait; taking them back makes no room for more."""
    lately = Verdict.objects.filter(actor=actor, value=VerdictValue.LIKE, given_at__gt=now - AN_HOUR, given_at__lte=now)
    if lately.count() >= MOST_LIKES_AN_HOUR:
        raise TooManyLikesError("You liked many people within an hour. Read about them first, and like more later.")


def _last_impression(actor: User, target: User, purpose: str, current: Verdict | None) -> Impression | None:
    """Return when the target was last shown to the actor; who was never shown cannot be judged."""
    shown = Impression.objects.filter(viewer=actor, shown=target, purpose=purpose)
    impression = shown.order_by("-shown_at", "-pk").first()
    # An impression may be cleared away in time; what was said then can still be changed.
    if impression is None and current is None:
        raise VerdictRefusedError("This person was not shown to you.")
    return impression


def _append(verdict: Verdict, former: Verdict | None) -> None:
    """Add a row to the history and make it the current one; a note goes with the like that it came with."""
    if former is not None:
        former.is_current, former.note = False, ""
        former.save(update_fields=["is_current", "note"])
    verdict.save(force_insert=True)


def _change_note(said: Verdict, note: str | None) -> None:
    """Replace the note of a like while nobody but its writer has seen it."""
    if note is None or note == said.note or said.value != VerdictValue.LIKE:
        return
    held = Match.objects.of(said.actor_id).between(said.actor_id, said.target_id)
    if held.filter(purpose=said.purpose).exists():
        return
    said.note = note
    said.save(update_fields=["note"])
