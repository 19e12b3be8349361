"""Mails as text and as a page, from three templates of one name."""

import smtplib
from collections.abc import Mapping
from typing import Any

from allauth.account.models import EmailAddress
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.template.loader import render_to_string

from accounts.models import User

# Rows are held while their mail goes out, which must not take long.
SECONDS_FOR_A_MAIL = 10


def is_confirmed(*, user: User) -> bool:
    """Return whether a person confirmed their address; mail to any other might come to a stranger."""
    return bool(EmailAddress.objects.filter(user=user, email__iexact=user.email, verified=True).exists())


def connection() -> BaseEmailBackend:
    """Return a connection to the mail server for several mails, not opened yet."""
    made: BaseEmailBackend = get_connection(timeout=SECONDS_FOR_A_MAIL)
    return made


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
