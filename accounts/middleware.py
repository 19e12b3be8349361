"""Noting where visitors come from and when members are here."""

import hashlib
from collections.abc import Callable

from allauth.usersessions.models import UserSession
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from accounts.services import onboarding, visits

# How often it is noted, in seconds, where and when a session was last used.
SESSION_NOTED_EVERY = 600


class VisitMiddleware:
    """Counts each request of a signed-in member to a visit, and keeps what first led a visitor here."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Remember the source, answer, then count."""
        if "source" in request.GET and not request.user.is_authenticated:
            remember_source(request, request.GET["source"])
        response = self.get_response(request)
        # An account that was deleted while it was answered has no number any more.
        if request.user.is_authenticated and request.user.is_member and request.user.pk is not None:
            visits.record_request(user=request.user, now=timezone.now())
            note_session(request)
        return response


def note_session(request: HttpRequest) -> None:
    """Keep when and from where a session was last used, so that its owner can tell a stranger's from their own."""
    # A server that hears no address, as one behind a socket, has nothing to note.
    key = request.session.session_key if request.META.get("REMOTE_ADDR") else None
    # The cache holds a digest: whoever reads it can sign in with nothing.
    if key and cache.add(f"accounts.session.{hashlib.sha256(key.encode()).hexdigest()}", 1, SESSION_NOTED_EVERY):
        UserSession.objects.create_from_request(request)


def remember_source(request: HttpRequest, text: str) -> None:
    """Keep a source until sign-up; the first one counts."""
    source = onboarding.source_named(text)
    if source:
        request.session.setdefault(onboarding.SIGNUP_SOURCE, source)
