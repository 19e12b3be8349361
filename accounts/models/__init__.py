"""People and what belongs to them, one file for each idea."""

from accounts.models.change import Change
from accounts.models.circle import Circle, CircleMembership
from accounts.models.consent import Consent
from accounts.models.moderation import BannedAddress, Notice
from accounts.models.notification import Frequency, Notification, NotificationChoice
from accounts.models.photo import Photo
from accounts.models.preference import Preference, Purpose, Reach, Visibility, WantedGender
from accounts.models.profile import Gender, Profile, ProfileLanguage
from accounts.models.safety import Block, Report
from accounts.models.user import ADULT_AGE, User, adult_on
from accounts.models.visit import Visit

__all__ = [
    "ADULT_AGE",
    "BannedAddress",
    "Block",
    "Change",
    "Circle",
    "CircleMembership",
    "Consent",
    "Frequency",
    "Gender",
    "Notice",
    "Notification",
    "NotificationChoice",
    "Photo",
    "Preference",
    "Profile",
    "ProfileLanguage",
    "Purpose",
    "Reach",
    "Report",
    "User",
    "Visibility",
    "Visit",
    "WantedGender",
    "adult_on",
]
