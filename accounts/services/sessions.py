"""Where a person is signed in, and how it ends there."""

from allauth.usersessions.adapter import get_adapter
from allauth.usersessions.models import UserSession

from accounts.models import User


def end(*, user: User, session_id: int, current: str | None) -> None:
    """Sign a person out in one place, which is not where they ask for it.

    Raises
    ------
    UserSession.DoesNotExist
        When the person is signed in nowhere like this, or it is the current session.
    """
    row = UserSession.objects.exclude(session_key=current).get(user=user, pk=session_id)
    get_adapter().end_sessions([row])
