"""Pages that belong to no app: landing, explanations, and the sign of life."""

import functools
from dataclasses import dataclass

import numpy as np
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe
from scipy.special import ndtr

from ml import artifacts
from ml.items import SCALES
from recommendations.services import samples
from surveys.services import questions, visitors
from surveys.visitor_views import token_of

# Hues that emblems take in turn; static/css/pictures.css knows them.
HUES = ("ember", "pine", "ochre", "plum", "slate")


@dataclass(frozen=True)
class TypeOfPerson:
    """A type of the reference model: a region of the sixteen factors with a name."""

    name: str
    description: str
    factors: list[dict[str, str | float]]
    hue: str


@functools.cache
def types_of_people() -> tuple[list[TypeOfPerson], int]:
    """Return the types of the reference model, the widest shape first, and from how many people they come."""
    model = artifacts.load_reference()
    percentiles = 100 * ndtr(model.type_centres)
    order = np.argsort(-percentiles.sum(axis=1))
    types = [
        TypeOfPerson(
            name=model.type_names[index][0],
            description=model.type_names[index][1],
            factors=[
                {"name": scale.name, "percentile": float(value)}
                for scale, value in zip(SCALES, percentiles[index], strict=True)
            ],
            hue=HUES[position % len(HUES)],
        )
        for position, index in enumerate(order)
    ]
    return types, int(model.report["data"]["people"])


@require_safe
def landing(request: HttpRequest) -> HttpResponse:
    """Say what this is; who is signed in goes straight to people."""
    if request.user.is_authenticated:
        return redirect("recommendations:next-step")
    types, n_people = types_of_people()
    # Where the five answers stand in the drawing of the first step.
    boxes = [(62 + 40 * index, index + 1) for index in range(5)]
    sheet = visitors.sheet_of(token_of(request))
    index = questions.next_item(sheet=sheet) or 0
    context = {
        "types": types,
        "example": types[0],
        "n_people": n_people,
        "boxes": boxes,
        "n_given": sheet.n_answered,
        "index": index,
        "statement": questions.item(index).text,
        "choices": list(enumerate(questions.ANSWER_WORDS, start=1)),
    }
    return render(request, "pages/landing.html", context)


@require_safe
def how_it_works(request: HttpRequest) -> HttpResponse:
    """Explain matching."""
    types, _ = types_of_people()
    return render(request, "pages/how_it_works.html", {"one": types[0], "another": types[1]})


@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    """Say what is kept and who sees it."""
    return render(request, "pages/privacy.html")


@require_safe
def help_page(request: HttpRequest) -> HttpResponse:
    """Answer what people ask first."""
    return render(request, "pages/help.html", {"are_samples_synthetic": samples.are_synthetic()})


@require_safe
def terms(request: HttpRequest) -> HttpResponse:
    """Say what holds between the people here and those who run the site."""
    return render(request, "pages/terms.html")


@require_safe
def safety(request: HttpRequest) -> HttpResponse:
    """Say how to meet safely, and what to do when something is wrong."""
    return render(request, "pages/safety.html")


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Answer that the process is alive and reaches its database."""
    connection.ensure_connection()
    return HttpResponse("ok", content_type="text/plain")
