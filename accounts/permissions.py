"""Who may use the API's operations; each refusal says what to do."""

from typing import TYPE_CHECKING

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from accounts.models import Consent
from accounts.services import consents

if TYPE_CHECKING:
    from rest_framework.views import APIView


class IsMember(BasePermission):
    """Lets people through who are here to meet others; staff has nothing of its own here."""

    message = "This account is not here to meet others. Sign in as a member."
    code = "member-needed"

    def has_permission(self, request: Request, view: "APIView") -> bool:
        """Whether this is a member."""
        return bool(request.user.is_authenticated and request.user.is_member)


class AgreedToBeMatched(BasePermission):
    """Lets people through who agreed to be matched by their answers."""

    message = "Agree to be matched by your answers first, on the site at /me/consents/."
    code = "consent-needed"

    def has_permission(self, request: Request, view: "APIView") -> bool:
        """Whether this person agrees now."""
        return request.user.is_authenticated and consents.is_given(user=request.user, kind=Consent.Kind.MATCHING)


class IsSignedInBySession(BasePermission):
    """Keeps a token from making or revoking tokens."""

    message = "Sign in on the site: a token can neither make nor revoke tokens."
    code = "session-needed"

    def has_permission(self, request: Request, view: "APIView") -> bool:
        """Whether a browser session, and no token, tells who this is."""
        return request.auth is None
