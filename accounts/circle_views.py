"""Circles: starting one, joining, and what members and the owner can do; to everybody else a circle does not exist."""

import uuid
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import for_members
from accounts.forms import CircleForm, JoinForm, NameForm
from accounts.models import Circle, CircleMembership
from accounts.requests import MemberRequest
from accounts.services import circles as services
from accounts.services import onboarding

read_and_write = require_http_methods(["GET", "HEAD", "POST"])


@read_and_write
def start(request: HttpRequest) -> HttpResponse:
    """Begin a circle, with an account or without; who has none is led through sign-up and finds the circle founded."""
    if (founded := found_waiting(request)) is not None:
        return founded
    form = CircleForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        request.session[onboarding.FOUNDING] = form.cleaned_data
        if not request.user.is_authenticated:
            request.session[onboarding.SIGNUP_SOURCE] = "circle"
            query = urlencode({"next": reverse("accounts:start-circle")})
            return redirect(f"{reverse('account_signup')}?{query}")
        return found_waiting(request) or redirect("accounts:onboarding")
    return render(request, "accounts/start_circle.html", {"form": form})


def found_waiting(request: HttpRequest) -> HttpResponse | None:
    """Found the circle that somebody asked for before they had an account; None when there is nothing to found yet."""
    user = request.user
    if not user.is_authenticated or not user.is_member or not onboarding.is_done(user=user):
        return None
    waiting = request.session.pop(onboarding.FOUNDING, None)
    if waiting is None:
        return None
    circle = services.found(user=user, **waiting)
    messages.success(request, _("Your circle is founded. Send its link to those you want in it."))
    return redirect("accounts:circle", public_id=circle.public_id)


@for_members
@read_and_write
def circles(request: MemberRequest) -> HttpResponse:
    """Show one's circles, and found a new one."""
    form = CircleForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        circle = services.found(user=request.user, **form.cleaned_data)
        return redirect("accounts:circle", public_id=circle.public_id)
    mine = Circle.objects.filter(memberships__user=request.user).order_by("name", "pk")
    return render(request, "accounts/circles.html", {"circles": mine, "form": form, "join_form": JoinForm()})


@for_members
@require_safe
def circle(request: MemberRequest, public_id: uuid.UUID) -> HttpResponse:
    """Show a circle to its members; to everybody else it does not exist."""
    mine = get_object_or_404(Circle, public_id=public_id, memberships__user=request.user)
    is_owner = mine.owner_id == request.user.pk
    listed = services.seen_in(circle=mine, viewer=request.user)
    found = {one.user_id: one for one in mine.memberships.filter(user__is_active=True)}
    context = {
        "circle": mine,
        "is_owner": is_owner,
        "members": [(one, services.token_of(membership=found[one.user_id])) for one in listed],
        "n_unlisted": len(found) - len(listed),
        "own": found[request.user.pk],
        "link": request.build_absolute_uri(reverse("accounts:join", args=[mine.code])),
    }
    return render(request, "accounts/circle.html", context)


@read_and_write
def join(request: HttpRequest, code: str = "") -> HttpResponse:
    """Join a circle by its code; a visitor keeps the invitation through sign-up."""
    if not request.user.is_authenticated:
        return _invited(request, code)
    if not request.user.is_member:
        return redirect("recommendations:next-step")
    if code and not onboarding.is_done(user=request.user):
        request.session[onboarding.INVITATION] = code
        return redirect("accounts:onboarding")
    form = JoinForm(request.POST if request.method == "POST" else None, initial={"code": code})
    if request.method == "POST" and form.is_valid():
        try:
            joined = services.join(user=request.user, **form.cleaned_data)
        except (services.NoSuchCircleError, services.TooManyTriesError) as refusal:
            form.add_error("code", str(refusal))
        else:
            request.session.pop(onboarding.INVITATION, None)
            return redirect("accounts:circle", public_id=joined.public_id)
    return render(request, "accounts/join.html", {"form": form})


@for_members
@require_POST
def leave(request: MemberRequest, public_id: uuid.UUID) -> HttpResponse:
    """Leave a circle."""
    mine = get_object_or_404(Circle, public_id=public_id, memberships__user=request.user)
    services.leave(user=request.user, circle=mine)
    messages.success(request, _("You left the circle."))
    return redirect("accounts:circles")


@for_members
@require_POST
def listing(request: MemberRequest, public_id: uuid.UUID) -> HttpResponse:
    """Let the members of a circle see one's name, or not."""
    mine = get_object_or_404(CircleMembership, circle__public_id=public_id, user=request.user)
    services.list_in(membership=mine, is_listed=request.POST.get("is_listed") == "on")
    return redirect("accounts:circle", public_id=public_id)


@for_members
@require_POST
def renew_link(request: MemberRequest, public_id: uuid.UUID) -> HttpResponse:
    """Give the circle another code, as its owner; the old one stops working."""
    services.renew_code(circle=_owned(request, public_id))
    messages.success(request, _("There is a new link. The old one does not work any more."))
    return redirect("accounts:circle", public_id=public_id)


@for_members
@require_POST
def remove(request: MemberRequest, public_id: uuid.UUID) -> HttpResponse:
    """Remove somebody from a circle, as its owner; the link is renewed with it."""
    owned = _owned(request, public_id)
    others = owned.memberships.exclude(user=request.user)
    membership = get_object_or_404(others, pk=services.membership_named(token=request.POST.get("member", "")))
    services.remove(circle=owned, user=membership.user)
    messages.success(request, _("Removed. There is a new link, so that the old one does not lead back."))
    return redirect("accounts:circle", public_id=public_id)


@for_members
@require_POST
def remove_unlisted(request: MemberRequest, public_id: uuid.UUID) -> HttpResponse:
    """Remove by name who is not listed to the owner; the answer is the same whether there was anybody."""
    owned = _owned(request, public_id)
    form = NameForm(request.POST)
    if form.is_valid():
        services.remove_unlisted(circle=owned, owner=request.user, name=form.cleaned_data["name"])
        said = _("Nobody of this name is in the circle without being listed. There is a new link.")
        messages.success(request, said)
    else:
        messages.error(request, _("Write the name as it stands in their profile, at most 40 characters."))
    return redirect("accounts:circle", public_id=public_id)


@for_members
@read_and_write
def close(request: MemberRequest, public_id: uuid.UUID) -> HttpResponse:
    """Close a circle for everybody, as its owner, after asking once more."""
    owned = _owned(request, public_id)
    if request.method == "POST":
        services.close(circle=owned)
        messages.success(request, _("The circle is closed."))
        return redirect("accounts:circles")
    return render(request, "accounts/close_circle.html", {"circle": owned})


def _owned(request: MemberRequest, public_id: uuid.UUID) -> Circle:
    """Return a circle of which the person is the owner and a member; any other does not exist."""
    return get_object_or_404(Circle, public_id=public_id, owner=request.user, memberships__user=request.user)


def _invited(request: HttpRequest, code: str) -> HttpResponse:
    """Let a visitor sign up first; whether the code fits any circle is not told."""
    if not code:
        return redirect("account_login")
    request.session[onboarding.INVITATION] = code
    request.session[onboarding.SIGNUP_SOURCE] = "invitation"
    # Whoever has an account signs in from there, and comes back to the invitation.
    query = urlencode({"next": reverse("accounts:join", args=[code])})
    return redirect(f"{reverse('account_signup')}?{query}")
