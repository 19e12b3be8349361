"""What is special about pages of the administration: a wider Content-Security-Policy, and a second factor."""

from collections.abc import Callable

from allauth.account.authentication import get_authentication_records
from allauth.mfa.totp.internal.auth import SECRET_SESSION_KEY
from allauth.mfa.utils import is_mfa_enabled
from csp.constants import UNSAFE_EVAL, UNSAFE_INLINE
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode

# Whose session enrolled a second factor; it proved it with the first code.
ENROLLED = "second_factor_of"

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
    """Let administrators in by sessions that showed a second factor; who has none is sent to where they enrol one.

    That an account has a factor is not enough: a session that a password alone opened before it was enrolled, or that
    was made otherwise, is asked for it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Let nobody into the administration with a password alone."""
        if not settings.STAFF_SECOND_FACTOR:
            return self.get_response(request)
        if request.method == "POST" and request.path == reverse("mfa_activate_totp"):
            return self._enrolling(request)
        if request.path.startswith(reverse("admin:index")) and _lacks_factor(request):
            if is_mfa_enabled(request.user):
                return redirect(f"{reverse('mfa_reauthenticate')}?{urlencode({'next': reverse('admin:index')})}")
            messages.info(request, "Set up a second factor first: the administration opens with one only.")
            return redirect("mfa_activate_totp")
        return self.get_response(request)

    def _enrolling(self, request: HttpRequest) -> HttpResponse:
        """Remember the session whose code was right: then, and only then, its secret is put away."""
        had_secret = SECRET_SESSION_KEY in request.session
        response = self.get_response(request)
        user = request.user
        if had_secret and SECRET_SESSION_KEY not in request.session and user.is_authenticated:
            request.session[ENROLLED] = user.pk
        return response


def _lacks_factor(request: HttpRequest) -> bool:
    """Whether this is an administrator whom a password alone let in."""
    user = request.user
    if not (user.is_authenticated and user.is_staff):
        return False
    if not is_mfa_enabled(user):
        return True
    records = get_authentication_records(request, user)
    return request.session.get(ENROLLED) != user.pk and not any(record["method"] == "mfa" for record in records)
