"""The survey; every page works on the sheet of the person who asks and no other."""

import time

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.requests import MemberRequest
from ml.items import N_ITEMS
from surveys.access import with_consent
from surveys.forms import AnswerForm, SeveralForm
from surveys.models import AnswerSheet
from surveys.services import answers, questions
from surveys.visitor_views import claiming

ONE, SEVERAL = "one", "ten"


@with_consent
@claiming
@never_cache
@require_safe
def survey(request: MemberRequest, number: int | None = None) -> HttpResponse:
    """Ask the next statement, or the one that a person goes back to; or the next ten, for who prefers that."""
    sheet = answers.current_sheet(user=request.user)
    if number is not None and not 1 <= number <= N_ITEMS:
        raise Http404
    if number is None and request.session.get("at_once") == SEVERAL:
        return _several(request, sheet)
    index = number - 1 if number else questions.next_item(sheet=sheet, skipped=request.session.get("skipped", ()))
    progress = questions.progress_of(sheet=sheet)
    if index is None:
        return render(request, "surveys/finished.html", {"progress": progress})
    request.session["asked_at"] = time.time()
    context = {
        "index": index,
        "statement": questions.item(index).text,
        "choices": list(enumerate(questions.ANSWER_WORDS, start=1)),
        "current": bytes(sheet.answers)[index],
        "previous": previous if (previous := request.session.get("previous")) != index + 1 else None,
        "is_saved": request.session.pop("is_saved", False),
        "progress": progress,
    }
    return render(request, "surveys/survey.html", context)


@with_consent
@require_POST
def answer(request: MemberRequest) -> HttpResponse:
    """Save one answer, or leave the statement for later; sent twice it is saved once."""
    form = AnswerForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("This was no answer to a statement. Choose one of the five."))
        return redirect("surveys:survey")
    item, value, seen = (form.cleaned_data[name] for name in ("item", "value", "seen"))
    try:
        answers.save_answer(user=request.user, item=item, value=value, seen=seen, seconds=_seconds(request))
    except answers.AnsweredElsewhereError:
        messages.info(
            request, _("You have answered this one elsewhere since. That answer is marked; choose again to change it.")
        )
        return redirect("surveys:statement", number=item + 1)
    _remember_skipped(request, answered={item} if value else set(), skipped=set() if value else {item})
    request.session["previous"] = item + 1
    request.session["is_saved"] = bool(value)
    return redirect("surveys:survey")


@with_consent
@require_POST
def answer_several(request: MemberRequest) -> HttpResponse:
    """Save what is answered on the page of ten; the page itself sends it after each answer, the button goes on."""
    form = SeveralForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Some of this was no answer to a statement; nothing of it was saved."))
        return redirect("surveys:survey")
    sheet, elsewhere = answers.save_answers(
        user=request.user, values=form.values, seen=form.seen, seconds=_seconds(request)
    )
    if request.htmx and "go_on" not in request.POST:
        request.session["asked_at"] = time.time()
        return _saved(request, sheet, seen=set(form.seen) | set(form.values), elsewhere=set(elsewhere))
    if n := len(elsewhere):
        said = ngettext(
            "One statement was answered elsewhere since; that answer is kept.",
            "%(n)d statements were answered elsewhere since; those answers are kept.",
            n,
        )
        messages.info(request, said % {"n": n})
    _remember_skipped(request, answered=set(form.values), skipped=set(form.seen) - set(form.values))
    request.session["is_saved"] = bool(form.values)
    return redirect("surveys:survey")


@with_consent
@require_POST
def at_once(request: MemberRequest) -> HttpResponse:
    """Choose between one statement at a time and ten."""
    request.session["at_once"] = SEVERAL if request.POST.get("at_once") == SEVERAL else ONE
    return redirect("surveys:survey")


def _several(request: MemberRequest, sheet: AnswerSheet) -> HttpResponse:
    """Ask the next ten statements."""
    skipped = request.session.get("skipped", ())
    items = questions.next_items(sheet=sheet, skipped=skipped, n=questions.STEP)
    progress = questions.progress_of(sheet=sheet)
    if not items:
        return render(request, "surveys/finished.html", {"progress": progress})
    request.session["asked_at"] = time.time()
    context = {
        "statements": [(index, questions.item(index).text, answers.MISSED) for index in items],
        "choices": list(enumerate(questions.ANSWER_WORDS, start=1)),
        "is_saved": request.session.pop("is_saved", False),
        "progress": progress,
    }
    return render(request, "surveys/survey_of_ten.html", context)


def _saved(request: MemberRequest, sheet: AnswerSheet, *, seen: set[int], elsewhere: set[int]) -> HttpResponse:
    """Tell the page of ten what stands now, so that a changed mind is not taken for another device."""
    stand = bytes(sheet.answers)
    context = {
        "progress": questions.progress_of(sheet=sheet),
        "n_elsewhere": len(elsewhere),
        "seen": [(index, stand[index]) for index in sorted(seen - elsewhere)],
        "elsewhere": [(index, questions.item(index).text, stand[index]) for index in sorted(elsewhere)],
        "choices": list(enumerate(questions.ANSWER_WORDS, start=1)),
    }
    return render(request, "surveys/includes/saved.html", context)


def _seconds(request: MemberRequest) -> int:
    """Return how long ago the page was asked for; 0 when that was counted already."""
    return int(time.time() - request.session.pop("asked_at", time.time()))


def _remember_skipped(request: MemberRequest, *, answered: set[int], skipped: set[int]) -> None:
    """Keep what was skipped, so that it comes last."""
    request.session["skipped"] = sorted((set(request.session.get("skipped", ())) - answered) | skipped)
