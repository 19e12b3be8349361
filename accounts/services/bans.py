"""Addresses that may not sign up again, known by a keyed hash alone."""

from django.conf import settings
from django.utils.crypto import salted_hmac

from accounts.models import BannedAddress

SALT = "accounts.banned-address"
# Mail programs of this house deliver all of these to one box.
GOOGLE = frozenset({"gmail.com", "googlemail.com"})


def ban(*, email: str) -> None:
    """Keep an address from signing up; a second time changes nothing."""
    BannedAddress.objects.get_or_create(digest=digest(email))


def is_banned(*, email: str) -> bool:
    """Return whether an address may not sign up."""
    # A ban outlives the key under which it was written, as long as that key is still listed.
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return BannedAddress.objects.filter(digest__in=[digest(email, key) for key in keys]).exists()


def digest(email: str, key: str | None = None) -> str:
    """Return the hash of the box that an address stands for; without the site's secret key it says nothing."""
    return salted_hmac(SALT, _box(email), secret=key, algorithm="sha256").hexdigest()


def _box(email: str) -> str:
    """Return an address without case and without what people add to have many of it."""
    local, _, domain = email.strip().lower().rpartition("@")
    local = local.partition("+")[0]
    if domain in GOOGLE:
        return f"{local.replace('.', '')}@gmail.com"
    return f"{local}@{domain}"
