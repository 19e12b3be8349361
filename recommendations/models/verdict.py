"""What people said about whom they were shown: an append-only history with one current row."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Purpose
from recommendations.models.impression import Impression
from surveys.models import Respondent

LONGEST_NOTE = 200


class VerdictValue(models.TextChoices):
    """What can be said; taking it back is a verdict too, so that the history stays whole."""

    LIKE = "like", _("Like")
    PASS = "pass", _("Pass")
    UNDONE = "undone", _("Undone")


class Verdict(models.Model):
    """What one person said of another for one purpose."""

    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="verdicts_given")
    target = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="verdicts_received")
    purpose = models.CharField(max_length=8, choices=Purpose)
    value = models.CharField(max_length=6, choices=VerdictValue)
    note = models.CharField(
        max_length=LONGEST_NOTE,
        blank=True,
        default="",
        db_default="",
        help_text="Goes with a like, and reaches the target with the match, never before.",
    )
    is_current = models.BooleanField(default=True, help_text="The last word of this actor on this target.")
    impression = models.ForeignKey(
        Impression, on_delete=models.SET_NULL, null=True, blank=True, related_name="verdicts"
    )
    without = models.BinaryField(
        null=True,
        help_text="The actor's generosity and taste without this verdict: what the target's list may be made of.",
    )
    without_challenger = models.BinaryField(
        null=True, help_text="The same by the challenger, while it is tried beside the version in use."
    )
    is_demo = models.BooleanField(default=False)
    given_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["actor", "target", "purpose"],
                condition=models.Q(is_current=True),
                name="recommendations_verdict_one_current",
            ),
            models.CheckConstraint(
                name="recommendations_verdict_not_oneself", condition=~models.Q(actor=models.F("target"))
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["actor", "purpose", "-given_at"], name="recommendations_verdict_actor"),
            models.Index(fields=["target", "purpose"], name="recommendations_verdict_target"),
        ]

    def __str__(self) -> str:
        return f"{self.value} by {self.actor_id} on {self.target_id}"


class SampleVerdict(models.Model):
    """What a person said of a sample person; it teaches their own taste and is nobody's metric or match."""

    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="sample_verdicts")
    respondent = models.ForeignKey(Respondent, on_delete=models.CASCADE, related_name="sample_verdicts")
    purpose = models.CharField(max_length=8, choices=Purpose)
    value = models.CharField(max_length=6, choices=VerdictValue)
    is_current = models.BooleanField(default=True)
    given_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["actor", "respondent", "purpose"],
                condition=models.Q(is_current=True),
                name="recommendations_sample_verdict_one_current",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.value} by {self.actor_id} on a sample person"
