"""The life of a training run as one row."""

import datetime
from typing import ClassVar

from django.conf import settings
from django.db import models

LEASE = datetime.timedelta(minutes=2)


class TrainingRun(models.Model):
    """One training of one kind of model; a run that stops renewing its lease has died and frees its place."""

    class Kind(models.TextChoices):
        """Which model is trained."""

        MEASUREMENT = "measurement", "Measurement model"
        PREFERENCE = "preference", "Preference model"

    class Status(models.TextChoices):
        """How far it is."""

        WAITING = "waiting", "Waiting"
        RUNNING = "running", "Running"
        SUCCEEDED = "succeeded", "Succeeded"
        REFUSED = "refused", "Refused by its gates"
        FAILED = "failed", "Failed"

    kind = models.CharField(max_length=12, choices=Kind)
    status = models.CharField(max_length=9, choices=Status, default=Status.WAITING)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="training_runs",
        help_text="Empty when the schedule asked.",
    )
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    n_respondents = models.PositiveIntegerField(null=True, blank=True)
    n_members = models.PositiveIntegerField(null=True, blank=True)
    report = models.JSONField(default=dict, blank=True)
    error = models.TextField(blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["kind"], condition=models.Q(status="running"), name="surveys_training_run_one_running"
            ),
            models.UniqueConstraint(
                fields=["kind"], condition=models.Q(status="waiting"), name="surveys_training_run_one_waiting"
            ),
        ]

    def __str__(self) -> str:
        return f"Training run {self.pk}: {self.get_kind_display()}, {self.get_status_display().lower()}"

    def is_dead_at(self, now: datetime.datetime) -> bool:
        """Whether the run claims to be running but has stopped renewing its lease."""
        if self.status != self.Status.RUNNING:
            return False
        return self.heartbeat_at is None or now - self.heartbeat_at > LEASE
