"""Mails as text and as a page, from three templates of one name."""

import smtplib
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from allauth.account.models import EmailAddress
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.template.loader import render_to_string

from accounts.models import User

# Rows are held while their mail goes out, which must not take long.
SECONDS_FOR_A_MAIL = 10
SECONDS_FOR_A_SWEEP = 60.0
# So many losses are the server's doing, fewer may be that of an address.
MOST_LOST = 3


def is_confirmed(*, user: User) -> bool:
    """Return whether a person confirmed their address; mail to any other might come to a stranger."""
    return bool(EmailAddress.objects.filter(user=user, email__iexact=user.email, verified=True).exists())


def to_each(
    user_ids: Iterable[int],
    send: Callable[[int, BaseEmailBackend], bool],
    put_off: Callable[[int], object] | None = None,
) -> int:
    """Send to one person after the other while there is time, and return how many mails went out.

    Whoever loses the connection is put off, so that they hold nobody else up the next time either.

    Raises
    ------
    OSError
        When the mail server is out of reach; what is not sent waits for the next sweep.
    """
    ends_at, n_sent, losses = time.monotonic() + SECONDS_FOR_A_SWEEP, 0, list[OSError]()
    connection: BaseEmailBackend = get_connection(timeout=SECONDS_FOR_A_MAIL)
    for user_id in user_ids:
        if time.monotonic() > ends_at or len(losses) == MOST_LOST:
            break
        try:
            n_sent += send(user_id, connection)
        except OSError as error:
            losses.append(error)
            connection.close()
            if put_off is not None:
                put_off(user_id)
    connection.close()
    if losses and (not n_sent or len(losses) == MOST_LOST):
        raise losses[0]
    return n_sent


def is_taken(
    *,
    to: str,
    template: str,
    context: Mapping[str, Any],
    connection: BaseEmailBackend,
    headers: dict[str, str] | None = None,
) -> bool:
    """Send a mail, and return whether the server took it.

    The templates are the name with `_subject.txt`, `.txt` and `.html` behind it.

    Raises
    ------
    OSError
        When the server is out of reach: a lost connection is the sweep's affair, and no fault of the address.
    """
    mail = EmailMultiAlternatives(
        subject=render_to_string(f"{template}_subject.txt", context).strip(),
        body=render_to_string(f"{template}.txt", context),
        to=[to],
        connection=connection,
        headers=headers,
    )
    mail.attach_alternative(render_to_string(f"{template}.html", context), "text/html")
    connection.open()
    try:
        return mail.send() == 1
    except (smtplib.SMTPRecipientsRefused, smtplib.SMTPDataError, smtplib.SMTPSenderRefused):
        return False
