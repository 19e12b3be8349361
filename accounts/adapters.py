"""How allauth makes an account of ours."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.stagekit import clear_login
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.backends import MemberBackend
from accounts.models import Profile, User
from accounts.services import bans, onboarding


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

    def clean_email(self, email: str) -> str:
        """Refuse an address that was banned, at sign-up and when one is added, without saying why."""
        cleaned: str = super().clean_email(email)
        if self.request is not None and self.request.path == reverse("account_reset_password"):
            # Whoever asks for a new password is told the same for every address.
            return cleaned
        if bans.is_banned(email=cleaned):
            raise ValidationError(_("This address cannot be used here."))
        return cleaned

    def pre_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse | None:
        """Refuse whom the backend refuses: allauth itself looks at nothing but whether the account is active."""
        refusal: HttpResponse | None = super().pre_login(request, user, **kwargs)
        if refusal is None and not MemberBackend().user_can_authenticate(user):
            clear_login(request)
            refusal = self.respond_user_inactive(request, user)
        return refusal

    def add_message(
        self, request: HttpRequest, level: int, message_template: str | None = None, *args: Any, **kwargs: Any
    ) -> None:
        """Leave out that somebody is signed in: the page shows it, and accounts have no name to say it with."""
        if message_template != "account/messages/logged_in.txt":
            super().add_message(request, level, message_template, *args, **kwargs)
