"""A person's own pages: profile, purposes, consents. Each looks up rows through the person who asks."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import languages, places
from accounts.access import for_members
from accounts.circle_views import found_waiting
from accounts.forms import (
    ConsentForm,
    InvitationForm,
    PreferenceForm,
    ProfileForm,
    WelcomeForm,
)
from accounts.models import Consent
from accounts.requests import MemberRequest
from accounts.services import circles as circle_services
from accounts.services import consents as consent_services
from accounts.services import onboarding as onboarding_services
from accounts.services import profiles as profile_services
from accounts.services import purposes as purpose_services

read_and_write = require_http_methods(["GET", "HEAD", "POST"])


@for_members
@require_safe
def profile(request: MemberRequest) -> HttpResponse:
    """Show one's own page with everything that can be changed."""
    person = profile_services.of(user=request.user)
    if not person.pk:
        return redirect("accounts:onboarding")
    active = [preference for preference in purpose_services.of(user=request.user) if preference.is_active]
    context = {
        "profile": person,
        "place": places.city(person.city),
        "spoken": languages.names(spoken.code for spoken in person.languages.all()),
        "preferences": active,
        "given": consent_services.given_kinds(user=request.user),
    }
    return render(request, "accounts/profile.html", context)


@for_members
@read_and_write
def edit_profile(request: MemberRequest) -> HttpResponse:
    """Change what others see."""
    person = profile_services.of(user=request.user)
    form = ProfileForm(request.POST or None, instance=person)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Saved."))
        return redirect("accounts:profile")
    return render(request, "accounts/edit_profile.html", {"form": form, "profile": person})


@for_members
@require_POST
def pause(request: MemberRequest) -> HttpResponse:
    """Be shown to nobody, or again."""
    is_paused = request.POST.get("is_paused") == "on"
    profile_services.pause(user=request.user, is_paused=is_paused)
    messages.success(
        request, _("You are paused: nobody is shown you.") if is_paused else _("You are shown to others again.")
    )
    return redirect("accounts:profile")


@for_members
@require_safe
def towns(request: MemberRequest) -> HttpResponse:
    """Return the towns whose name begins like what somebody types, for the browser's list of suggestions."""
    text = request.GET.get("place", "")[:100]
    return render(request, "accounts/includes/towns.html", {"towns": places.search(text)})


@for_members
@read_and_write
def purposes(request: MemberRequest) -> HttpResponse:
    """Say what one is here for, each purpose with its own rules."""
    forms = _purpose_forms(request)
    if request.method == "POST" and _are_valid(*forms):
        _keep_purposes(forms)
        messages.success(request, _("Saved."))
        return redirect("accounts:profile")
    return render(request, "accounts/purposes.html", {"forms": forms})


@for_members
@read_and_write
def consents(request: MemberRequest) -> HttpResponse:
    """Decide about each consent; every decision is added to a history."""
    given = consent_services.given_kinds(user=request.user)
    form = ConsentForm(
        request.POST or None,
        initial=dict.fromkeys(given, True),
        asks_for_genders=Consent.Kind.WANTED_GENDERS in given,
    )
    if request.method == "POST" and form.is_valid():
        _decide(request, form)
        messages.success(request, _("Your decisions hold from now on."))
        return redirect("accounts:profile")
    history = Consent.objects.filter(user=request.user).order_by("-pk")
    return render(request, "accounts/consents.html", {"form": form, "history": history})


@for_members
@read_and_write
def onboarding(request: MemberRequest) -> HttpResponse:
    """Ask once for everything that meeting others needs: profile, purposes, consents, and a circle if there is one."""
    if onboarding_services.is_done(user=request.user):
        return redirect("recommendations:next-step")
    invitation = request.session.get(onboarding_services.INVITATION, "")
    form = WelcomeForm(request.POST or None, instance=profile_services.of(user=request.user))
    consent_form = ConsentForm(request.POST or None)
    join_form = InvitationForm(request.POST or None, initial={"code": invitation})
    forms = _purpose_forms(request)
    # The circle first: once the rest is kept this page is over, and a mistyped code could not be mended.
    are_valid = request.method == "POST" and _are_valid(form, consent_form, join_form, *forms)
    if are_valid and _is_in_circle(request, join_form):
        form.save()
        _keep_purposes(forms)
        _decide(request, consent_form)
        if onboarding_services.is_done(user=request.user):
            return found_waiting(request) or redirect("recommendations:next-step")
        sentence = _("Choose at least one purpose and agree to be matched; without them nobody can be found.")
        messages.error(request, sentence)
    context = {"form": form, "forms": forms, "consent_form": consent_form, "join_form": join_form}
    return render(request, "accounts/onboarding.html", context)


def _are_valid(*forms: Any) -> bool:
    """Return whether all forms are valid, each of them checked so that each shows its errors."""
    return not any([bool(form.errors) for form in forms])  # noqa: C419 - all are to be checked


def _purpose_forms(request: MemberRequest) -> list[PreferenceForm]:
    """Return one form a purpose, told apart by prefixes."""
    return [
        PreferenceForm(request.POST or None, instance=preference, prefix=preference.purpose)
        for preference in purpose_services.of(user=request.user)
    ]


def _keep_purposes(forms: list[PreferenceForm]) -> None:
    """Save all purposes of valid forms."""
    for form in forms:
        purpose_services.keep(preference=form.save(commit=False), wanted=form.cleaned_data.get("wanted", ()))


def _decide(request: MemberRequest, form: ConsentForm) -> None:
    """Record each decision of a consent form."""
    for kind, is_given in form.cleaned_data.items():
        consent_services.decide(user=request.user, kind=kind, is_given=is_given)


def _is_in_circle(request: MemberRequest, form: InvitationForm) -> bool:
    """Join the circle that a newcomer was invited to, if any, and return whether nothing stands against it."""
    code = form.cleaned_data["code"]
    try:
        if code:
            circle_services.join(user=request.user, code=code, is_listed=form.cleaned_data["is_listed"])
    except (circle_services.NoSuchCircleError, circle_services.TooManyTriesError) as refusal:
        form.add_error("code", str(refusal))
        return False
    request.session.pop(onboarding_services.INVITATION, None)
    return True
