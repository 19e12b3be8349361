"""What a person chose to show of their picture: an image for whoever has its link, or both wheels for two."""

import datetime
import secrets
import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone

LINK_LASTS = datetime.timedelta(days=14)
TOKEN_BYTES = 24
TOKEN_LENGTH = 32


def new_token() -> str:
    """Return the secret part of a link."""
    return secrets.token_urlsafe(TOKEN_BYTES)


class SharedPicture(models.Model):
    """The image of a person's wheel is open to whoever has the link; without a row there is no image."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="shared_picture")
    token = models.CharField(max_length=TOKEN_LENGTH, unique=True, default=new_token, editable=False)
    made_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"Shared picture of {self.user_id}"


class ComparisonQuerySet(models.QuerySet["Comparison"]):
    """Comparisons in the product's words."""

    def of(self, user_id: int) -> "ComparisonQuerySet":
        """Return what one person takes part in and nobody has ended."""
        return self.filter(models.Q(inviter_id=user_id) | models.Q(friend_id=user_id), ended_at=None)

    def open_links(self, now: datetime.datetime) -> "ComparisonQuerySet":
        """Return the links that somebody may still follow."""
        return self.filter(friend=None, ended_at=None, made_at__gt=now - LINK_LASTS)


class Comparison(models.Model):
    """Two people who may see both their wheels: one made a link, the other followed it, and both said yes."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    token = models.CharField(max_length=TOKEN_LENGTH, unique=True, default=new_token, editable=False)
    inviter = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="comparisons_begun")
    friend = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True, related_name="comparisons_joined"
    )
    made_at = models.DateTimeField(default=timezone.now)
    inviter_agreed_at = models.DateTimeField(
        null=True, blank=True, help_text="When the inviter said yes to this friend."
    )
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = ComparisonQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="surveys_comparison_not_oneself",
                condition=models.Q(friend__isnull=True) | ~models.Q(friend=models.F("inviter")),
            ),
        ]

    def __str__(self) -> str:
        return f"Comparison {self.public_id}"

    @property
    def is_agreed(self) -> bool:
        """Whether both have said yes and neither has ended it; the friend said yes by joining."""
        return self.friend_id is not None and self.inviter_agreed_at is not None and self.ended_at is None
