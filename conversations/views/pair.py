"""What two who matched decide for themselves: to be reached, to open their picture, to tell how it went."""

import uuid

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.requests import MemberRequest
from conversations.forms import ContactForm, HowItWentForm, OpeningForm
from conversations.services import asking
from conversations.views.conversation import open_or_404
from recommendations.models import Match
from recommendations.services import matches
from surveys.access import with_consent


@with_consent
@require_POST
def contact(request: MemberRequest, public_id: uuid.UUID) -> HttpResponse:
    """Let a match know how to reach one, or no longer."""
    form = ContactForm(request.POST)
    if form.is_valid():
        try:
            matches.share_contact(user=request.user, public_id=public_id, shares=form.cleaned_data["shares"])
        except Match.DoesNotExist:
            raise Http404 from None
    return redirect("conversations:conversation", public_id=public_id)


@with_consent
@require_POST
def opening(request: MemberRequest, public_id: uuid.UUID) -> HttpResponse:
    """Let a match see one's picture, or no longer; what one sees of the other goes the same way."""
    form = OpeningForm(request.POST)
    if form.is_valid():
        try:
            matches.open_picture(user=request.user, public_id=public_id, opens=form.cleaned_data["opens"])
        except Match.DoesNotExist:
            raise Http404 from None
    return redirect("conversations:conversation", public_id=public_id)


@with_consent
@require_http_methods(["GET", "HEAD", "POST"])
def how_it_went(request: MemberRequest, public_id: uuid.UUID) -> HttpResponse:
    """Ask in private whether the two met and would again; an answer can be changed and taken back."""
    match = open_or_404(request.user, public_id)
    answered = asking.of_match(match=match, user=request.user)
    if not answered.is_due:
        raise Http404
    done = request.POST.get("done")
    if done in {"unasked", "back"}:
        # Taken back is not asked again either: who wants to answer finds the question in the conversation's margin.
        matches.say_how_it_went(user=request.user, public_id=public_id, met=None, again=None, is_unasked=True)
        messages.success(request, _("Good. You will not be asked again."))
        return redirect("conversations:conversation", public_id=public_id)
    form = HowItWentForm(request.POST or None, initial=_said(answered))
    if form.is_valid():
        met, again = form.cleaned_data["met"] == "yes", form.cleaned_data["again"]
        matches.say_how_it_went(
            user=request.user, public_id=public_id, met=met, again=None if not again else again == "yes"
        )
        messages.success(request, _("Thank you. Nobody but Kindred's ranking learns of it."))
        return redirect("conversations:conversation", public_id=public_id)
    context = {"match": match, "other": match.other(request.user.pk), "form": form, "answered": answered}
    return render(request, "conversations/how_it_went.html", context)


def _said(answered: asking.Answered) -> dict[str, str]:
    """Return what was answered before, as the form says it."""
    words = {True: "yes", False: "no", None: ""}
    return {"met": words[answered.met], "again": words[answered.again]}
