"""The slowest pages of the last hours, by the name of the view: never an address, which may name a person.

The record lies in the cache, one entry an hour, so that writing it costs a page nothing that anybody notices. Two slow
answers at the very same moment may lose one of the two; a record of what is slow can bear that.
"""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass

from django.core.cache import cache
from django.utils import timezone

SLOW_FROM = 500.0
HOURS = 24
MOST_PAGES = 40
KEY = "operations.slow"


@dataclass(frozen=True)
class SlowPage:
    """How often a page was slow in the last day, and how slow."""

    page: str
    n: int
    slowest: float
    """Milliseconds."""


def note(page: str, milliseconds: float, *, now: datetime.datetime | None = None) -> None:
    """Keep that a page was slow; a quick one costs nothing."""
    if milliseconds < SLOW_FROM:
        return
    key = _key(now or timezone.now())
    pages: dict[str, list[float]] = cache.get(key) or {}
    n, slowest = pages.get(page, (0, 0.0))
    pages[page] = [n + 1, max(slowest, round(milliseconds))]
    kept = sorted(pages.items(), key=lambda item: -item[1][1])[:MOST_PAGES]
    cache.set(key, dict(kept), (HOURS + 1) * 3600)


def slowest(*, now: datetime.datetime, n: int = 10) -> list[SlowPage]:
    """Return the slowest pages of the last day, the slowest first."""
    hours = cache.get_many(_key(now - datetime.timedelta(hours=hour)) for hour in range(HOURS))
    return _together(hours.values())[:n]


def _together(hours: Iterable[dict[str, list[float]]]) -> list[SlowPage]:
    """Return the pages of several hours, each once."""
    pages: dict[str, SlowPage] = {}
    for hour in hours:
        for page, (n, slowest_then) in hour.items():
            known = pages.get(page, SlowPage(page, 0, 0.0))
            pages[page] = SlowPage(page, known.n + int(n), max(known.slowest, slowest_then))
    return sorted(pages.values(), key=lambda page: -page.slowest)


def _key(moment: datetime.datetime) -> str:
    return f"{KEY}.{moment.astimezone(datetime.UTC):%Y%m%d%H}"
