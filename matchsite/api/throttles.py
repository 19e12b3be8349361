"""How often somebody may ask: counted in the cache, by account, or by address for who is not signed in."""

from typing import TYPE_CHECKING, cast

from rest_framework.request import Request
from rest_framework.settings import api_settings
from rest_framework.throttling import AnonRateThrottle, UserRateThrottle

if TYPE_CHECKING:
    from rest_framework.views import APIView


class VisitorThrottle(AnonRateThrottle):
    """Counts who is not signed in by their address."""

    scope = "visitor"

    def get_rate(self) -> str | None:
        """Return the rate that the settings hold now, not the one they held at the start."""
        return _rate_of(self.scope)


class MemberThrottle(UserRateThrottle):
    """Counts who is signed in by their account, whatever address they come from."""

    scope = "member"

    def get_rate(self) -> str | None:
        """Return the rate that the settings hold now, not the one they held at the start."""
        return _rate_of(self.scope)

    def get_cache_key(self, request: Request, view: "APIView") -> str | None:
        """Return what to count by; visitors are counted elsewhere."""
        return super().get_cache_key(request, view) if request.user.is_authenticated else None


def _rate_of(scope: str) -> str | None:
    """Return how many requests in which time, as the settings write it; None is any number."""
    return cast("str | None", api_settings.DEFAULT_THROTTLE_RATES[scope])
