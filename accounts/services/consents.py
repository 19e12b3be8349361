"""Consents: decisions are added, never changed; the newest of a kind holds."""

from accounts.models import Consent, User, WantedGender


def is_given(*, user: User, kind: str) -> bool:
    """Return whether a person agrees now."""
    newest = Consent.objects.filter(user=user, kind=kind).order_by("-pk").values_list("is_given", flat=True).first()
    return bool(newest)


def given_kinds(*, user: User) -> set[str]:
    """Return everything a person agrees to now, in one query."""
    return set(Consent.objects.filter(user=user).in_force().values_list("kind", flat=True))


def given_user_ids(*, kind: str) -> set[int]:
    """Return everyone who agrees now, in one query."""
    return set(Consent.objects.filter(kind=kind).in_force().values_list("user_id", flat=True))


def decide(*, user: User, kind: str, is_given: bool) -> None:
    """Record a decision if it differs from the last one; what rested on a consent that is taken back goes with it."""
    if (kind in given_kinds(user=user)) != is_given:
        Consent.objects.create(user=user, kind=Consent.Kind(kind), is_given=is_given)
    if kind == Consent.Kind.WANTED_GENDERS and not is_given:
        WantedGender.objects.filter(preference__user=user).delete()
