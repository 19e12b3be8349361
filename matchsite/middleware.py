"""What is special about pages of the administration: a wider Content-Security-Policy, and a second factor."""

from collections.abc import Callable

from allauth.mfa.utils import is_mfa_enabled
from csp.constants import UNSAFE_EVAL, UNSAFE_INLINE
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
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


class StaffSecondFactorMiddleware:
    """Send administrators without a second factor to where they enrol one; who has one is asked for it at sign-in."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Let nobody into the administration with a password alone."""
        if settings.STAFF_SECOND_FACTOR and request.path.startswith(reverse("admin:index")) and _lacks_factor(request):
            messages.info(request, "Set up a second factor first: the administration opens with one only.")
            return redirect("mfa_activate_totp")
        return self.get_response(request)


def _lacks_factor(request: HttpRequest) -> bool:
    """Whether this is an administrator whom a password alone let in."""
    user = request.user
    return user.is_authenticated and user.is_staff and not is_mfa_enabled(user)
