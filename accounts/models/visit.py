"""When people were here, and for how long."""

import datetime
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone

PAUSE_THAT_ENDS_A_VISIT = datetime.timedelta(minutes=30)


class Visit(models.Model):
    """Requests of one person without a pause of 30 minutes."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="visits")
    started_at = models.DateTimeField(default=timezone.now)
    last_seen_at = models.DateTimeField(default=timezone.now)
    n_requests = models.PositiveIntegerField(default=1)
    is_demo = models.BooleanField(default=False)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["user", "-last_seen_at"], name="accounts_visit_newest")]

    def __str__(self) -> str:
        return f"Visit of {self.user_id}"
