"""What the web role refuses to start with."""

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


def refuse_unsafe_web_role() -> None:
    """Stop a public web process that has no secret of its own.

    Raises
    ------
    ImproperlyConfigured
        When neither SECRET_KEY nor DEBUG is set: sessions signed with a key that each process draws for itself would
        be lost at every restart.
    """
    if not settings.SECRET_KEY_IS_CONFIGURED and not settings.DEBUG:
        raise ImproperlyConfigured("Set SECRET_KEY to a long random text before serving the site.")
