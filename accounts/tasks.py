"""What the worker does for accounts."""

from celery import shared_task

from accounts.services import changes, notifications


@shared_task(time_limit=120)
def send_notifications() -> None:
    """Send what has not been sent."""
    notifications.send_unsent()


@shared_task(time_limit=120)
def forget_changes() -> None:
    """Forget the changes that everybody has long seen."""
    changes.forget()
