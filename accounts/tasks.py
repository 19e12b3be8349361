"""What the worker does for accounts."""

from celery import shared_task
from django.utils import timezone

from accounts.services import changes, notifications, photos


@shared_task(time_limit=120)
def send_notifications() -> None:
    """Send what has not been sent."""
    notifications.send_unsent()


@shared_task(time_limit=120)
def forget_changes() -> None:
    """Forget the changes that everybody has long seen."""
    changes.forget()


@shared_task(time_limit=300)
def remove_orphaned_photos() -> None:
    """Remove files of photos that no row names any more."""
    photos.remove_orphans(now=timezone.now())
