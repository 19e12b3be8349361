"""What a person is here for, and whom they want to meet for it."""

from typing import ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models.profile import Gender
from accounts.models.user import ADULT_AGE

OLDEST_AGE = 120
LARGEST_ROOM = 50


class Purpose(models.TextChoices):
    """What two people can meet for."""

    PROJECT = "project", _("A project")
    FRIEND = "friend", _("Friendship")
    DATE = "date", _("A date")


class Visibility(models.TextChoices):
    """Who may be shown a person for a purpose."""

    EVERYONE = "everyone", _("Everyone here")
    CIRCLES = "circles", _("Only people in my circles")
    NOBODY = "nobody", _("Nobody for now")


class Reach(models.TextChoices):
    """How far apart two people may live, which holds both ways."""

    CITY = "city", _("My city")
    REGION = "region", _("My region")
    COUNTRY = "country", _("My country")
    ANYWHERE = "anywhere", _("Anywhere")


class Preference(models.Model):
    """One purpose of one person, with the rules that hold both ways."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="preferences")
    purpose = models.CharField(max_length=8, choices=Purpose)
    is_active = models.BooleanField(default=True)
    visibility = models.CharField(max_length=8, choices=Visibility, default=Visibility.EVERYONE)
    youngest = models.PositiveSmallIntegerField(default=ADULT_AGE)
    oldest = models.PositiveSmallIntegerField(default=OLDEST_AGE)
    reach = models.CharField(max_length=8, choices=Reach, default=Reach.ANYWHERE, db_default=Reach.ANYWHERE)
    room = models.PositiveSmallIntegerField(
        default=5, db_default=5, help_text=_("How many conversations at once; with so many one is shown to nobody.")
    )
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "purpose"], name="accounts_preference_once_per_purpose"),
            models.CheckConstraint(
                name="accounts_preference_age_range",
                condition=models.Q(youngest__gte=ADULT_AGE, oldest__lte=OLDEST_AGE, youngest__lte=models.F("oldest")),
            ),
            models.CheckConstraint(
                name="accounts_preference_room", condition=models.Q(room__gte=1, room__lte=LARGEST_ROOM)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_purpose_display()} of {self.user_id}"


class WantedGender(models.Model):
    """A gender that a person wants to date; kept apart because it needs a consent of its own. None means all."""

    WANTED = (Gender.WOMAN, Gender.MAN, Gender.NON_BINARY, Gender.OWN_WORDS)

    preference = models.ForeignKey(Preference, on_delete=models.CASCADE, related_name="wanted_genders")
    gender = models.CharField(max_length=12, choices=[(gender.value, gender.label) for gender in WANTED])

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["preference", "gender"], name="accounts_wanted_gender_once"),
        ]

    def __str__(self) -> str:
        return self.gender

    def clean(self) -> None:
        """Refuse wanted genders for anything but dates."""
        if self.preference.purpose != Purpose.DATE:
            raise ValidationError(_("Wanted genders belong to dates only."))
