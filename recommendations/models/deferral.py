"""Whom a person wants to see later: hidden from their lists for a while, without a word on whether they like them."""

import datetime
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone

from accounts.models import Purpose


class DeferralQuerySet(models.QuerySet["Deferral"]):
    """Deferrals in the product's words."""

    def in_force(self, now: datetime.datetime | None = None) -> "DeferralQuerySet":
        """Return those that have not run out yet."""
        return self.filter(until__gt=now or timezone.now())


class Deferral(models.Model):
    """A "not now": one person is left out of the lists of another until a day, and nothing is learned from it."""

    viewer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="deferrals")
    other = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="deferrals_of")
    purpose = models.CharField(max_length=8, choices=Purpose)
    until = models.DateTimeField()
    made_at = models.DateTimeField(default=timezone.now)

    objects = DeferralQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["viewer", "other", "purpose"], name="recommendations_deferral_once"),
            models.CheckConstraint(
                name="recommendations_deferral_not_oneself", condition=~models.Q(viewer=models.F("other"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.other_id} not now for {self.viewer_id}"
