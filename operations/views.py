"""What the public may see, and what machines ask."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.models import Purpose
from operations.services import health_checks, health_metrics, scoreboard


@require_safe
def how_good(request: HttpRequest) -> HttpResponse:
    """Say how well likes were predicted, without adornment."""
    board = scoreboard.scoreboard(now=timezone.now())
    context = {
        "board": board,
        "names": {
            "AUC": _("AUC of likes"),
            "Mutual AUC": _("AUC of mutual likes"),
            "Precision": _("Precision"),
            "Recall": _("Recall"),
            "F1": _("F1"),
            "Precision at 12": _("Precision at 12"),
        },
        "rivals": {
            "The model": _("The model"),
            "Appeal x generosity": _("Who likes often and who is liked often"),
            "Likeness": _("Likeness of answers alone"),
            "Chance": _("Chance"),
        },
        "purposes": dict(Purpose.choices),
    }
    return render(request, "operations/how_good.html", context)


@never_cache
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """Say whether this process can serve pages, and else the names of what is missing."""
    missing = health_checks.missing()
    text = f"missing: {', '.join(missing)}" if missing else "ready"
    return HttpResponse(f"{text}\n", content_type="text/plain", status=503 if missing else 200)


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Return the figures of health to whoever has the token; for everybody else there is nothing here."""
    given = request.headers.get("Authorization", "")
    if not settings.METRICS_TOKEN or not constant_time_compare(given, f"Bearer {settings.METRICS_TOKEN}"):
        raise Http404
    return HttpResponse(health_metrics.text(now=timezone.now()), content_type=health_metrics.CONTENT_TYPE)
