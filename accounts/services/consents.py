"""Consents: decisions are added, never changed; the newest of a kind holds."""

from django.db import transaction

from accounts.models import Consent, User, WantedGender
from accounts.services import changes


def is_given(*, user: User, kind: str) -> bool:
    """Return whether a person agrees now."""
    newest = _newest(user, kind)
    return newest is not None and newest.is_given


def given_kinds(*, user: User) -> set[str]:
    """Return everything a person agrees to now, in one query."""
    return set(Consent.objects.filter(user=user).in_force().values_list("kind", flat=True))


def given_user_ids(*, kind: str) -> set[int]:
    """Return everyone who agrees now, in one query."""
    return set(Consent.objects.filter(kind=kind).in_force().values_list("user_id", flat=True))


@transaction.atomic
def decide(*, user: User, kind: str, is_given: bool) -> None:
    """Record a decision, a no too, unless it repeats the last one on the same wording.

    What rested on a consent that is taken back goes with it.
    """
    # Held, so that a form sent twice at once adds one row.
    User.objects.select_for_update().get(pk=user.pk)
    newest = _newest(user, kind)
    if newest is None or (newest.is_given, newest.version) != (is_given, Consent.CURRENT_VERSION):
        Consent.objects.create(user=user, kind=Consent.Kind(kind), is_given=is_given)
        changes.note(user.pk)
    if kind == Consent.Kind.WANTED_GENDERS and not is_given:
        WantedGender.objects.filter(preference__user=user).delete()


def _newest(user: User, kind: str) -> Consent | None:
    """Return a person's last decision of a kind."""
    return Consent.objects.filter(user=user, kind=kind, is_newest=True).first()
