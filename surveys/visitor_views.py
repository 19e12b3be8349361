"""The first statements of the survey, for visitors; what they answer comes with them when they sign up."""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect
from django_htmx.middleware import HtmxDetails

from accounts.models import Consent
from accounts.requests import MemberRequest
from accounts.services import consents
from surveys.forms import AnswerForm
from surveys.models.visitor import LASTS
from surveys.services import picture, questions, visitors

COOKIE = "visitor"
SALT = "surveys.visitor"


@never_cache
@require_safe
def first_statements(request: HttpRequest) -> HttpResponse:
    """Ask a visitor the next of the first statements, and then invite them to stay."""
    if request.user.is_authenticated:
        return redirect("surveys:survey")
    sheet = visitors.sheet_of(token_of(request))
    skipped = request.session.get("skipped", ())
    index = questions.next_item(sheet=sheet, skipped=skipped)
    if sheet.n_answered >= visitors.MOST_ANSWERS or index is None:
        finished = {"n": sheet.n_answered, "picture": picture.picture_of(sheet=sheet), "n_days": LASTS.days}
        return render(request, "surveys/visitor_finished.html", finished)
    # Whoever only looks leaves no session behind.
    if token_of(request) is not None:
        request.session["asked_at"] = time.time()
    context = {
        "index": index,
        "statement": questions.item(index).text,
        "choices": list(enumerate(questions.ANSWER_WORDS, start=1)),
        "current": bytes(sheet.answers)[index],
        "n": sheet.n_answered,
        "n_most": visitors.MOST_ANSWERS,
        "n_days": LASTS.days,
        "is_saved": bool(request.session.get("is_saved")) and request.session.pop("is_saved"),
    }
    return render(request, "surveys/visitor.html", context)


class VisitorRequest(HttpRequest):
    """A request that htmx may have made, for the type checker."""

    htmx: HtmxDetails


@require_POST
def first_answer(request: VisitorRequest) -> HttpResponse:
    """Keep a visitor's answer for their browser alone."""
    if request.user.is_authenticated:
        return redirect("surveys:survey")
    form, back = AnswerForm(request.POST), redirect("surveys:first-statements")
    if not form.is_valid():
        messages.error(request, _("This was no answer to a statement. Choose one of the five."))
        return back
    try:
        token = _keep(request, form.cleaned_data["item"], form.cleaned_data["value"])
    except visitors.EnoughAnswersError:
        return back
    except visitors.TooManySheetsError:
        messages.error(request, _("Too many people have begun from here within an hour. Sign up to go on."))
        return HttpResponseClientRedirect(reverse("account_signup")) if request.htmx else redirect("account_signup")
    back.set_signed_cookie(
        COOKIE,
        token,
        salt=SALT,
        max_age=LASTS,
        httponly=True,
        secure=not settings.DEBUG,
        samesite="Lax",
    )
    return back


def _keep(request: HttpRequest, item: int, value: int) -> str:
    """Keep an answer, or that a statement was skipped, and return the secret of the visitor's sheet."""
    token, address = token_of(request), request.META["REMOTE_ADDR"]
    if not value:
        request.session["skipped"] = sorted({*request.session.get("skipped", ()), item})
        return visitors.begun(token=token, address=address)
    seconds = int(time.time() - request.session.pop("asked_at", time.time()))
    request.session["is_saved"] = True
    return visitors.save_answer(token=token, item=item, value=value, seconds=seconds, address=address)


def claiming(view: Callable[..., HttpResponse]) -> Any:
    """Bring what somebody answered before signing up onto their sheet, once they agreed to be matched."""

    @wraps(view)
    def claimed(request: MemberRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        token = token_of(request)
        if token is None or not consents.is_given(user=request.user, kind=Consent.Kind.MATCHING):
            return view(request, *args, **kwargs)
        if n := visitors.claim(user=request.user, token=token):
            said = ngettext("The answer you gave before is kept.", "The %(n)d answers you gave before are kept.", n)
            messages.success(request, said % {"n": n})
        response = view(request, *args, **kwargs)
        response.delete_cookie(COOKIE, samesite="Lax")
        return response

    return claimed


def token_of(request: HttpRequest) -> str | None:
    """Return a browser's secret; None for one that has none, or one that was tampered with."""
    token: str | None = request.get_signed_cookie(COOKIE, default=None, salt=SALT, max_age=LASTS)
    return token
