"""Ending a match, blocking, reporting, and all of it at once."""

import uuid

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.requests import MemberRequest
from conversations.forms import ReportForm, UnsafeForm
from conversations.models import Message
from conversations.services import parting
from conversations.views.conversation import open_or_404, readable_or_404
from surveys.access import with_consent

# Of so many messages one can be pointed out in a report.
N_TO_CHOOSE = 20


@with_consent
@require_http_methods(["GET", "HEAD", "POST"])
def part(request: MemberRequest, public_id: uuid.UUID) -> HttpResponse:
    """End a match for both, after a question whether it is meant."""
    match = readable_or_404(request.user, public_id)
    if request.method == "POST":
        parting.unmatch(user=request.user, public_id=public_id)
        messages.success(request, _("The match has ended. Nobody was told."))
        return redirect("conversations:list")
    context = {"match": match, "other": match.other(request.user.pk), "is_gone": match.is_left}
    return render(request, "conversations/part.html", context)


@with_consent
@require_POST
def block(request: MemberRequest, public_id: uuid.UUID) -> HttpResponse:
    """Keep the two of a match apart, everywhere."""
    open_or_404(request.user, public_id)
    parting.block(user=request.user, public_id=public_id)
    messages.success(request, _("You will not see each other again."))
    return redirect("conversations:list")


@with_consent
@require_http_methods(["GET", "HEAD", "POST"])
def report(request: MemberRequest, public_id: uuid.UUID) -> HttpResponse:
    """Report a conversation, or one message of it."""
    match = open_or_404(request.user, public_id)
    form = ReportForm(request.POST or None)
    if form.is_valid():
        said = form.cleaned_data
        try:
            parting.report(
                user=request.user,
                public_id=public_id,
                reason=said["reason"],
                details=said["details"],
                about=said["about"],
            )
        except Message.DoesNotExist:
            raise Http404 from None
        messages.success(request, _("Thank you. Somebody will read it. The other side is not told."))
        if said["blocks"]:
            parting.block(user=request.user, public_id=public_id)
            return redirect("conversations:list")
        return redirect("conversations:conversation", public_id=public_id)
    theirs = match.messages.exclude(sender=request.user.pk).filter(deleted_at=None).order_by("-number")
    context = {
        "match": match,
        "other": match.other(request.user.pk),
        "form": form,
        "theirs": theirs[:N_TO_CHOOSE],
        "note": parting.note_to(user=request.user, match=match),
    }
    return render(request, "conversations/report.html", context)


@with_consent
@require_http_methods(["GET", "HEAD", "POST"])
def unsafe(request: MemberRequest, public_id: uuid.UUID) -> HttpResponse:
    """Explain what one button does for somebody who feels unsafe, and do it."""
    match = open_or_404(request.user, public_id)
    form = UnsafeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        parting.get_safe(user=request.user, public_id=public_id, details=form.cleaned_data["details"])
        return redirect("conversations:apart")
    context = {"match": match, "other": match.other(request.user.pk), "form": form}
    return render(request, "conversations/unsafe.html", context)


@with_consent
@require_safe
def apart(request: MemberRequest) -> HttpResponse:
    """Say that it is done, and where help is."""
    return render(request, "conversations/apart.html")
