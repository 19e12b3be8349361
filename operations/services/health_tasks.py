"""When each task last began, succeeded and failed, as the worker's own signals tell it."""

import datetime
import logging
from collections.abc import Mapping
from typing import Any

from celery import current_app
from celery.schedules import crontab
from django.conf import settings
from django.db import DatabaseError
from django.utils import timezone

from operations.models import TaskState

A_DAY = datetime.timedelta(days=1)
AN_HOUR = datetime.timedelta(hours=1)

logger = logging.getLogger(__name__)


def note_start(name: str) -> None:
    """Note that a task begins."""
    _write(name, started_at=timezone.now())


def note_success(name: str) -> None:
    """Note that a task went well, and how long it took."""
    now = timezone.now()
    began = TaskState.objects.filter(name=name).values_list("started_at", flat=True).first()
    _write(name, succeeded_at=now, seconds=(now - began).total_seconds() if began else None)


def note_failure(name: str, error: BaseException) -> None:
    """Note that a task failed, and with which kind of error; what an error says may name a person."""
    _write(name, failed_at=timezone.now(), error=type(error).__name__[:200])


def intervals() -> Mapping[str, datetime.timedelta]:
    """Return how often each task of the schedule is due; one of two lines of a task counts, the more frequent."""
    found: dict[str, datetime.timedelta] = {}
    for line in settings.CELERY_BEAT_SCHEDULE.values():
        name, interval = str(line["task"]), _interval(line["schedule"])
        found[name] = min(interval, found.get(name, interval))
    return found


def run_again(name: str) -> None:
    """Ask the worker for a task of the schedule now.

    Raises
    ------
    LookupError
        When the schedule has no such task.
    kombu.exceptions.OperationalError
        When the broker is out of reach.
    """
    if name not in intervals():
        raise LookupError(name)
    current_app.send_task(name)


def _interval(schedule: Any) -> datetime.timedelta:
    """Return how long after one time the next one comes."""
    if not isinstance(schedule, crontab):
        return datetime.timedelta(seconds=float(schedule))
    hours: set[int] = schedule.hour  # type: ignore[attr-defined]
    return A_DAY if len(hours) == 1 else AN_HOUR


def _write(name: str, **values: Any) -> None:
    """Write what happened; that this fails must never make a task fail."""
    try:
        TaskState.objects.update_or_create(name=name, defaults=values)
    except DatabaseError:
        logger.warning("The state of task %s could not be written.", name)
