"""Who may sign in."""

from allauth.account.auth_backends import AuthenticationBackend
from django.conf import settings
from django.db.models import Exists, OuterRef

from accounts.models import Notice, User


class MemberBackend(AuthenticationBackend):  # type: ignore[misc]
    """Sign-in by e-mail address; members of the demo population only while a demo is run for development."""

    def user_can_authenticate(self, user: User) -> bool:
        """Whether this account may sign in, or stay signed in."""
        is_allowed = not user.is_demo or (settings.DEMO and settings.DEBUG)
        return bool(is_allowed and super().user_can_authenticate(user))

    def get_user(self, user_id: int) -> User | None:
        """Return who is signed in, and with it whether operators said something that they have not read.

        Every page needs to know that, and most need the profile; this way none asks for it.
        """
        unread = Notice.objects.filter(user=OuterRef("pk"), read_at=None)
        user = User.objects.select_related("profile").annotate(has_notice=Exists(unread)).filter(pk=user_id).first()
        return user if user is not None and self.user_can_authenticate(user) else None
