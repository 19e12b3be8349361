"""Where a person is signed in, and how it ends there."""

from typing import Any

from allauth.usersessions.adapter import get_adapter
from allauth.usersessions.models import UserSession
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.models import Session
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from accounts.models import User


def of(*, user: User) -> list[UserSession]:
    """Return where a person is signed in, and forget where they no longer are; three queries, however many there are.

    A session has ended when its time is over, or when the password changed since.
    """
    rows = list(UserSession.objects.filter(user=user).order_by("created_at"))
    stored = Session.objects.filter(session_key__in=[row.session_key for row in rows], expire_date__gt=timezone.now())
    hashes = [user.get_session_auth_hash(), *user.get_session_auth_fallback_hash()]
    open_keys = {one.session_key for one in stored if _opens(one.get_decoded(), user, hashes)}
    UserSession.objects.filter(pk__in=[row.pk for row in rows if row.session_key not in open_keys]).delete()
    return [row for row in rows if row.session_key in open_keys]


def end(*, user: User, session_id: int, current: str | None) -> None:
    """Sign a person out in one place, which is not where they ask for it.

    Raises
    ------
    UserSession.DoesNotExist
        When the person is signed in nowhere like this, or it is the current session.
    """
    row = UserSession.objects.exclude(session_key=current).get(user=user, pk=session_id)
    get_adapter().end_sessions([row])


def _opens(data: dict[str, Any], user: User, hashes: list[str]) -> bool:
    """Return whether what a session holds signs a person in; the rule is that of Django's own `get_user`."""
    given = str(data.get(HASH_SESSION_KEY, ""))
    return data.get(SESSION_KEY) == str(user.pk) and any(constant_time_compare(given, one) for one in hashes)
