"""What the worker does about copies of people's data, and about what is kept long enough."""

from celery import shared_task
from django.utils import timezone

from privacy.services import bans, exports, retention


@shared_task(time_limit=300)
def remove_expired_exports() -> None:
    """Remove the copies whose two days are over."""
    exports.remove_expired()


@shared_task(time_limit=600)
def tell_dormant() -> None:
    """Write to people whose account will go because nobody uses it."""
    retention.tell_dormant(now=timezone.now())


@shared_task(time_limit=600)
def delete_dormant() -> None:
    """Delete accounts whose people were told and did not come back."""
    retention.delete_dormant(now=timezone.now())


@shared_task(time_limit=600)
def delete_unfinished() -> None:
    """Delete sign-ups that were never finished."""
    retention.delete_unfinished(now=timezone.now())


@shared_task(time_limit=300)
def forget_addresses() -> None:
    """Forget where people signed in long ago."""
    retention.forget_addresses(now=timezone.now())


@shared_task(time_limit=600)
def delete_banned() -> None:
    """Delete the accounts of people who were banned."""
    bans.delete_banned()
