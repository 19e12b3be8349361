"""What keeps people safe from one another: blocks and reports."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class BlockQuerySet(models.QuerySet["Block"]):
    """Blocks, which always hold both ways."""

    def ids_apart_from(self, user_id: int) -> set[int]:
        """Return the ids of everyone whom a person blocked or who blocked that person."""
        pairs = self.filter(models.Q(blocker_id=user_id) | models.Q(blocked_id=user_id))
        return {
            blocked if blocker == user_id else blocker
            for blocker, blocked in pairs.values_list("blocker_id", "blocked_id")
        }


class Block(models.Model):
    """One person wants nothing to do with another; neither ever sees the other."""

    blocker = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="blocks_made")
    blocked = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="blocks_received")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = BlockQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["blocker", "blocked"], name="accounts_block_once"),
            models.CheckConstraint(name="accounts_block_not_oneself", condition=~models.Q(blocker=models.F("blocked"))),
        ]

    def __str__(self) -> str:
        return f"{self.blocker_id} blocks {self.blocked_id}"


class Report(models.Model):
    """A complaint. It keeps a public id and a frozen copy, so that it outlives what it is about."""

    class Reason(models.TextChoices):
        """Why something is reported."""

        RUDE = "rude", _("Rude or threatening")
        FAKE = "fake", _("Not a real person")
        SPAM = "spam", _("Advertising or a scam")
        UNDERAGE = "underage", _("Under 18")
        OTHER = "other", _("Something else")

    class Status(models.TextChoices):
        """What became of it."""

        OPEN = "open", "Open"
        UPHELD = "upheld", "Upheld"
        DISMISSED = "dismissed", "Dismissed"

    kind = models.CharField(max_length=16, default="person", help_text="What is reported.")
    subject_public_id = models.UUIDField()
    frozen_copy = models.JSONField(help_text="What could be seen when it was reported.")
    reporter = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="reports_made"
    )
    reason = models.CharField(max_length=8, choices=Reason)
    details = models.TextField(max_length=1000, blank=True)
    status = models.CharField(max_length=9, choices=Status, default=Status.OPEN)
    is_demo = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["status", "created_at"], name="accounts_report_queue")]

    def __str__(self) -> str:
        return f"Report {self.pk}: {self.reason}"
