"""Noting where visitors come from and when members are here."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from accounts.services import onboarding, visits


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
        return response


def remember_source(request: HttpRequest, text: str) -> None:
    """Keep a source until sign-up; the first one counts."""
    source = onboarding.source_named(text)
    if source:
        request.session.setdefault(onboarding.SIGNUP_SOURCE, source)
