"""What a person is to be told; a sweep sends what has not been sent."""

from typing import ClassVar

from django.conf import settings
from django.db import models


class Notification(models.Model):
    """One thing that happened to one person."""

    class Kind(models.TextChoices):
        """What happened."""

        MATCH = "match", "A new match"
        MESSAGE = "message", "A new message"
        PEOPLE = "people", "New like-minded people"

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notifications")
    kind = models.CharField(max_length=16, choices=Kind)
    subject_public_id = models.UUIDField(help_text="Public id of what it is about.")
    created_at = models.DateTimeField(auto_now_add=True)
    read_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(
        null=True, blank=True, help_text="When the mail went out, or was found not to be wanted."
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "kind", "subject_public_id"], name="accounts_notification_once"),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["created_at"], name="accounts_notification_unsent", condition=models.Q(sent_at__isnull=True)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} for {self.user_id}"
