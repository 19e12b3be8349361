"""How each task of the worker went, one row a task."""

import datetime

from django.db import models


class TaskState(models.Model):
    """When a task last began, succeeded and failed; rows are written by the worker itself."""

    name = models.CharField(max_length=200, unique=True)
    started_at = models.DateTimeField(null=True, blank=True)
    succeeded_at = models.DateTimeField(null=True, blank=True)
    failed_at = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=200, blank=True, help_text="Kind of the last error; never what it said.")
    seconds = models.FloatField(null=True, blank=True, help_text="How long the last success took.")

    def __str__(self) -> str:
        return self.name

    @property
    def has_failed(self) -> bool:
        """Whether the last time that it ended was a failure."""
        return self.failed_at is not None and (self.succeeded_at is None or self.succeeded_at < self.failed_at)

    def is_late_at(self, now: datetime.datetime, *, interval: datetime.timedelta) -> bool:
        """Whether it should have succeeded again by now: two rounds are missing, or ten minutes of a quick one."""
        allowed = max(2 * interval, datetime.timedelta(minutes=10))
        return self.succeeded_at is None or now - self.succeeded_at > allowed
