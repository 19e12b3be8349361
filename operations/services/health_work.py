"""What waits in the database: for the worker, and for an operator. Each with its number and the age of the oldest."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Max, Min, QuerySet
from django.utils import timezone

from accounts.models import Notice, Notification, Photo, User
from operations.services import moderation
from recommendations.services import arms
from surveys.models import TrainingRun
from surveys.services import placing


@dataclass(frozen=True)
class Waiting:
    """Some rows that something must happen to."""

    key: str
    name: str
    n: int
    since: datetime.datetime | None
    page: str = ""
    """URL name of the page where it is decided; empty for what the worker does by itself."""
    at_most: datetime.timedelta | None = None
    """After how long the worker is late."""

    def age(self, now: datetime.datetime) -> datetime.timedelta | None:
        """Return how long the oldest has waited."""
        return None if self.since is None else max(now - self.since, datetime.timedelta(0))

    def is_late(self, now: datetime.datetime) -> bool:
        """Whether the worker should have done it."""
        age = self.age(now)
        return age is not None and self.at_most is not None and age > self.at_most


def for_the_worker(*, now: datetime.datetime) -> list[Waiting]:
    """Return what sweeps find."""
    unsent = Notification.objects.filter(sent_at=None, due_at__lte=now)
    runs = TrainingRun.objects.filter(status=TrainingRun.Status.WAITING)
    suspended = User.objects.filter(is_active=False, suspended_until__lte=now)
    return [
        _counted("places", "Answer sheets to be placed", placing.waiting(), "changed_at", minutes=10),
        _counted("mails", "Mails about news", unsent, "due_at", minutes=60),
        _counted("notices", "Mails from operators", Notice.objects.filter(sent_at=None), "made_at", minutes=60),
        _counted("trainings", "Trainings that were asked for", runs, "created_at", minutes=120),
        _counted("suspensions", "Suspensions that are over", suspended, "suspended_until", minutes=30),
    ]


def for_operators() -> list[Waiting]:
    """Return what needs a decision."""
    photos = Photo.objects.filter(state=Photo.State.WAITING)
    queue = "admin:operations_moderation"
    return [
        _counted("reports", "Reports", moderation.open_reports().order_by(), "created_at", page=queue),
        _counted("flags", "Flags", moderation.open_flags().order_by(), "found_at", page=queue),
        _counted("photos", "Photos", photos, "uploaded_at", page="admin:accounts_photo_changelist"),
        _counted(
            "experiments",
            "Experiments whose time is over",
            arms.undecided(timezone.now()),
            "ends_at",
            page="admin:recommendations_experiment_changelist",
        ),
        _refused_candidates(),
    ]


def newest_runs() -> Mapping[str, TrainingRun]:
    """Return the last training of each kind that has ended."""
    ended = TrainingRun.objects.filter(finished_at__isnull=False)
    newest = ended.values("kind").annotate(newest=Max("pk")).values_list("newest", flat=True).order_by()
    return {run.kind: run for run in TrainingRun.objects.filter(pk__in=list(newest)).defer("report")}


def _refused_candidates() -> Waiting:
    """Return the trainings whose last candidate was refused: somebody should read why."""
    refused = [run for run in newest_runs().values() if run.status == TrainingRun.Status.REFUSED]
    since = min((run.finished_at for run in refused if run.finished_at), default=None)
    return Waiting("candidates", "Candidates refused", len(refused), since, page="admin:surveys_trainingrun_changelist")


def _counted(
    key: str, name: str, rows: QuerySet[Any], moment: str, *, minutes: float | None = None, page: str = ""
) -> Waiting:
    """Count rows, and find the oldest; one query."""
    found = rows.aggregate(n=Count("pk"), since=Min(moment))
    at_most = None if minutes is None else datetime.timedelta(minutes=minutes)
    return Waiting(key, name, found["n"], found["since"], page=page, at_most=at_most)
