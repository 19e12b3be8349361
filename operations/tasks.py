"""What the schedule does for operators."""

from celery import shared_task
from django.utils import timezone

from operations.services import flags, snapshots


@shared_task(time_limit=300)
def take_snapshot() -> None:
    """Count the last days again."""
    snapshots.take()


@shared_task(time_limit=300)
def raise_flags() -> None:
    """Look for what operators should look at."""
    flags.sweep(now=timezone.now())
