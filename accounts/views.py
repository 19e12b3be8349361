"""A person's own pages: profile, purposes, consents, circles. Each looks up rows through the person who asks."""

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import places
from accounts.forms import CircleForm, ConsentForm, JoinForm, PreferenceForm, ProfileForm
from accounts.models import Circle, Consent, Profile, User
from accounts.requests import MemberRequest
from accounts.services import circles as circle_services
from accounts.services import consents as consent_services
from accounts.services import onboarding as onboarding_services
from accounts.services import purposes as purpose_services

ASKED_CONSENTS = (Consent.Kind.MATCHING, Consent.Kind.TRAINING, Consent.Kind.MAIL)
read_and_write = require_http_methods(["GET", "HEAD", "POST"])


@login_required
@require_safe
def profile(request: MemberRequest) -> HttpResponse:
    """Show one's own page with everything that can be changed."""
    person = _profile_of(request.user)
    context = {
        "profile": person,
        "place": places.city(person.city),
        "preferences": purpose_services.of(user=request.user),
        "given": consent_services.given_kinds(user=request.user),
    }
    return render(request, "accounts/profile.html", context)


@login_required
@read_and_write
def edit_profile(request: MemberRequest) -> HttpResponse:
    """Change what others see."""
    form = ProfileForm(request.POST or None, instance=_profile_of(request.user))
    if request.method == "POST" and form.is_valid():
        form.save()
        return redirect("accounts:profile")
    return render(request, "accounts/edit_profile.html", {"form": form})


@login_required
@read_and_write
def purposes(request: MemberRequest) -> HttpResponse:
    """Say what one is here for, each purpose with its own rules."""
    forms = _purpose_forms(request)
    if request.method == "POST" and _are_valid(*forms):
        _keep_purposes(forms)
        return redirect("accounts:profile")
    return render(request, "accounts/purposes.html", {"forms": forms})


@login_required
@read_and_write
def consents(request: MemberRequest) -> HttpResponse:
    """Decide about each consent; every decision is added to a history."""
    given = consent_services.given_kinds(user=request.user)
    form = ConsentForm(request.POST or None, initial={kind: kind in given for kind in ASKED_CONSENTS})
    if request.method == "POST" and form.is_valid():
        _decide(request.user, form.cleaned_data)
        messages.success(request, "Your decisions hold from now on.")
        return redirect("accounts:profile")
    history = Consent.objects.filter(user=request.user).order_by("-pk")
    return render(request, "accounts/consents.html", {"form": form, "history": history})


@login_required
@read_and_write
def onboarding(request: MemberRequest) -> HttpResponse:
    """Ask once for everything that meeting others needs: profile, purposes, consents."""
    if onboarding_services.is_done(user=request.user):
        return redirect("recommendations:next-step")
    form = ProfileForm(request.POST or None, instance=_profile_of(request.user))
    consent_form = ConsentForm(request.POST or None)
    forms = _purpose_forms(request)
    if request.method == "POST" and _are_valid(form, consent_form, *forms):
        form.save()
        _keep_purposes(forms)
        _decide(request.user, consent_form.cleaned_data)
        if onboarding_services.is_done(user=request.user):
            return _after_onboarding(request)
        messages.error(
            request, "Choose at least one purpose and agree to be matched; without them nobody can be found."
        )
    context = {"form": form, "forms": forms, "consent_form": consent_form}
    return render(request, "accounts/onboarding.html", context)


@login_required
@read_and_write
def circles(request: MemberRequest) -> HttpResponse:
    """Show one's circles, and found a new one."""
    form = CircleForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        circle = circle_services.found(user=request.user, **form.cleaned_data)
        return redirect("accounts:circle", public_id=circle.public_id)
    mine = Circle.objects.filter(memberships__user=request.user).order_by("name")
    return render(request, "accounts/circles.html", {"circles": mine, "form": form, "join_form": JoinForm()})


@login_required
@require_safe
def circle(request: MemberRequest, public_id: uuid.UUID) -> HttpResponse:
    """Show a circle to its members; to everybody else it does not exist."""
    mine = get_object_or_404(Circle, public_id=public_id, memberships__user=request.user)
    names = Profile.objects.filter(user__circle_memberships__circle=mine, user__is_active=True)
    link = request.build_absolute_uri(reverse("accounts:join", args=[mine.code]))
    context = {"circle": mine, "names": names.order_by("display_name").values_list("display_name"), "link": link}
    return render(request, "accounts/circle.html", context)


@read_and_write
def join(request: HttpRequest, code: str = "") -> HttpResponse:
    """Join a circle by its code; a visitor keeps the invitation through sign-up."""
    code = request.POST.get("code", code)
    if not request.user.is_authenticated:
        request.session[onboarding_services.INVITATION] = code
        request.session[onboarding_services.SIGNUP_SOURCE] = "invitation"
        return redirect("account_signup")
    if request.method != "POST":
        return render(request, "accounts/join.html", {"form": JoinForm(initial={"code": code})})
    try:
        joined = circle_services.join(user=request.user, code=code)
    except (circle_services.NoSuchCircleError, circle_services.TooManyTriesError) as refusal:
        messages.error(request, str(refusal))
        return redirect("accounts:circles")
    return redirect("accounts:circle", public_id=joined.public_id)


@login_required
@require_POST
def leave(request: MemberRequest, public_id: uuid.UUID) -> HttpResponse:
    """Leave a circle."""
    mine = get_object_or_404(Circle, public_id=public_id, memberships__user=request.user)
    circle_services.leave(user=request.user, circle=mine)
    messages.success(request, "You left the circle.")
    return redirect("accounts:circles")


def _profile_of(user: Any) -> Profile:
    """Return a person's own profile; staff without one get it here."""
    return Profile.objects.get_or_create(user=user, defaults={"display_name": "Me"})[0]


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


def _decide(user: User, decisions: dict[str, bool]) -> None:
    """Record each decision of a consent form."""
    for kind in ASKED_CONSENTS:
        consent_services.decide(user=user, kind=kind, is_given=decisions[kind])


def _after_onboarding(request: MemberRequest) -> HttpResponse:
    """Go on to the survey, by way of the circle that a person was invited to."""
    code = request.session.pop(onboarding_services.INVITATION, "")
    if code:
        return redirect("accounts:join", code=code)
    return redirect("recommendations:next-step")
