"""What a person is here for."""

from collections.abc import Iterable

from django.db import transaction

from accounts.models import Consent, Preference, Purpose, User, WantedGender
from accounts.services import consents


def of(*, user: User) -> list[Preference]:
    """Return one preference for each purpose, saved or not yet, in the order in which they are asked."""
    saved = {preference.purpose: preference for preference in Preference.objects.filter(user=user)}
    return [saved.get(purpose) or Preference(user=user, purpose=purpose, is_active=False) for purpose in Purpose]


@transaction.atomic
def keep(*, preference: Preference, wanted: Iterable[str] = ()) -> None:
    """Save a purpose; wanted genders are kept for dates only, and only with the consent given beside them."""
    preference.save()
    if preference.purpose != Purpose.DATE:
        return
    wanted = set(wanted)
    consents.decide(user=preference.user, kind=Consent.Kind.WANTED_GENDERS, is_given=bool(wanted))
    preference.wanted_genders.exclude(gender__in=wanted).delete()
    for gender in sorted(wanted):
        WantedGender.objects.get_or_create(preference=preference, gender=gender)
