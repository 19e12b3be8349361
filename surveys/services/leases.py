"""Who works on a training run: one worker at a time, for as long as it keeps renewing its lease."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone

from surveys.models import TrainingRun
from surveys.models.training import LEASE

WORKER_STOPPED = "The worker stopped."
# Several renewals fit into one lease, so that a slow or refused one does no harm.
RENEW_SECONDS = LEASE.total_seconds() / 6

logger = logging.getLogger(__name__)


class LeaseLostError(Exception):
    """The run was taken for dead, and its place may be somebody else's by now."""


def claim(*, kind: str) -> TrainingRun | None:
    """Make the waiting run of a kind the running one; None when nothing waits or another one runs.

    The row's lock lets one worker through, the constraint stands behind it.
    """
    now = timezone.now()
    try:
        with transaction.atomic():
            runs = TrainingRun.objects.filter(kind=kind)
            run = runs.select_for_update().filter(status=TrainingRun.Status.WAITING).first()
            if run is None or runs.filter(status=TrainingRun.Status.RUNNING).exists():
                return None
            run.status = TrainingRun.Status.RUNNING
            run.started_at = run.heartbeat_at = now
            run.save(update_fields=["status", "started_at", "heartbeat_at"])
            return run
    except IntegrityError:
        return None


def release_dead(*, kind: str) -> TrainingRun | None:
    """Mark a run whose lease has passed as failed, which frees its place, and return it."""
    now = timezone.now()
    with transaction.atomic():
        runs = TrainingRun.objects.select_for_update().filter(kind=kind, status=TrainingRun.Status.RUNNING)
        run = runs.first()
        if run is None or not run.is_dead_at(now):
            return None
        end(run=run, status=TrainingRun.Status.FAILED, error=WORKER_STOPPED)
        return run


def end(*, run: TrainingRun, status: TrainingRun.Status, error: str = "") -> None:
    """Write how a run ended.

    Raises
    ------
    LeaseLostError
        When it is no longer running, because it was taken for dead.
    """
    run.status, run.error, run.finished_at = status, error, timezone.now()
    running = TrainingRun.objects.filter(pk=run.pk, status=TrainingRun.Status.RUNNING)
    if not running.update(status=run.status, error=run.error, finished_at=run.finished_at):
        raise LeaseLostError(f"Training run {run.pk} was taken for dead.")


@contextmanager
def renewed(*, run: TrainingRun, seconds: float = RENEW_SECONDS) -> Iterator[None]:
    """Renew a run's lease for as long as the block lasts.

    A thread of its own does it, over a connection of its own, because one step of a training may take longer than a
    lease. It dies with the process, and the lease with it.
    """
    stop = threading.Event()
    thread = threading.Thread(target=_renew, args=(run.pk, stop, seconds), name=f"lease-{run.pk}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _renew(run_id: int, stop: threading.Event, seconds: float) -> None:
    """Write a heartbeat now and then; a missed one is no harm, the next may get through."""
    try:
        while not stop.wait(seconds):
            try:
                running = TrainingRun.objects.filter(pk=run_id, status=TrainingRun.Status.RUNNING)
                running.update(heartbeat_at=timezone.now())
            except DatabaseError:
                logger.warning("The lease of training run %s could not be renewed this time.", run_id)
                connection.close()
    finally:
        connection.close()
