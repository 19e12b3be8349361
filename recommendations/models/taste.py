"""What verdicts tell of single persons, under one version of the preference model."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from accounts.models import Purpose
from recommendations.models.preference_version import PreferenceVersion


class Taste(models.Model):
    """How readily somebody likes, how well they are liked, and what they like in others, for one purpose.

    Generosity and taste follow each verdict that the person gives; the appeal waits for the next fit, so that nobody
    can read from a list what somebody just said of them. Who has no row stands at the mean of the population.
    """

    version = models.ForeignKey(PreferenceVersion, on_delete=models.CASCADE, related_name="tastes")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="tastes")
    purpose = models.CharField(max_length=8, choices=Purpose)
    generosity = models.FloatField(default=0.0, help_text="In logits, beyond what the person's scales say.")
    generosity_variance = models.FloatField()
    appeal = models.FloatField(default=0.0, help_text="In logits, beyond what the person's scales say.")
    appeal_variance = models.FloatField()
    taste = models.BinaryField(help_text="A weight for each of the 16 scales of the other, little-endian float32.")
    taste_variance = models.FloatField(help_text="Mean over the scales.")
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["version", "user", "purpose"], name="recommendations_taste_once"),
        ]

    def __str__(self) -> str:
        return f"Taste of {self.user_id} for {self.purpose}"
