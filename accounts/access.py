"""Who may open the pages of members."""

from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect

from accounts.requests import MemberRequest


def for_members(view: Any) -> Any:
    """Let only people through who are here to meet others; staff has no pages of its own."""

    @wraps(view)
    @login_required
    def checked(request: MemberRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_member:
            return redirect("recommendations:next-step")
        response: HttpResponse = view(request, *args, **kwargs)
        return response

    return checked
