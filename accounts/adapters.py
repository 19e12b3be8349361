"""How allauth makes an account of ours."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.db import transaction
from django.http import HttpRequest

from accounts.models import Profile, User
from accounts.services import onboarding


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Saves the birth date with the account: without one the database refuses it."""

    def save_user(self, request: HttpRequest, user: User, form: Any, commit: bool = True) -> User:
        """Save account and profile together."""
        user.birth_date = form.cleaned_data["birth_date"]
        user.signup_source = request.session.get(onboarding.SIGNUP_SOURCE, "")[:64]
        with transaction.atomic():
            super().save_user(request, user, form, commit=commit)
            if commit:
                Profile.objects.create(user=user, display_name=form.cleaned_data["display_name"])
        return user
