"""One message of a conversation."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models.functions import Coalesce
from django.utils import timezone

from conversations.models.reading import Reading
from recommendations.models import Match

LONGEST_TEXT = 2000


class MessageQuerySet(models.QuerySet["Message"]):
    """Messages in the product's words."""

    def unread_by(self, user_id: int) -> "MessageQuerySet":
        """Return what others wrote and a person has not read; what was deleted needs no reading."""
        read = Reading.objects.filter(match=models.OuterRef("match"), user=user_id).values("up_to")
        return (
            self.exclude(sender=user_id)
            .filter(deleted_at=None)
            .annotate(read_up_to=Coalesce(models.Subquery(read), 0, output_field=models.IntegerField()))
            .filter(number__gt=models.F("read_up_to"))
        )

    def newest_of_each(self) -> "MessageQuerySet":
        """Return the last message of each match among these."""
        last = Message.objects.filter(match=models.OuterRef("match")).order_by("-number").values("pk")[:1]
        return self.filter(pk=models.Subquery(last))


class Message(models.Model):
    """What one of two people wrote to the other. Who deletes it empties it; that something was here stays."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    match = models.ForeignKey(Match, on_delete=models.CASCADE, related_name="messages")
    sender = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="messages_sent")
    text = models.TextField(max_length=LONGEST_TEXT, validators=[MaxLengthValidator(LONGEST_TEXT)], blank=True)
    token = models.UUIDField(
        default=uuid.uuid4, editable=False, help_text="Of the form that was sent: sent twice, it is one message."
    )
    number = models.PositiveIntegerField(help_text="Orders the messages of a conversation.")
    revision = models.PositiveIntegerField(
        help_text="Rises with all that happens in the conversation; who knows the newest has missed nothing."
    )
    written_at = models.DateTimeField(default=timezone.now)
    edited_at = models.DateTimeField(null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)
    is_demo = models.BooleanField(default=False)

    objects = MessageQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["sender", "token"], name="conversations_message_once"),
            models.UniqueConstraint(fields=["match", "number"], name="conversations_message_in_order"),
            models.CheckConstraint(
                name="conversations_message_deleted_is_empty",
                condition=models.Q(deleted_at__isnull=True) | models.Q(text=""),
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["match", "revision"], name="conversations_message_news"),
            models.Index(fields=["sender", "written_at"], name="conversations_message_pace"),
        ]

    def __str__(self) -> str:
        return f"Message {self.public_id}"

    @property
    def is_deleted(self) -> bool:
        """Whether its writer took it away."""
        return self.deleted_at is not None
