"""What a person tells others about themselves."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Gender(models.TextChoices):
    """How a person describes their gender."""

    WOMAN = "woman", _("Woman")
    MAN = "man", _("Man")
    NON_BINARY = "non_binary", _("Non-binary")
    OWN_WORDS = "own_words", _("In my own words")
    UNDISCLOSED = "undisclosed", _("I prefer not to say")


class Profile(models.Model):
    """The page others see; the place is a city of a list, never a coordinate."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="profile")
    display_name = models.CharField(max_length=40)
    headline = models.CharField(max_length=80, blank=True, help_text=_("One line that is you."))
    bio = models.TextField(max_length=1000, blank=True)
    gender = models.CharField(max_length=12, choices=Gender, default=Gender.UNDISCLOSED)
    gender_words = models.CharField(max_length=40, blank=True)
    city = models.PositiveIntegerField(null=True, blank=True, help_text=_("GeoNames id of a city."))
    country = models.CharField(max_length=2, blank=True, help_text=_("ISO code that belongs to the city."))
    contact = models.CharField(
        max_length=120,
        blank=True,
        help_text=_("How a match can reach you. Shown to a match only when you both choose to."),
    )
    is_paused = models.BooleanField(default=False, help_text=_("A paused profile is shown to nobody."))
    is_learned_from = models.BooleanField(
        default=True, db_default=True, help_text=_("Whether likes and passes of and on this person teach the site.")
    )
    tastes_since = models.DateTimeField(
        null=True, blank=True, help_text=_("What was said before teaches nothing of this person's own taste any more.")
    )
    updated_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"Profile {self.user_id}"


class ProfileLanguage(models.Model):
    """One language that a person speaks."""

    profile = models.ForeignKey(Profile, on_delete=models.CASCADE, related_name="languages")
    code = models.CharField(max_length=2, help_text=_("ISO 639-1, one of `accounts.languages.OFFERED`."))

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["profile", "code"], name="accounts_profile_language_once"),
        ]

    def __str__(self) -> str:
        return f"{self.code} of profile {self.profile_id}"
