"""A copy of everything about oneself, ready to be fetched for two days."""

import datetime
import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone

LASTS = datetime.timedelta(hours=48)


def path_of(export: "Export", _name: str) -> str:
    """Return where a copy lies: a name that says nothing and cannot be guessed."""
    return f"exports/{export.public_id}.zip"


class Export(models.Model):
    """One copy; its file goes when its time is over."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="exports")
    file = models.FileField(upload_to=path_of, max_length=100)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["created_at"], name="privacy_export_oldest")]

    def __str__(self) -> str:
        return f"Export {self.public_id}"

    @property
    def expires_at(self) -> datetime.datetime:
        """When the copy can no longer be fetched."""
        return self.created_at + LASTS

    @property
    def is_expired(self) -> bool:
        """Whether its time is over."""
        return timezone.now() >= self.expires_at
