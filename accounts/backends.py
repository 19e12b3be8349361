"""Who may sign in."""

from allauth.account.auth_backends import AuthenticationBackend
from django.conf import settings

from accounts.models import User


class MemberBackend(AuthenticationBackend):  # type: ignore[misc]
    """Sign-in by e-mail address; members of the demo population only while a demo is run for development."""

    def user_can_authenticate(self, user: User) -> bool:
        """Whether this account may sign in, or stay signed in."""
        is_allowed = not user.is_demo or (settings.DEMO and settings.DEBUG)
        return bool(is_allowed and super().user_can_authenticate(user))
