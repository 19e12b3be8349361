"""What has to be there before a person can meet others."""

from accounts.models import Consent, Preference, Profile, User
from accounts.services import consents

# What the session remembers of how a visitor came here.
SIGNUP_SOURCE = "signup_source"
INVITATION = "invitation"


def is_done(*, user: User) -> bool:
    """Return whether a person has a profile, something to be here for, and agreed to be matched."""
    return (
        Profile.objects.filter(user=user).exists()
        and Preference.objects.filter(user=user, is_active=True).exists()
        and consents.is_given(user=user, kind=Consent.Kind.MATCHING)
    )
