"""Telling people what happened: rows first, mail by a sweep that may run twice and misses nothing."""

import uuid

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone

from accounts.models import Consent, Notification
from accounts.services import consents

SWEEP_SIZE = 200


def notify(*, user_id: int, kind: str, subject_public_id: uuid.UUID) -> Notification:
    """Note what a person is to be told, once for each subject."""
    return Notification.objects.get_or_create(user_id=user_id, kind=kind, subject_public_id=subject_public_id)[0]


def unread(*, user_id: int) -> int:
    """Return how many notifications a person has not seen yet."""
    return Notification.objects.filter(user_id=user_id, read_at=None).count()


def mark_read(*, user_id: int, kind: str) -> None:
    """Note that a person has seen everything of a kind."""
    Notification.objects.filter(user_id=user_id, kind=kind, read_at=None).update(read_at=timezone.now())


def send_unsent() -> int:
    """Mail what has not been mailed, to whom wants mail, and return how many mails went out."""
    wanting = consents.given_user_ids(kind=Consent.Kind.MAIL)
    waiting = Notification.objects.filter(sent_at=None).order_by("created_at").values_list("pk", flat=True)
    return sum(_send(pk, wanting) for pk in list(waiting[:SWEEP_SIZE]))


def _send(pk: int, wanting: set[int]) -> bool:
    """Send one mail under the row's lock, so that two sweeps never send it twice; a failure is tried again."""
    with transaction.atomic():
        row = Notification.objects.select_for_update().select_related("user").filter(pk=pk, sent_at=None).first()
        if row is None:
            return False
        is_wanted = row.user_id in wanting and row.user.is_active and not row.user.is_demo
        row.sent_at = timezone.now()
        row.save(update_fields=["sent_at"])
        if is_wanted:
            context = {"site_url": settings.SITE_URL}
            EmailMessage(
                subject=render_to_string("accounts/mail/match_subject.txt", context).strip(),
                body=render_to_string("accounts/mail/match.txt", context),
                to=[row.user.email],
            ).send()
        return is_wanted
