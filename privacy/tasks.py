"""What the worker does about copies of people's data."""

from celery import shared_task

from privacy.services import exports


@shared_task(time_limit=300)
def remove_expired_exports() -> None:
    """Remove the copies whose two days are over."""
    exports.remove_expired()
