"""The one place where a page gets a wider Content-Security-Policy than the site's own."""

from collections.abc import Callable

from csp.constants import UNSAFE_EVAL, UNSAFE_INLINE
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

ADMIN_POLICY = {
    # Alpine, which the admin's theme is built with, evaluates expressions and sets styles on elements.
    "script-src": [UNSAFE_EVAL],
    "style-src": [UNSAFE_INLINE],
}


class AdminContentSecurityPolicyMiddleware:
    """Let the admin's theme evaluate its expressions; listed after CSPMiddleware, so that it answers before it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Widen the policy of admin pages only."""
        response = self.get_response(request)
        if request.path.startswith(reverse("admin:index")):
            response._csp_update = ADMIN_POLICY  # type: ignore[attr-defined]
        return response
