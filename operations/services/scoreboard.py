"""What the public may see of how good the recommender is."""

import datetime
from dataclasses import asdict
from typing import Any

from django.core.cache import cache
from django.utils import timezone

from ml.metric_histograms import Estimate
from operations.models import MetricDay, PeopleDay, Slot
from operations.services import figures, recommender
from operations.services.figures import FOUR_WEEKS, Choice, Sum
from recommendations.services import publishing
from surveys.models import TrainingRun

# Below so many verdicts nothing is published: it would be noise.
LEAST_VERDICTS = 200
CACHED = 24 * 3600
MOST_REFUSED = 5
SHOWN = ("AUC", "Mutual AUC", "Precision", "Recall", "F1", "Precision at 12")


def scoreboard(*, now: datetime.datetime) -> dict[str, Any]:
    """Return the scoreboard of a day: what was true when it was first asked for, JSON-able."""
    today = timezone.localdate(now)
    return cache.get_or_set(f"operations:scoreboard:{today}", lambda: _made(today, now), CACHED)  # type: ignore[return-value]


def _made(today: datetime.date, now: datetime.datetime) -> dict[str, Any]:
    days = figures.load(today - datetime.timedelta(days=FOUR_WEEKS - 1), today, Choice())
    total = days.total()
    board = {"made_on": f"{today}", "n_verdicts": total.n_answers, "least": LEAST_VERDICTS, "is_shown": False}
    if total.n_answers < LEAST_VERDICTS:
        return board
    drawn = days.grouped(lambda row: row.slot if isinstance(row, MetricDay) else "").get(Slot.EXPLORED, Sum())
    return board | {
        "is_shown": True,
        "figures": [_row(name, recommender.FIGURES[name](total)) for name in SHOWN],
        "rivals": [_row(name, estimate) for name, estimate in recommender.rivals(drawn).items()],
        "unanswered": _row("Unanswered", total.unanswered()),
        "attention": _attention(today),
        "version": str(publishing.active_preference_version() or ""),
        "trained": _trained(),
        "refused": _refused(),
    }


def _row(name: str, estimate: Estimate) -> dict[str, Any]:
    return {"name": name, **asdict(estimate)}


def _attention(today: datetime.date) -> list[dict[str, Any]]:
    """Return how attention was spread at the newest snapshot, for purposes with people enough."""
    newest = PeopleDay.objects.order_by("-day").values_list("day", flat=True).first()
    return [
        {"purpose": row.purpose, "n": row.n_people, "gini": row.gini, "never": row.n_never / row.n_people}
        for row in PeopleDay.objects.filter(day=newest or today, n_people__gte=figures.LEAST).order_by("purpose")
    ]


def _trained() -> str:
    """Return the day of the last training that ended well."""
    runs = TrainingRun.objects.filter(status=TrainingRun.Status.SUCCEEDED, finished_at__isnull=False)
    finished_at = runs.order_by("-finished_at").values_list("finished_at", flat=True).first()
    return "" if finished_at is None else f"{timezone.localdate(finished_at)}"


def _refused() -> list[dict[str, str]]:
    """Return the last candidates that were not better than what serves, and why."""
    runs = TrainingRun.objects.filter(status=TrainingRun.Status.REFUSED, finished_at__isnull=False).order_by(
        "-finished_at"
    )
    return [
        {"kind": run.kind, "day": f"{timezone.localdate(run.finished_at)}", "reason": run.error}
        for run in runs[:MOST_REFUSED]
        if run.finished_at is not None
    ]
