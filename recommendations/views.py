"""Pages about other people. Nothing here computes a score for somebody whom the viewer chose."""

import uuid
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import places
from accounts.forms import ReportForm
from accounts.models import Circle, Notification, Preference, Purpose, User
from accounts.requests import MemberRequest
from accounts.services import notifications, onboarding
from accounts.services import safety as account_safety
from recommendations import texts
from recommendations.forms import ContactForm, OpeningForm, SampleVerdictForm, VerdictForm
from recommendations.models import Label, Match, VerdictValue
from recommendations.services import acquaintances, cards, lists, matches, openings, safety, samples, verdicts
from recommendations.services.acquaintances import Acquaintance
from surveys.access import with_consent
from surveys.services import answers


@login_required
@require_safe
def next_step(request: MemberRequest) -> HttpResponse:
    """Send a person to what they need next."""
    if not request.user.is_member:
        return redirect("admin:index" if request.user.is_staff else "help")
    if not onboarding.is_done(user=request.user):
        return redirect("accounts:onboarding")
    if answers.current_sheet(user=request.user).n_answered < settings.SHOWN_FROM_ANSWERS:
        return redirect("surveys:survey")
    return redirect("recommendations:people")


@with_consent
@require_safe
def people(request: MemberRequest) -> HttpResponse:
    """Show a person the people for one purpose."""
    active = set(Preference.objects.filter(user=request.user, is_active=True).values_list("purpose", flat=True))
    tabs = [purpose for purpose in Purpose if purpose in active]
    purpose = request.GET.get("purpose") or next(iter(tabs), Purpose.FRIEND)
    if purpose not in Purpose:
        raise Http404
    circles = list(Circle.objects.filter(memberships__user=request.user).order_by("name", "pk"))
    circle = _chosen_circle(request, circles)
    found = lists.list_for(viewer=request.user, purpose=purpose, circle=circle)
    context = {
        "purpose": Purpose(purpose),
        "tabs": tabs,
        "circles": circles,
        "circle": circle,
        "list": found,
        "obstacle": found.obstacle.name if found.obstacle else "",
        "cards": cards.of_impressions(viewer=request.user, impressions=found.impressions),
        "removed": texts.removed(found.removed),
        "samples": [
            {
                "token": person.token,
                "step": person.label,
                "label": Label(person.label).label,
                "reasons": texts.sentences(person.agreements),
            }
            for person in samples.list_for(viewer=request.user, purpose=purpose, circle=circle)
        ],
        "are_samples_synthetic": samples.are_synthetic(),
        "shown_from": settings.SHOWN_FROM_ANSWERS,
    }
    return render(request, "recommendations/people.html", context)


@with_consent
@require_safe
def person(request: MemberRequest, public_id: uuid.UUID) -> HttpResponse:
    """Show somebody whom the viewer was shown or is matched with; to everybody else they do not exist."""
    known = _known(request.user, public_id, request.GET.get("purpose"))
    shown = [known.impression] if known.impression else []
    context = {
        "known": known,
        "person": known.person,
        "place": places.city(known.person.profile.city),
        "card": next(iter(cards.of_impressions(viewer=request.user, impressions=shown)), None),
        "purpose": Purpose(known.purpose),
        "said": verdicts.current_value(actor=request.user, target=known.person, purpose=known.purpose),
        "report_form": ReportForm(),
    }
    return render(request, "recommendations/person.html", context)


@with_consent
@require_POST
def verdict(request: MemberRequest, public_id: uuid.UUID) -> HttpResponse:
    """Record a like, a pass or its taking back."""
    other = get_object_or_404(User.objects.members(), public_id=public_id)
    form = VerdictForm(request.POST)
    if not form.is_valid():
        raise Http404
    purpose, value = form.cleaned_data["purpose"], form.cleaned_data["value"]
    try:
        verdicts.record(actor=request.user, target=other, purpose=purpose, value=value)
    except verdicts.VerdictRefusedError:
        raise Http404 from None
    match = matches.of(user=request.user).between(request.user.pk, other.pk).filter(purpose=purpose).first()
    if value == VerdictValue.LIKE and match is not None:
        messages.success(request, "You both would like to meet: this is a match.")
        return redirect("recommendations:match", public_id=match.public_id)
    return _back(form, other)


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
@require_safe
def judged(request: MemberRequest) -> HttpResponse:
    """Show whom a person liked or passed, each revocable."""
    standing = verdicts.standing(actor=request.user)
    likes = [verdict for verdict in standing if verdict.value == VerdictValue.LIKE]
    passes = [verdict for verdict in standing if verdict.value == VerdictValue.PASS]
    context = {
        "likes": likes,
        "passes": passes,
        "samples": [(verdict, samples.token_of(verdict)) for verdict in samples.standing(actor=request.user)],
        "are_samples_synthetic": samples.are_synthetic(),
    }
    return render(request, "recommendations/judged.html", context)


@with_consent
@require_safe
def match_list(request: MemberRequest) -> HttpResponse:
    """Show a person's matches."""
    notifications.mark_read(user_id=request.user.pk, kind=Notification.Kind.MATCH)
    found = [(match, match.other(request.user.pk)) for match in matches.of(user=request.user)]
    return render(request, "recommendations/matches.html", {"matches": found})


@with_consent
@require_http_methods(["GET", "HEAD", "POST"])
def match(request: MemberRequest, public_id: uuid.UUID) -> HttpResponse:
    """Show one match, and let both choose whether the other may know how to reach them."""
    mine = get_object_or_404(matches.of(user=request.user), public_id=public_id)
    if request.method == "POST":
        form = ContactForm(request.POST)
        if form.is_valid():
            matches.share_contact(user=request.user, public_id=public_id, shares=form.cleaned_data["shares"])
        return redirect("recommendations:match", public_id=public_id)
    other = mine.other(request.user.pk)
    context = {
        "match": mine,
        "other": other,
        "place": places.city(other.profile.city),
        "i_share": mine.shares_contact(request.user.pk),
        "contact": mine.contact_for(request.user.pk),
        "i_open": mine.opens(request.user.pk),
        "opened": openings.of_match(match=mine, user=request.user),
    }
    return render(request, "recommendations/match.html", context)


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
    return redirect("recommendations:match", public_id=public_id)


@with_consent
@require_POST
def block(request: MemberRequest, public_id: uuid.UUID) -> HttpResponse:
    """Block somebody whom the viewer was shown or matched with."""
    safety.block(blocker=request.user, blocked=_met(request.user, public_id))
    messages.success(request, "You will not see each other again.")
    return redirect("recommendations:people")


@with_consent
@require_POST
def report(request: MemberRequest, public_id: uuid.UUID) -> HttpResponse:
    """Report somebody whom the viewer was shown or matched with."""
    other = _met(request.user, public_id)
    form = ReportForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Choose a reason, and keep the details below 1,000 characters.")
        return redirect("recommendations:person", public_id=public_id)
    account_safety.report(reporter=request.user, subject=other, **form.cleaned_data)
    messages.success(request, "Thank you. We will look at it.")
    return redirect("recommendations:people")


def _known(viewer: User, public_id: uuid.UUID, purpose: str | None) -> Acquaintance:
    """Return somebody whose page a person may open; else there is nobody."""
    try:
        return acquaintances.find(viewer=viewer, public_id=public_id, purpose=purpose)
    except User.DoesNotExist:
        raise Http404 from None


def _met(viewer: User, public_id: uuid.UUID) -> User:
    """Return somebody whom a person was shown or matched with; else there is nobody."""
    try:
        return acquaintances.met(viewer=viewer, public_id=public_id)
    except User.DoesNotExist:
        raise Http404 from None


def _chosen_circle(request: MemberRequest, circles: list[Circle]) -> Circle | None:
    """Return the circle that a person chose among their own, if any."""
    chosen = request.GET.get("circle", "")
    if not chosen:
        return None
    for circle in circles:
        if str(circle.public_id) == chosen:
            return circle
    raise Http404


def _back(form: VerdictForm, other: User | None = None) -> HttpResponse:
    """Return to the page on which something was said; which pages these can be is fixed."""
    data = form.cleaned_data
    if data["back"] == "person" and other is not None:
        address = reverse("recommendations:person", args=[other.public_id])
        return redirect(f"{address}?{urlencode({'purpose': data['purpose']})}")
    if data["back"] == "judged":
        return redirect("recommendations:judged")
    if data["back"] == "match":
        return redirect("recommendations:matches")
    chosen = {"purpose": data["purpose"]} | ({"circle": data["circle"]} if data["circle"] else {})
    return redirect(f"{reverse('recommendations:people')}?{urlencode(chosen)}")
