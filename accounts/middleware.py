"""Noting visits of signed-in people."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from accounts.services import visits


class VisitMiddleware:
    """Counts each request of a signed-in member to a visit."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, then count."""
        response = self.get_response(request)
        if request.user.is_authenticated and request.user.is_member:
            visits.record_request(user=request.user, now=timezone.now())
        return response
