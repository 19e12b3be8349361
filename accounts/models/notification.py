"""What a person is to be told, and how often; a sweep sends what is due."""

import datetime
from collections.abc import Mapping
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Frequency(models.TextChoices):
    """How often mails about something come at most."""

    NOW = "now", _("At once")
    DAILY = "daily", _("Once a day at most")
    WEEKLY = "weekly", _("Once a week at most")
    NEVER = "never", _("Never")


# How long after a mail the next one may follow.
PAUSES: Mapping[str, datetime.timedelta] = {
    Frequency.NOW: datetime.timedelta(0),
    Frequency.DAILY: datetime.timedelta(days=1),
    Frequency.WEEKLY: datetime.timedelta(days=7),
}
# Whoever wants no mail at once may read it on the site first.
TIME_TO_READ = datetime.timedelta(hours=1)


class Notification(models.Model):
    """One thing that happened to one person."""

    class Kind(models.TextChoices):
        """What happened."""

        MATCH = "match", _("A new match")
        MESSAGE = "message", _("A new message")
        PEOPLE = "people", _("New like-minded people")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notifications")
    kind = models.CharField(max_length=16, choices=Kind)
    subject_public_id = models.UUIDField(help_text="Public id of what it is about.")
    created_at = models.DateTimeField(auto_now_add=True)
    due_at = models.DateTimeField(
        default=timezone.now, db_default=Now(), help_text="When a mail about it may go out, as its person chose."
    )
    read_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(
        null=True, blank=True, help_text="When the mail went out, or was found not to be wanted."
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "kind", "subject_public_id"], name="accounts_notification_once"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["due_at"], name="accounts_notification_due", condition=models.Q(sent_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"{self.kind} for {self.user_id}"


class NotificationChoice(models.Model):
    """How often one person wants mails about one kind of thing; without a row the default holds."""

    DEFAULTS: ClassVar[Mapping[str, str]] = {
        Notification.Kind.MATCH: Frequency.NOW,
        Notification.Kind.MESSAGE: Frequency.DAILY,
        Notification.Kind.PEOPLE: Frequency.WEEKLY,
    }

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notification_choices")
    kind = models.CharField(max_length=16, choices=Notification.Kind)
    frequency = models.CharField(max_length=6, choices=Frequency)
    mailed_at = models.DateTimeField(null=True, blank=True, help_text="When the last mail about this kind went out.")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "kind"], name="accounts_notification_choice_once"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.frequency} for {self.user_id}"
