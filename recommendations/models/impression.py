"""What was shown to whom: one row for each person in each list, the ground of every metric."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Circle, Purpose
from recommendations.models.experiment import Arm
from recommendations.models.preference_version import PreferenceVersion
from surveys.models import MeasurementVersion


class SlotPolicy(models.TextChoices):
    """Why a person stands in a slot of a list."""

    RANKED = "ranked", _("By rank")
    BOOSTED = "boosted", _("Lifted, to be seen at all")
    EXPLORED = "explored", _("Drawn at random")


class Surface(models.TextChoices):
    """On which page a list stood."""

    PEOPLE = "people", _("People")
    SKETCH = "sketch", _("People, from few answers")
    LIKE_THIS = "like-this", "More like somebody"


class Label(models.IntegerChoices):
    """How alike two people seem, in the five steps that are shown."""

    FAR = 1, _("Different from you")
    SOME = 2, _("Some common ground")
    FAIR = 3, _("Much in common")
    CLOSE = 4, _("Close")
    VERY_CLOSE = 5, _("Very close")


class Interest(models.TextChoices):
    """What is said of how the shown person may feel about the viewer; open is both no sign and too little known."""

    STRONG = "strong", _("May well be interested in you")
    FAIR = "fair", _("Could be interested in you")
    OPEN = "open", _("Open how they would see you")


class Impression(models.Model):
    """One person shown to another in one list, with everything that was known at that moment."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    list_id = models.UUIDField(help_text="Shared by all impressions of one list.")
    viewer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="impressions_seen")
    shown = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="impressions_of")
    purpose = models.CharField(max_length=8, choices=Purpose)
    circle = models.ForeignKey(Circle, on_delete=models.SET_NULL, null=True, blank=True, related_name="impressions")
    filters = models.CharField(max_length=192, blank=True, help_text="Canonical form of the filters in force.")
    surface = models.CharField(max_length=16, default="people")
    position = models.PositiveSmallIntegerField(help_text="Slot in the list, from 0.")
    slot_policy = models.CharField(max_length=8, choices=SlotPolicy)
    propensity = models.FloatField(help_text="Probability with which the policy put this person into the slot.")
    n_eligible = models.PositiveIntegerField(help_text="People who could have been shown.")
    score_out = models.FloatField(help_text="How likely the viewer is to like the shown person.")
    score_in = models.FloatField(help_text="How likely the shown person is to like the viewer.")
    label = models.PositiveSmallIntegerField(choices=Label)
    agreements = models.JSONField(default=list, help_text="Scales on which the two agree, as they were displayed.")
    interest = models.CharField(max_length=6, choices=Interest, default=Interest.OPEN, db_default=Interest.OPEN)
    displayed_at = models.DateTimeField(
        default=timezone.now,
        db_default=Now(),
        help_text="When label and agreements were computed; for 30 days they are shown unchanged.",
    )
    measurement_version = models.ForeignKey(MeasurementVersion, on_delete=models.PROTECT, related_name="impressions")
    preference_version = models.ForeignKey(PreferenceVersion, on_delete=models.PROTECT, related_name="impressions")
    experiment_arm = models.CharField(max_length=32, default=Arm.ALL)
    n_viewer_verdicts = models.PositiveIntegerField(help_text="Verdicts that the viewer had given before.")
    is_demo = models.BooleanField(default=False)
    shown_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["list_id", "position"], name="recommendations_impression_one_per_slot"),
            models.UniqueConstraint(fields=["list_id", "shown"], name="recommendations_impression_once_per_list"),
            models.CheckConstraint(
                name="recommendations_impression_not_oneself", condition=~models.Q(viewer=models.F("shown"))
            ),
            models.CheckConstraint(
                name="recommendations_impression_propensity",
                condition=models.Q(propensity__gt=0, propensity__lte=1),
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["viewer", "purpose", "-shown_at"], name="recommendations_impr_lists"),
            models.Index(fields=["viewer", "shown", "-shown_at"], name="recommendations_impr_pair"),
            models.Index(fields=["shown_at"], name="recommendations_impr_when"),
        ]

    def __str__(self) -> str:
        return f"{self.shown_id} shown to {self.viewer_id}"
