"""Saying: like, pass, not now and their undoing; blocks and reports."""

import uuid
from urllib.parse import urlencode

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from django_htmx.http import HttpResponseClientRedirect

from accounts.forms import ReportForm
from accounts.models import Purpose, User
from accounts.requests import MemberRequest
from accounts.services import safety as account_safety
from accounts.templatetags import avatars
from recommendations.forms import DeferralForm, PlaceForm, SampleVerdictForm, VerdictForm
from recommendations.models import Match, VerdictValue
from recommendations.services import acquaintances, cards, deferrals, matches, safety, samples, verdicts
from recommendations.views import undo
from recommendations.views.people import known_to, person_context
from recommendations.views.undo import LATER, Offer
from surveys.access import with_consent


@with_consent
@require_POST
def verdict(request: MemberRequest, public_id: uuid.UUID) -> HttpResponse:
    """Record a like, a pass or its taking back; a note that cannot be sent is handed back."""
    other = _member(public_id)
    form = VerdictForm(request.POST)
    if not form.is_valid():
        return _handed_back(request, other, form)
    purpose, value = form.cleaned_data["purpose"], form.cleaned_data["value"]
    try:
        verdicts.record(actor=request.user, target=other, purpose=purpose, value=value, note=form.said_note)
    except verdicts.TooManyLikesError:
        form.add_error("note", _("You liked many people within an hour. Read about them first, and like more later."))
        return _handed_back(request, other, form)
    except verdicts.VerdictRefusedError:
        raise Http404 from None
    match = matches.of(user=request.user).between(request.user.pk, other.pk).filter(purpose=purpose).first()
    if value == VerdictValue.LIKE and match is not None:
        return _to_match(request, match)
    return _answer(request, form, Offer(other, purpose, value))


@with_consent
@require_POST
def defer(request: MemberRequest, public_id: uuid.UUID) -> HttpResponse:
    """Leave somebody out of one's lists for a while, or no longer."""
    other = _member(public_id)
    form = DeferralForm(request.POST)
    if not form.is_valid():
        raise Http404
    purpose = form.cleaned_data["purpose"]
    if form.cleaned_data["is_taken_back"]:
        deferrals.take_back(viewer=request.user, other=other, purpose=purpose)
        return _answer(request, form, Offer(other, purpose, VerdictValue.UNDONE))
    try:
        deferrals.defer(viewer=request.user, other=other, purpose=purpose)
    except deferrals.DeferralRefusedError:
        raise Http404 from None
    return _answer(request, form, Offer(other, purpose, LATER))


@with_consent
@require_POST
def sample_verdict(request: MemberRequest) -> HttpResponse:
    """Record what is said of a sample person."""
    form = SampleVerdictForm(request.POST)
    if not form.is_valid():
        raise Http404
    data = form.cleaned_data
    try:
        samples.record(actor=request.user, token=data["token"], purpose=data["purpose"], value=data["value"])
    except verdicts.VerdictRefusedError:
        raise Http404 from None
    return _back(form)


@with_consent
@require_POST
def block(request: MemberRequest, public_id: uuid.UUID) -> HttpResponse:
    """Block somebody whom the viewer was shown or matched with."""
    safety.block(blocker=request.user, blocked=_met(request.user, public_id))
    messages.success(request, _("You will not see each other again."))
    return redirect("recommendations:people")


@with_consent
@require_POST
def report(request: MemberRequest, public_id: uuid.UUID) -> HttpResponse:
    """Report somebody whom the viewer was shown or matched with."""
    other = _met(request.user, public_id)
    form = ReportForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Choose a reason, and keep the details below 1,000 characters."))
        return redirect("recommendations:person", public_id=public_id)
    said = form.cleaned_data
    # Who reports is safe at once, or nothing has happened.
    with transaction.atomic():
        account_safety.report(
            reporter=request.user,
            subject=other,
            reason=said["reason"],
            details=said["details"],
            kind=said["kind"] or "person",
        )
        if said["blocks"]:
            safety.block(blocker=request.user, blocked=other)
    messages.success(request, _("Thank you. We will look at it."))
    return redirect("recommendations:people")


def _member(public_id: uuid.UUID) -> User:
    """Return a member; what may be said of them is not decided here."""
    return get_object_or_404(User.objects.members().select_related("profile"), public_id=public_id)


def _met(viewer: User, public_id: uuid.UUID) -> User:
    """Return somebody whom a person was shown or matched with; else there is nobody."""
    try:
        return acquaintances.met(viewer=viewer, public_id=public_id)
    except User.DoesNotExist:
        raise Http404 from None


def _handed_back(request: MemberRequest, other: User, form: VerdictForm) -> HttpResponse:
    """Return the person whom a note was for, with the note as it was typed and what is wrong with it."""
    if not form.is_bad_note:
        raise Http404
    known = known_to(request.user, other.public_id, form.cleaned_data["purpose"])
    if _is_card(request):
        return _card(request, other, known.purpose, form)
    return render(request, "recommendations/person.html", person_context(request, known, form), status=422)


def _to_match(request: MemberRequest, match: Match) -> HttpResponse:
    """Send a person to whom they have just matched with."""
    messages.success(request, _("You both would like to meet: this is a match."))
    address = reverse("conversations:conversation", args=[match.public_id])
    return HttpResponseClientRedirect(address) if _is_card(request) else redirect(address)


def _answer(request: MemberRequest, form: PlaceForm, offer: Offer) -> HttpResponse:
    """Return what takes the place of a card, or the page that something was said on."""
    is_undone = offer.kind == VerdictValue.UNDONE
    if _is_card(request):
        if is_undone:
            return _card(request, offer.person, offer.purpose, None)
        context = {"undo": offer, "purpose": Purpose(offer.purpose), "filters": urlencode(form.cleaned_data["filters"])}
        return render(request, "recommendations/includes/said_card.html", context)
    undo.keep(request, None if is_undone else offer)
    return _back(form, offer.person)


def _is_card(request: MemberRequest) -> bool:
    """Whether a script asks for a card only, to put it where the old one was."""
    return bool(request.htmx)


def _card(request: MemberRequest, other: User, purpose: str, form: VerdictForm | None) -> HttpResponse:
    """Return the card of somebody as the last list showed them."""
    known = known_to(request.user, other.public_id, purpose)
    if known.impression is None:
        raise Http404
    (card,) = cards.of_impressions(viewer=request.user, impressions=[known.impression])
    portrait = avatars.portrait({"request": request}, other, purpose=purpose)
    context = {"card": card, "portrait": portrait, "purpose": Purpose(purpose), "note_form": form, "has_focus": True}
    return render(request, "recommendations/includes/card.html", context)


def _back(form: PlaceForm, other: User | None = None) -> HttpResponse:
    """Return to the page on which something was said; which pages these can be is fixed."""
    data = form.cleaned_data
    if data["back"] == "person" and other is not None:
        address = reverse("recommendations:person", args=[other.public_id])
        return redirect(f"{address}?{urlencode({'purpose': data['purpose']})}")
    if data["back"] == "judged":
        return redirect("recommendations:judged")
    if data["back"] == "match":
        return redirect("conversations:list")
    query = urlencode({"purpose": data["purpose"], **data["filters"]})
    return redirect(f"{reverse('recommendations:people')}?{query}")
