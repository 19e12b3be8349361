"""Tokens by which a member's own programs use the API: one a member, shown once, kept as a digest only."""

import datetime
import hashlib
import secrets
import uuid
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from rest_framework.authtoken.models import Token

from accounts.models import User

# As hexadecimal text this is exactly as long as the column of a token.
DIGEST_BYTES = 20


@dataclass(frozen=True)
class IssuedToken:
    """A token at the only moment at which it can be read."""

    secret: str
    created_at: datetime.datetime
    expires_at: datetime.datetime


def issue(*, user: User) -> IssuedToken:
    """Make a token; the one before it ends."""
    secret = f"{user.public_id.hex}.{secrets.token_urlsafe(32)}"
    with transaction.atomic():
        # Held, so that two requests at once leave one token.
        held = User.objects.select_for_update().get(pk=user.pk)
        revoke(user=held)
        token = Token.objects.create(user=held, key=_digest(secret, held))
    return IssuedToken(secret=secret, created_at=token.created, expires_at=expires_at(token))


def of(*, user: User) -> Token | None:
    """Return a person's token, if it can still be used."""
    return Token.objects.filter(user=user, created__gt=_oldest()).first()


def owner_of(*, secret: str) -> User | None:
    """Return whose token this is, if it can still be used."""
    try:
        public_id = uuid.UUID(secret.partition(".")[0])
    except ValueError:
        return None
    token = Token.objects.select_related("user").filter(user__public_id=public_id, created__gt=_oldest()).first()
    if token is None:
        return None
    owner: User = token.user
    return owner if constant_time_compare(token.key, _digest(secret, owner)) else None


def revoke(*, user: User) -> None:
    """End a person's token; without one nothing happens."""
    Token.objects.filter(user=user).delete()


def expires_at(token: Token) -> datetime.datetime:
    """Return when a token ends by itself."""
    created_at: datetime.datetime = token.created
    return created_at + datetime.timedelta(days=settings.API_TOKEN_DAYS)


def _oldest() -> datetime.datetime:
    """Return since when a token must have been made."""
    return timezone.now() - datetime.timedelta(days=settings.API_TOKEN_DAYS)


def _digest(secret: str, user: User) -> str:
    """Return what is kept of a token; 256 random bits need no slow hash.

    What sessions are bound to goes in, so that a new password ends the token as it ends them.
    """
    text = user.get_session_auth_hash() + secret
    return hashlib.blake2b(text.encode(), digest_size=DIGEST_BYTES).hexdigest()
