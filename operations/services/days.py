"""Days as the site's time zone has them, and which of them a snapshot counts."""

import datetime

from django.utils import timezone

# An answer may come 7 days after an impression: a day is complete when it is counted on the eighth day after it.
RECOUNTED = 7


def bounds(day: datetime.date, n_days: int = 1) -> tuple[datetime.datetime, datetime.datetime]:
    """Return when a day, or a stretch that begins with it, starts and ends; a day may have 23 or 25 hours."""
    return midnight(day), midnight(day + datetime.timedelta(days=n_days))


def midnight(day: datetime.date) -> datetime.datetime:
    """Return when a day begins."""
    return timezone.make_aware(datetime.datetime.combine(day, datetime.time()))


def monday(day: datetime.date) -> datetime.date:
    """Return the first day of the week of a day."""
    return day - datetime.timedelta(days=day.weekday())


def to_count(today: datetime.date, last_counted: datetime.date | None) -> list[datetime.date]:
    """Return the days to be counted: the last eight, and those that were not complete at the last snapshot.

    What was complete then is never counted again.
    """
    first = min(today, last_counted or today) - datetime.timedelta(days=RECOUNTED)
    return [first + datetime.timedelta(days=number) for number in range((today - first).days + 1)]
