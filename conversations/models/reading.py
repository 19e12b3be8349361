"""How far a person has read a conversation."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from recommendations.models import Match


class Reading(models.Model):
    """The last message of a match that one of the two has read."""

    match = models.ForeignKey(Match, on_delete=models.CASCADE, related_name="readings")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="readings")
    up_to = models.PositiveIntegerField(default=0, help_text="Number of the newest message that was read.")
    read_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["match", "user"], name="conversations_reading_once"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.match_id}"
