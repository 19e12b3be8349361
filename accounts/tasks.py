"""What the worker does for accounts."""

from celery import shared_task
from django.utils import timezone

from accounts.services import changes, notices, notifications, photos, suspensions


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


@shared_task(time_limit=120)
def send_notices() -> None:
    """Mail what operators said to people."""
    notices.send_unsent()


@shared_task(time_limit=60)
def end_suspensions() -> None:
    """Open accounts whose suspension is over."""
    suspensions.end_over(now=timezone.now())
