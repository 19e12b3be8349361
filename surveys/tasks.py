"""What the worker does for the survey."""

from celery import shared_task
from django.utils import timezone

from surveys.services import placing, visitors


@shared_task(time_limit=120)
def place_stale_sheets() -> None:
    """Place what is older than its answers."""
    placing.place_stale()


@shared_task(time_limit=120)
def forget_visitors() -> None:
    """Drop answers that no account claimed in time."""
    visitors.forget(now=timezone.now())
