"""What operators say to a person: on the next page that they open, and by mail."""

import logging

from django.conf import settings
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.utils import timezone

from accounts.models import Notice, User
from accounts.services import mails

SWEEP_SIZE = 200

logger = logging.getLogger(__name__)


def say(*, user: User, text: str) -> Notice:
    """Say something to a person; it stands on each page until they have read it."""
    return Notice.objects.create(user=user, text=text)


def unread(*, user: User) -> list[Notice]:
    """Return what a person has not read yet, oldest first."""
    return list(Notice.objects.filter(user=user, read_at=None).order_by("pk"))


def mark_read(*, user: User, up_to: int) -> None:
    """Note that a person has read what was said up to one notice."""
    Notice.objects.filter(user=user, pk__lte=up_to, read_at=None).update(read_at=timezone.now())


def send_unsent() -> int:
    """Mail what was not mailed yet and not read on the site; return how many mails went out.

    This is about the account itself: it goes to everybody who confirmed their address.

    Raises
    ------
    OSError
        When the mail server is out of reach; everything unsent waits for the next sweep.
    """
    waiting = Notice.objects.filter(sent_at=None).order_by("pk").values_list("pk", flat=True)
    return mails.to_each(list(waiting[:SWEEP_SIZE]), _send)


@transaction.atomic
def _send(notice_id: int, connection: BaseEmailBackend) -> bool:
    """Send one notice under its lock, so that two sweeps send it once."""
    # Without a join: the person stays free, and MariaDB can lock nothing but all that it reads.
    notice = Notice.objects.select_for_update(skip_locked=True).filter(pk=notice_id, sent_at=None).first()
    if notice is None:
        return False
    notice.sent_at = timezone.now()
    notice.save(update_fields=["sent_at"])
    if notice.read_at is not None or notice.user.is_demo or not mails.is_confirmed(user=notice.user):
        return False
    context = {"site_url": settings.SITE_URL, "text": notice.text}
    is_taken = mails.is_taken(
        to=notice.user.email, template="accounts/mail/notice", context=context, connection=connection
    )
    if not is_taken:
        logger.warning("The mail of notice %s was refused.", notice.pk)
    return is_taken
