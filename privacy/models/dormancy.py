"""Who was told that an account of which nobody makes use will go."""

from typing import ClassVar

from django.conf import settings
from django.db import models


class Dormancy(models.Model):
    """One person who has been away for two years; a visit takes the row back, and without one the account goes."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="dormancy")
    told_at = models.DateTimeField(help_text="When the mail about it went out, or was found to reach nobody.")

    class Meta:
        verbose_name_plural = "dormancies"
        indexes: ClassVar = [models.Index(fields=["told_at"], name="privacy_dormancy_oldest")]

    def __str__(self) -> str:
        return f"Dormancy of {self.user_id}"
