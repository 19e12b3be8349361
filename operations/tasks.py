"""What the schedule does for operators."""

from celery import shared_task

from operations.services import snapshots


@shared_task(time_limit=300)
def take_snapshot() -> None:
    """Count the last days again."""
    snapshots.take()
