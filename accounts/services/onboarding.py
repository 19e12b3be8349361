"""What has to be there before a person can meet others."""

import re

from accounts.models import Consent, Preference, Profile, User
from accounts.services import consents

# What the session remembers of how a visitor came here.
SIGNUP_SOURCE = "signup_source"
INVITATION = "invitation"
# The circle that somebody began before they had an account.
FOUNDING = "founding"

LONGEST_SOURCE = 64


def is_done(*, user: User) -> bool:
    """Return whether a person has a profile, something to be here for, and agreed to be matched."""
    return (
        Profile.objects.filter(user=user).exists()
        and Preference.objects.filter(user=user, is_active=True).exists()
        and consents.is_given(user=user, kind=Consent.Kind.MATCHING)
    )


def source_named(text: str) -> str:
    """Return the name of a place that people come from, without anything that is no name."""
    return re.sub(r"[^\w.-]", "", text)[:LONGEST_SOURCE]
