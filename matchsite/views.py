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


@dataclass(frozen=True)
class Spoke:
    """One factor of a drawn wheel, without uncertainty."""

    name: str
    percentile: float

    @property
    def low(self) -> float:
        """The lower end of the band, which a type's centre does not have."""
        return self.percentile

    @property
    def high(self) -> float:
        """The upper end of the band, which a type's centre does not have."""
        return self.percentile


@functools.cache
def example_wheel() -> tuple[str, list[Spoke]]:
    """Return the name and the wheel of a type of the reference model: a real picture of nobody in particular."""
    model = artifacts.load_reference()
    chosen = int(np.argmax(np.abs(model.type_centres).sum(axis=1)))
    percentiles = 100 * ndtr(model.type_centres[chosen])
    spokes = [Spoke(scale.name, float(value)) for scale, value in zip(SCALES, percentiles, strict=True)]
    return model.type_names[chosen][0], spokes


@require_safe
def landing(request: HttpRequest) -> HttpResponse:
    """Say what this is; who is signed in goes straight to people."""
    if request.user.is_authenticated:
        return redirect("recommendations:next-step")
    name, spokes = example_wheel()
    return render(request, "pages/landing.html", {"type_name": name, "spokes": spokes})


@require_safe
def how_it_works(request: HttpRequest) -> HttpResponse:
    """Explain matching."""
    return render(request, "pages/how_it_works.html")


@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    """Say what is kept and who sees it."""
    return render(request, "pages/privacy.html")


@require_safe
def help_page(request: HttpRequest) -> HttpResponse:
    """Answer what people ask first."""
    return render(request, "pages/help.html")


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Answer that the process is alive and reaches its database."""
    connection.ensure_connection()
    return HttpResponse("ok", content_type="text/plain")
