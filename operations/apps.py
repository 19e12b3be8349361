"""The operators' room: how the site and its recommender are doing, and what waits for a decision."""

import time
from typing import Any

from celery import signals
from django.apps import AppConfig

SENT_AT = "sent_at"


class OperationsConfig(AppConfig):
    """Metrics, dashboards, health and moderation."""

    name = "operations"
    verbose_name = "Operations"

    def ready(self) -> None:
        """Let Celery tell how tasks go; it calls these wherever a task is sent or run."""
        signals.before_task_publish.connect(_note_sending, weak=False, dispatch_uid="operations.sent")
        signals.task_prerun.connect(_note_start, weak=False, dispatch_uid="operations.start")
        signals.task_success.connect(_note_success, weak=False, dispatch_uid="operations.success")
        signals.task_failure.connect(_note_failure, weak=False, dispatch_uid="operations.failure")


def _note_sending(headers: dict[str, Any] | None = None, **_: Any) -> None:
    """Write into a message when it was sent: the queue itself does not know."""
    if headers is not None:
        headers[SENT_AT] = time.time()


def _note_start(sender: Any = None, **_: Any) -> None:
    from operations.services import health_tasks

    health_tasks.note_start(sender.name)


def _note_success(sender: Any = None, **_: Any) -> None:
    from operations.services import health_tasks

    health_tasks.note_success(sender.name)


def _note_failure(sender: Any = None, exception: BaseException | None = None, **_: Any) -> None:
    from operations.services import health_tasks

    if exception is not None:
        health_tasks.note_failure(sender.name, exception)
