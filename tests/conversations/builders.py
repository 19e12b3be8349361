"""Builders of what two people wrote, and of the browser of either."""

import datetime
import uuid
from typing import Any

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from conversations.models import Message
from conversations.services import writing
from recommendations.models import Match


def write(user: User, match: Match, text: str = "Good evening", *, days_ago: float = 0) -> Message:
    """Return a message that a person sent to a match some days ago."""
    message = writing.send(user=user, public_id=match.public_id, text=text, token=uuid.uuid4())
    if days_ago:
        message.written_at = timezone.now() - datetime.timedelta(days=days_ago)
        message.save(update_fields=["written_at"])
    return message


def write_many(user: User, match: Match, n: int) -> None:
    """Write numbered messages without waiting, as long ago as needed to be no haste."""
    then = timezone.now() - datetime.timedelta(hours=1)
    first = match.messages.count() + 1
    Message.objects.bulk_create(
        Message(match=match, sender=user, text=f"line {number}", number=number, revision=number, written_at=then)
        for number in range(first, first + n)
    )


def signed_in(user: User) -> Client:
    """Return the browser of a person."""
    client = Client()
    client.force_login(user)
    return client


def at(name: str, match: Match, *args: Any) -> str:
    """Return an address of a conversation."""
    return reverse(f"conversations:{name}", args=[match.public_id, *args])


def form_of(text: str, **more: Any) -> dict[str, Any]:
    """Return what the box sends."""
    return {"text": text, "token": str(uuid.uuid4()), **more}
