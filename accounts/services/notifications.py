"""Telling people what happened: rows first, mail by a sweep that may run twice and misses nothing."""

import datetime
import logging
import smtplib
import uuid

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone

from accounts.models import Consent, Notification, User
from accounts.services import consents

SWEEP_SIZE = 200
# An address that refuses mail for this long does not exist; trying on would keep others waiting.
GIVEN_UP_AFTER = datetime.timedelta(days=2)
# The row is held while its mail goes out, which must not take long.
SECONDS_FOR_A_MAIL = 10

logger = logging.getLogger(__name__)


def notify(*, user_id: int, kind: str, subject_public_id: uuid.UUID) -> Notification:
    """Note what a person is to be told, one row for each subject; what happens again is told again."""
    untold = {"created_at": timezone.now(), "read_at": None, "sent_at": None}
    return Notification.objects.update_or_create(
        user_id=user_id, kind=kind, subject_public_id=subject_public_id, defaults=untold
    )[0]


def unread(*, user_id: int) -> int:
    """Return how many notifications a person has not seen yet."""
    return Notification.objects.filter(user_id=user_id, read_at=None).count()


def mark_read(*, user_id: int, kind: str) -> None:
    """Note that a person has seen everything of a kind."""
    Notification.objects.filter(user_id=user_id, kind=kind, read_at=None).update(read_at=timezone.now())


def send_unsent() -> int:
    """Mail what has not been mailed, to whom wants mail, and return how many mails went out.

    Raises
    ------
    OSError
        When the mail server is out of reach; everything unsent waits for the next sweep.
    """
    wanting = consents.given_user_ids(kind=Consent.Kind.MAIL)
    waiting = Notification.objects.filter(sent_at=None).order_by("created_at").values_list("pk", flat=True)
    connection = get_connection(timeout=SECONDS_FOR_A_MAIL)
    try:
        return sum(_settle(pk, wanting, connection) for pk in list(waiting[:SWEEP_SIZE]))
    finally:
        connection.close()


@transaction.atomic
def _settle(pk: int, wanting: set[int], connection: BaseEmailBackend) -> bool:
    """Send one mail under the row's lock, so that two sweeps never send it twice; return whether it went out."""
    row = Notification.objects.select_for_update(skip_locked=True).filter(pk=pk, sent_at=None).first()
    if row is None:
        return False
    person = row.user
    is_wanted = person.pk in wanting and person.is_active and not person.is_demo
    is_settled = not is_wanted or _is_taken(person, connection)
    if is_settled or timezone.now() - row.created_at > GIVEN_UP_AFTER:
        row.sent_at = timezone.now()
        row.save(update_fields=["sent_at"])
    if not is_settled:
        logger.warning("The mail of notification %s was refused.", row.pk)
    return is_wanted and is_settled


def _is_taken(person: User, connection: BaseEmailBackend) -> bool:
    """Send a mail that names nobody, and return whether the server took it; a lost connection is the sweep's affair."""
    context = {"site_url": settings.SITE_URL}
    mail = EmailMessage(
        subject=render_to_string("accounts/mail/match_subject.txt", context).strip(),
        body=render_to_string("accounts/mail/match.txt", context),
        to=[person.email],
        connection=connection,
    )
    connection.open()
    try:
        return mail.send() == 1
    except (smtplib.SMTPRecipientsRefused, smtplib.SMTPDataError, smtplib.SMTPSenderRefused):
        return False
