"""How much of others' attention a person gets, so that nobody gets far too much and nobody waits too long."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone

from accounts.models import Purpose


class Exposure(models.Model):
    """How often somebody was shown for a purpose, since when they wait to be, and what being shown costs them."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="exposures")
    purpose = models.CharField(max_length=8, choices=Purpose)
    n_shown = models.PositiveIntegerField(default=0, help_text="Impressions so far.")
    n_since_priced = models.PositiveIntegerField(default=0, help_text="Impressions since the price was made.")
    price = models.FloatField(default=0.0, help_text="Taken off the score, in standard deviations of a list's scores.")
    priced_at = models.DateTimeField(null=True, blank=True)
    is_waiting = models.BooleanField(default=True, help_text="Whether they were here lately; else nothing is promised.")
    waits_since = models.DateTimeField(
        default=timezone.now, help_text="When they were last shown, or came back, whichever is later."
    )
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "purpose"], name="recommendations_exposure_once"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["purpose", "updated_at"], name="recommendations_expo_changed"),
        ]

    def __str__(self) -> str:
        return f"Exposure of {self.user_id} for {self.purpose}"
