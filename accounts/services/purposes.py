"""What a person is here for."""

from collections.abc import Iterable

from django.db import transaction

from accounts.models import Consent, Preference, Purpose, User, WantedGender
from accounts.services import changes, consents

RULES = ("is_active", "visibility", "youngest", "oldest", "reach", "room")


def of(*, user: User) -> list[Preference]:
    """Return one preference for each purpose, saved or not yet, in the order in which they are asked."""
    saved = {preference.purpose: preference for preference in Preference.objects.filter(user=user)}
    return [saved.get(purpose) or Preference(user=user, purpose=purpose, is_active=False) for purpose in Purpose]


@transaction.atomic
def keep(*, preference: Preference, wanted: Iterable[str] = ()) -> None:
    """Save a purpose; wanted genders are kept for dates only, and only with the consent given beside them."""
    # Not `save`: a form that is sent twice at once finds the row that the other one made.
    kept, _ = Preference.objects.update_or_create(
        user=preference.user,
        purpose=preference.purpose,
        defaults={rule: getattr(preference, rule) for rule in RULES},
    )
    if kept.purpose == Purpose.DATE:
        _keep_wanted(kept, set(wanted))
    changes.note(preference.user_id)


def _keep_wanted(preference: Preference, wanted: set[str]) -> None:
    """Keep exactly the wanted genders, with the consent that they need."""
    user = preference.user
    if wanted or consents.is_given(user=user, kind=Consent.Kind.WANTED_GENDERS):
        consents.decide(user=user, kind=Consent.Kind.WANTED_GENDERS, is_given=bool(wanted))
    preference.wanted_genders.exclude(gender__in=wanted).delete()
    for gender in sorted(wanted):
        WantedGender.objects.get_or_create(preference=preference, gender=gender)
