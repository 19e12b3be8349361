"""What the worker does for the survey."""

from celery import shared_task

from surveys.services import placing


@shared_task(time_limit=120)
def place_stale_sheets() -> None:
    """Place what is older than its answers."""
    placing.place_stale()
