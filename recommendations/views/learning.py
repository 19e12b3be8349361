"""What is learned from a person, as they choose in their settings."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import for_members
from accounts.requests import MemberRequest
from recommendations.services import tastes


@for_members
@require_POST
def learning(request: MemberRequest) -> HttpResponse:
    """Let the site learn from one, or not."""
    is_learned_from = request.POST.get("is_learned_from") == "on"
    tastes.be_learned_from(user=request.user, is_learned_from=is_learned_from)
    messages.success(request, _("Saved."))
    return redirect("accounts:settings")


@for_members
@require_POST
def reset_taste(request: MemberRequest) -> HttpResponse:
    """Forget what was learned about one's taste."""
    tastes.reset(user=request.user)
    messages.success(request, _("Forgotten. What you say from now on is learned anew."))
    return redirect("accounts:settings")
