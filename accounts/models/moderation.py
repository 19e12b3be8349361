"""What operators do that a person must hear of, and which addresses may not come back."""

from typing import ClassVar

from django.conf import settings
from django.db import models


class Notice(models.Model):
    """Something that operators say to a person: on every page until it is read, and by mail."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notices")
    text = models.TextField(max_length=2000)
    made_at = models.DateTimeField(auto_now_add=True)
    read_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(
        null=True, blank=True, help_text="When the mail went out, or was found not to be possible."
    )

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(name="accounts_notice_says_something", condition=~models.Q(text="")),
        ]
        indexes: ClassVar = [
            models.Index(fields=["user"], name="accounts_notice_unread", condition=models.Q(read_at__isnull=True)),
            models.Index(fields=["made_at"], name="accounts_notice_unsent", condition=models.Q(sent_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"Notice {self.pk} for {self.user_id}"


class BannedAddress(models.Model):
    """An e-mail address that may not sign up again, as a keyed hash: it can be compared, and not read."""

    digest = models.CharField(max_length=64, unique=True)
    banned_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name_plural = "banned addresses"

    def __str__(self) -> str:
        return f"Banned address {self.pk}"
