"""Settings: who sees one, which mails come, whom one blocked, how the pages look. Each changes one's own rows only."""

import uuid
from typing import Any

from allauth.usersessions.models import UserSession
from allauth.usersessions.views import ListUserSessionsView
from django.conf import settings as site_settings
from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django.views.generic import FormView

from accounts.access import for_members
from accounts.forms import MailForm, SeenForm, ThemeForm
from accounts.models import Block, Consent, Notification, User
from accounts.models.notification import Frequency
from accounts.requests import MemberRequest
from accounts.services import consents, notices, notifications, profiles, safety, sessions
from accounts.services import mails as mail_service

A_YEAR = 365 * 24 * 60 * 60
THEME = "theme"
# Of a number that a database takes.
MOST_DIGITS = 19


@for_members
@require_safe
def settings(request: MemberRequest) -> HttpResponse:
    """Show everything that a person can set, each thing with its own button."""
    user = request.user
    is_mailed = consents.is_given(user=user, kind=Consent.Kind.MAIL)
    context = {
        "seen_form": SeenForm(initial={"seen_by": profiles.seen_by(user=user)}),
        "mail_form": MailForm(initial={"is_mailed": is_mailed} | notifications.frequencies(user=user)),
        "theme_form": ThemeForm(initial={"theme": request.COOKIES.get(THEME, "")}),
        "is_confirmed": mail_service.is_confirmed(user=user),
        "blocks": _blocks(user),
        "profile": profiles.of(user=user),
    }
    return render(request, "accounts/settings/settings.html", context)


@for_members
@require_POST
def seen(request: MemberRequest) -> HttpResponse:
    """Be seen by everybody, in circles only, or by nobody."""
    form = SeenForm(request.POST)
    if form.is_valid():
        profiles.be_seen_by(user=request.user, who=form.cleaned_data["seen_by"])
        messages.success(request, _("Saved."))
    else:
        messages.error(request, _("Choose one of the three."))
    return redirect("accounts:settings")


@for_members
@require_POST
def mails(request: MemberRequest) -> HttpResponse:
    """Choose which mails come, and how often."""
    form = MailForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Choose for each kind how often."))
        return redirect("accounts:settings")
    data = form.cleaned_data
    consents.decide(user=request.user, kind=Consent.Kind.MAIL, is_given=data["is_mailed"])
    for kind in Notification.Kind:
        notifications.choose(user=request.user, kind=kind, frequency=data[kind])
    messages.success(request, _("Saved."))
    return redirect("accounts:settings")


@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Choose how the pages look in this browser."""
    form = ThemeForm(request.POST)
    response = redirect("accounts:settings")
    if form.is_valid() and form.cleaned_data["theme"]:
        secure = not site_settings.DEBUG
        response.set_cookie(THEME, form.cleaned_data["theme"], max_age=A_YEAR, samesite="Lax", secure=secure)
    else:
        response.delete_cookie(THEME, samesite="Lax")
    return response


@for_members
@require_POST
def unblock(request: MemberRequest) -> HttpResponse:
    """Take a block back; what ended by it stays ended."""
    block = get_object_or_404(_blocks(request.user), blocked__public_id=_uuid_of(request.POST.get("person", "")))
    safety.unblock(blocker=request.user, blocked=block.blocked)
    said = _("No longer blocked. Lists may show you to each other again; a match does not come back.")
    messages.success(request, said)
    return redirect("accounts:settings")


class SessionsView(LoginRequiredMixin, ListUserSessionsView):  # type: ignore[misc]
    """Show where one is signed in, as allauth does, but without questions about each place."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Return the open sessions."""
        found = sessions.of(user=self.request.user)
        # Not the parent's: it asks three times for each session.
        return FormView.get_context_data(self, **kwargs) | {"sessions": found, "session_count": len(found)}


@for_members
@require_POST
def end_session(request: MemberRequest) -> HttpResponse:
    """Sign out in one other place."""
    number = request.POST.get("session", "")
    try:
        sessions.end(
            user=request.user,
            session_id=int(number) if number.isdecimal() and len(number) < MOST_DIGITS else 0,
            current=request.session.session_key,
        )
    except UserSession.DoesNotExist:
        raise Http404 from None
    messages.success(request, _("Signed out there."))
    return redirect("usersessions_list")


@for_members
@require_POST
def read_notices(request: MemberRequest) -> HttpResponse:
    """Put away what operators said, as far as the page showed it."""
    number = request.POST.get("up_to", "")
    notices.mark_read(user=request.user, up_to=int(number) if number.isdecimal() and len(number) < MOST_DIGITS else 0)
    return redirect("recommendations:next-step")


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """End mails of some kinds by the link in one of them; mail programs send the POST themselves (RFC 8058).

    Without the check of the form: the link is the proof, and programs know no other.
    """
    try:
        user, kinds = notifications.unsubscribed_by(token=token)
    except User.DoesNotExist:
        raise Http404 from None
    if request.method == "POST":
        for kind in kinds:
            notifications.choose(user=user, kind=kind, frequency=Frequency.NEVER)
    labels = [Notification.Kind(kind).label for kind in kinds]
    context = {"token": token, "labels": labels, "is_done": request.method == "POST"}
    return render(request, "accounts/settings/unsubscribe.html", context)


def _blocks(user: User) -> QuerySet[Block]:
    """Return whom a person blocked and who is still here, newest first."""
    made = Block.objects.filter(blocker=user, blocked__is_active=True)
    return made.select_related("blocked__profile").order_by("-created_at", "-pk")


def _uuid_of(text: str) -> str:
    """Return a public id as it was sent, or one that nobody has."""
    try:
        return str(uuid.UUID(text))
    except ValueError:
        return str(uuid.UUID(int=0))
