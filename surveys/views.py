"""The survey; every page works on the sheet of the person who asks and no other."""

import time

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.requests import MemberRequest
from ml.items import N_ITEMS
from surveys.access import with_consent
from surveys.forms import AnswerForm
from surveys.services import answers, questions


@with_consent
@require_safe
def survey(request: MemberRequest, number: int | None = None) -> HttpResponse:
    """Ask the next statement, or the one that a person goes back to."""
    sheet = answers.current_sheet(user=request.user)
    if number is not None and not 1 <= number <= N_ITEMS:
        raise Http404
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
        "previous": request.session.get("previous"),
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
        messages.error(request, "This was no answer to a statement. Choose one of the five.")
        return redirect("surveys:survey")
    item, value = form.cleaned_data["item"], form.cleaned_data["value"]
    seconds = int(time.time() - request.session.pop("asked_at", time.time()))
    answers.save_answer(user=request.user, item=item, value=value, seconds=seconds)
    skipped = set(request.session.get("skipped", ())) - {item}
    request.session["skipped"] = sorted(skipped if value else skipped | {item})
    request.session["previous"] = item + 1
    request.session["is_saved"] = bool(value)
    return redirect("surveys:survey")
