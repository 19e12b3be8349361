"""Signing in to the API by a token that a member made for a program of theirs."""

from typing import Any

from rest_framework import authentication, exceptions

from accounts.backends import MemberBackend
from accounts.models import User
from accounts.services import tokens


class TokenAuthentication(authentication.TokenAuthentication):
    """Takes `Authorization: Bearer …`; who could not sign in on the site cannot here either."""

    keyword = "Bearer"

    def authenticate_credentials(self, key: str) -> tuple[User, Any]:
        """Return the owner of a token."""
        owner = tokens.owner_of(secret=key)
        if owner is None or not MemberBackend().user_can_authenticate(owner):
            raise exceptions.AuthenticationFailed("This token is not valid, or not any more.")
        return owner, self.keyword
