"""Looking: the list of people, more like somebody, one person, and whom one liked, passed or put off."""

import uuid
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from accounts import languages, places
from accounts.access import for_members
from accounts.forms import ReportForm
from accounts.models import Circle, Preference, Profile, Purpose, User
from accounts.requests import MemberRequest
from accounts.services import onboarding
from recommendations import texts
from recommendations.forms import FilterForm, VerdictForm
from recommendations.models import Label, VerdictValue
from recommendations.services import acquaintances, cards, deferrals, lists, relaxing, samples, verdicts
from recommendations.services.acquaintances import Acquaintance
from recommendations.services.lists import PeopleList
from recommendations.services.narrowing import Narrowing
from recommendations.views import filters, undo
from recommendations.views.filters import Few
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
    """Show a person the people for one purpose, as narrow as the address asks."""
    active = set(Preference.objects.filter(user=request.user, is_active=True).values_list("purpose", flat=True))
    tabs = [purpose for purpose in Purpose if purpose in active]
    purpose = request.GET.get("purpose") or next(iter(tabs), Purpose.FRIEND)
    if purpose not in Purpose:
        raise Http404
    form = _filter_form(request)
    narrowing = form.narrowing
    found = lists.list_for(viewer=request.user, purpose=purpose, narrowing=narrowing)
    context = {
        "purpose": Purpose(purpose),
        "tabs": tabs,
        "filter_form": form,
        "chips": filters.chips(narrowing, purpose=purpose),
        "narrowing": narrowing,
        "list": found,
        "obstacle": found.obstacle.name if found.obstacle else "",
        "cards": cards.of_list(viewer=request.user, found=found, circles=form.circles.values()),
        "few": _few(request.user, purpose, narrowing, found),
        "undo": undo.offer(request),
        "shown_from": settings.SHOWN_FROM_ANSWERS,
        "sketch_from": settings.SKETCH_FROM_ANSWERS,
        **_samples(request.user, purpose, narrowing.circle),
    }
    return render(request, "recommendations/people.html", context)


@for_members
@require_safe
def preview(request: MemberRequest) -> HttpResponse:
    """Show a person their own card and page as others see them, without the words that depend on who looks."""
    active = Preference.objects.filter(user=request.user, is_active=True).values_list("purpose", flat=True)
    chosen = request.GET.get("purpose") or next(iter(sorted(active)), Purpose.FRIEND)
    if chosen not in Purpose:
        raise Http404
    profile = Profile.objects.filter(user=request.user).prefetch_related("languages").first()
    if profile is None:
        return redirect("accounts:onboarding")
    context = {
        "profile": profile,
        "place": places.city(profile.city),
        "languages": languages.names(language.code for language in profile.languages.all()),
        "purpose": Purpose(chosen),
        "tabs": [purpose for purpose in Purpose if purpose in set(active)],
        "shows_photo": (photo := getattr(request.user, "photo", None)) is not None and photo.is_shown_for(chosen),
        "photo": photo,
    }
    return render(request, "recommendations/preview.html", context)


@with_consent
@require_safe
def like_this(request: MemberRequest, public_id: uuid.UUID) -> HttpResponse:
    """Show those of the viewer's own people who are most like somebody whom a list showed to the viewer."""
    known = known_to(request.user, public_id, request.GET.get("purpose"))
    if known.impression is None:
        raise Http404
    found = lists.list_like(viewer=request.user, purpose=known.purpose, like=known.person)
    context = {
        "purpose": Purpose(known.purpose),
        "person": known.person,
        "list": found,
        "cards": cards.of_impressions(viewer=request.user, impressions=found.impressions),
        "undo": undo.offer(request),
    }
    return render(request, "recommendations/like_this.html", context)


@with_consent
@require_safe
def person(request: MemberRequest, public_id: uuid.UUID) -> HttpResponse:
    """Show somebody whom the viewer was shown or is matched with; to everybody else they do not exist."""
    known = known_to(request.user, public_id, request.GET.get("purpose"))
    return render(request, "recommendations/person.html", person_context(request, known))


@with_consent
@require_safe
def judged(request: MemberRequest) -> HttpResponse:
    """Show whom a person liked, passed or put off, each revocable."""
    standing, later = list(verdicts.standing(actor=request.user)), list(deferrals.standing(viewer=request.user))
    pairs = [(said.target_id, said.purpose) for said in standing] + [(one.other_id, one.purpose) for one in later]
    # Whose page does not open any more, because a rule changed on either side, is named without a link.
    visible = acquaintances.visible(viewer=request.user, pairs=pairs)
    rows = [(said, (said.target_id, said.purpose) in visible) for said in standing]
    context = {
        "likes": [row for row in rows if row[0].value == VerdictValue.LIKE],
        "passes": [row for row in rows if row[0].value == VerdictValue.PASS],
        "later": [(one, (one.other_id, one.purpose) in visible) for one in later],
        "samples": [(verdict, samples.token_of(verdict)) for verdict in samples.standing(actor=request.user)],
        "are_samples_synthetic": samples.are_synthetic(),
        "undo": undo.offer(request),
    }
    return render(request, "recommendations/judged.html", context)


def known_to(viewer: User, public_id: uuid.UUID, purpose: str | None) -> Acquaintance:
    """Return somebody whose page a person may open; else there is nobody."""
    try:
        return acquaintances.find(viewer=viewer, public_id=public_id, purpose=purpose)
    except User.DoesNotExist:
        raise Http404 from None


def person_context(request: MemberRequest, known: Acquaintance, form: VerdictForm | None = None) -> dict[str, Any]:
    """Return what the page of a person shows, with a note that was refused."""
    said = verdicts.current(actor=request.user, target=known.person, purpose=known.purpose)
    shown = [known.impression] if known.impression else []
    return {
        "known": known,
        "person": known.person,
        "place": places.city(known.person.profile.city),
        "card": next(iter(cards.of_impressions(viewer=request.user, impressions=shown)), None),
        "purpose": Purpose(known.purpose),
        "said": said,
        "until": deferrals.until(viewer=request.user, other=known.person, purpose=known.purpose),
        "note_form": form or VerdictForm(initial={"note": said.note if said else ""}),
        "report_form": ReportForm(),
        "undo": undo.offer(request),
    }


def _filter_form(request: MemberRequest) -> FilterForm:
    """Return the filters of the address; a circle that is not one's own does not exist."""
    circles = list(Circle.objects.filter(memberships__user=request.user).order_by("name", "pk"))
    profile = request.user.profile
    spoken = set(profile.languages.values_list("code", flat=True))
    form = FilterForm(request.GET, circles=circles, has_city=profile.city is not None, spoken=spoken)
    if request.GET.get("circle", "") not in {"", *form.circles}:
        raise Http404
    form.is_valid()
    return form


def _few(viewer: User, purpose: str, narrowing: Narrowing, found: PeopleList) -> Few | None:
    """Return what to say where nobody or hardly anybody is left; None where there are enough."""
    if found.obstacle or found.n_left >= relaxing.FEW:
        return None
    reasons = relaxing.reasons(viewer=viewer, purpose=purpose, narrowing=narrowing)
    return filters.few(reasons, purpose=purpose) if reasons else None


def _samples(viewer: User, purpose: str, circle: Circle | None) -> dict[str, Any]:
    """Return the sample people of a list, while there are few members."""
    found = samples.list_for(viewer=viewer, purpose=purpose, circle=circle)
    return {
        "samples": [
            {
                "token": person.token,
                "step": person.label,
                "label": Label(person.label).label,
                "reasons": texts.sentences(person.agreements),
            }
            for person in found
        ],
        "are_samples_synthetic": bool(found) and samples.are_synthetic(),
    }
