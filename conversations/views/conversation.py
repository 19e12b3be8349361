"""The list of conversations, and one conversation: reading, writing, news."""

import uuid
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import places
from accounts.models import Circle, Notification, Preference, Purpose, User
from accounts.requests import MemberRequest
from accounts.services import notifications
from conversations.forms import ChoiceForm, MessageForm, NewMessageForm, NewsForm
from conversations.models import LONGEST_TEXT, Message
from conversations.services import asking, introductions, news, openers, reading, writing
from recommendations.models import Match
from recommendations.services import matches, openings, room
from surveys.access import with_consent

PAGE_OF_MATCHES = 30


@with_consent
@require_safe
def match_list(request: MemberRequest) -> HttpResponse:
    """Show a person's matches, where something happened last first."""
    user = request.user
    notifications.mark_read(user_id=user.pk, kind=Notification.Kind.MATCH)
    circles = list(Circle.objects.filter(memberships__user=user).order_by("name", "pk"))
    purpose, circle, number = _chosen(request, circles)
    found = reading.conversations(user=user, purpose=purpose, circle=circle)
    page = Paginator(found, PAGE_OF_MATCHES).get_page(number)
    context = {
        "purpose": purpose,
        "purposes": Purpose.choices,
        "circles": circles,
        "circle": circle,
        "page": page,
        "summaries": reading.summaries(user=user, found=list(page.object_list)),
        "room": _room(user, purpose) if purpose else None,
    }
    return render(request, "conversations/list.html", context)


@with_consent
@require_safe
def conversation(request: MemberRequest, public_id: uuid.UUID) -> HttpResponse:
    """Show one conversation; who opens it has read it."""
    match = readable_or_404(request.user, public_id)
    suggestions = openers.of_match(match=match, user=request.user) if match.ended_at is None else []
    chosen = next((opener.text for opener in suggestions if opener.key == request.GET.get("say")), "")
    return _page(request, match, NewMessageForm.empty(text=chosen), suggestions)


@with_consent
@require_safe
def earlier(request: MemberRequest, public_id: uuid.UUID, before: int) -> HttpResponse:
    """Show what was written before a message: as a page, or as lines that go above what is there."""
    match = readable_or_404(request.user, public_id)
    page = reading.page(match=match, user=request.user, before=before)
    context = {"match": match, "other": match.other(request.user.pk), "page": page, "before": before}
    if not request.headers.get("HX-Request"):
        return render(request, "conversations/earlier.html", context)
    # A day that has lines on both sides of the seam has its heading above the older ones from now on.
    context["moved_day"] = reading.day_across(match=match, number=before)
    return render(request, "conversations/includes/earlier_lines.html", context)


@with_consent
@require_POST
def send(request: MemberRequest, public_id: uuid.UUID) -> HttpResponse:
    """Send a message; what cannot be sent stays in the box."""
    match = open_or_404(request.user, public_id)
    form = NewMessageForm(request.POST)
    if form.is_valid():
        text, token = form.cleaned_data["text"], form.cleaned_data["token"]
        try:
            writing.send(user=request.user, public_id=public_id, text=text, token=token)
        except Match.DoesNotExist:
            raise Http404 from None
        except writing.TooFastError:
            form.add_error("text", _("That was a lot at once. Wait a minute and send it then: it is still here."))
    if not request.headers.get("HX-Request"):
        return redirect(_address(match)) if form.is_valid() else _page(request, match, form, [])
    after = form.cleaned_data.get("after")
    context = {"match": match, "form": NewMessageForm.empty() if form.is_valid() else form, "longest": LONGEST_TEXT}
    told = _news(request, match, after) if form.is_valid() and after is not None else ""
    return HttpResponse(render_to_string("conversations/includes/writing.html", context, request) + told)


@with_consent
@require_safe
def new(request: MemberRequest, public_id: uuid.UUID) -> HttpResponse:
    """Return what happened after a revision, or nothing; a page whose conversation is over leads elsewhere."""
    match = matches.readable(user=request.user).filter(public_id=public_id).first()
    if match is None or match.ended_at is not None:
        # Both were told apart: who was never part of it gets nothing at all.
        get_object_or_404(Match.objects.ever_of(request.user.pk), public_id=public_id)
        where = reverse("conversations:list") if match is None else _address(match)
        return HttpResponse(status=200, headers={"HX-Redirect": where})
    form = NewsForm(request.GET)
    if not form.is_valid():
        raise Http404
    told = _news(request, match, form.cleaned_data["after"], is_seen=form.cleaned_data["seen"])
    return HttpResponse(told) if told else HttpResponse(status=204)


@with_consent
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: MemberRequest, public_id: uuid.UUID, message_id: uuid.UUID) -> HttpResponse:
    """Change a message of one's own."""
    match = open_or_404(request.user, public_id)
    message = _own_or_404(request.user, match, message_id)
    form = MessageForm(request.POST) if request.method == "POST" else MessageForm(initial={"text": message.text})
    if request.method == "POST" and form.is_valid():
        writing.rewrite(user=request.user, match_id=public_id, public_id=message_id, text=form.cleaned_data["text"])
        return redirect(f"{_address(match)}#m-{message_id}")
    context = {"match": match, "other": match.other(request.user.pk), "message": message, "form": form}
    return render(request, "conversations/edit.html", context | {"longest": LONGEST_TEXT})


@with_consent
@require_POST
def take_away(request: MemberRequest, public_id: uuid.UUID, message_id: uuid.UUID) -> HttpResponse:
    """Delete a message of one's own; that there was one is still to be seen."""
    match = open_or_404(request.user, public_id)
    _own_or_404(request.user, match, message_id)
    writing.take_away(user=request.user, match_id=public_id, public_id=message_id)
    return redirect(f"{_address(match)}#m-{message_id}")


def readable_or_404(user: User, public_id: uuid.UUID) -> Match:
    """Return a match whose conversation a person may read; any other does not exist."""
    try:
        return reading.find(user=user, public_id=public_id)
    except Match.DoesNotExist:
        raise Http404 from None


def open_or_404(user: User, public_id: uuid.UUID) -> Match:
    """Return a match that holds; any other does not exist."""
    return get_object_or_404(matches.of(user=user), public_id=public_id)


def _own_or_404(user: User, match: Match, message_id: uuid.UUID) -> Message:
    try:
        return writing.own(user=user, match=match, public_id=message_id)
    except Message.DoesNotExist:
        raise Http404 from None


def _address(match: Match) -> str:
    return reverse("conversations:conversation", args=[match.public_id])


def _chosen(request: MemberRequest, circles: list[Circle]) -> tuple[str, Circle | None, int]:
    """Return what the address asks for: a purpose or all, one of the person's own circles or all, and the page."""
    form = ChoiceForm(request.GET)
    if not form.is_valid() or form.cleaned_data["purpose"] not in {"", *Purpose.values}:
        raise Http404
    chosen = form.cleaned_data["circle"]
    circle = next((one for one in circles if one.public_id == chosen), None)
    if chosen and circle is None:
        raise Http404
    return form.cleaned_data["purpose"], circle, form.cleaned_data["page"] or 1


def _page(
    request: MemberRequest, match: Match, form: NewMessageForm, suggestions: list[openers.Opener]
) -> HttpResponse:
    user, other = request.user, match.other(request.user.pk)
    # Read before the messages: what comes in between is news, and stands on the page once.
    revision = news.revision_of(match=match)
    page = reading.page(match=match, user=user, before=revision + 1)
    reading.mark_read(match=match, user=user, up_to=revision)
    context = {
        "match": match,
        "other": other,
        "is_gone": match.ended_at is not None,
        "place": None if match.ended_at else places.city(other.profile.city),
        "notes": introductions.of_match(match=match, user=user),
        "page": page,
        "revision": revision,
        "form": form,
        "longest": LONGEST_TEXT,
        "openers": [] if page.lines else suggestions,
        "answered": asking.of_match(match=match, user=user),
        "room": None if match.ended_at else _room(user, match.purpose),
        "i_share": match.shares_contact(user.pk),
        "contact": "" if match.ended_at else match.contact_for(user.pk),
        "i_open": match.opens(user.pk),
        "opened": openings.of_match(match=match, user=user),
        "seconds": news.SECONDS_BETWEEN,
    }
    return render(request, "conversations/conversation.html", context)


def _news(request: MemberRequest, match: Match, after: int, *, is_seen: bool = True) -> str:
    """Return what happened since a revision as parts of the page, or nothing."""
    found = news.since(match=match, after=after)
    if not found:
        return ""
    if is_seen:
        reading.mark_read(match=match, user=request.user, up_to=found.revision)
    before = reading.day_before(match=match, number=found.written[0].number) if found.written else None
    context: dict[str, Any] = {
        "match": match,
        "other": match.other(request.user.pk),
        "lines": reading.lines(messages=found.written, user=request.user, after=before),
        "changed": reading.lines(messages=found.changed, user=request.user),
        "revision": found.revision,
    }
    return render_to_string("conversations/includes/news.html", context, request)


def _room(user: User, purpose: str) -> dict[str, Any]:
    """Return how many conversations a person wants for a purpose, and for how many more there is room."""
    wanted = Preference.objects.filter(user=user, purpose=purpose).values_list("room", flat=True).first()
    return {"wanted": wanted, "left": room.left_of(user=user, purpose=purpose), "purpose": Purpose(purpose).label}
