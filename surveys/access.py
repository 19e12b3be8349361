"""Who may open pages that rest on somebody's answers."""

from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from accounts.models import Consent
from accounts.requests import MemberRequest
from accounts.services import consents


def with_consent(view: Any) -> Any:
    """Let only people through who agreed to be matched by their answers."""

    @wraps(view)
    @login_required
    def checked(request: MemberRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not consents.is_given(user=request.user, kind=Consent.Kind.MATCHING):
            messages.info(request, _("The survey needs your agreement first."))
            return redirect("accounts:consents")
        response: HttpResponse = view(request, *args, **kwargs)
        return response

    return checked
