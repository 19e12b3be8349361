"""What the public may see."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.models import Purpose
from operations.services import scoreboard


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
