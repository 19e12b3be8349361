"""What the log holds: one line a request with its id, and never a path, which may name a person or hold a code."""

import logging
import time
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from redis.exceptions import RedisError

logger = logging.getLogger("matchsite.requests")

# What a line of JSON holds beside the message and what was given with it.
FIELDS = "%(asctime)s %(levelname)s %(name)s %(correlation_id)s %(message)s"


def configuration(*, level: str, as_json: bool) -> dict[str, Any]:
    """Return the configuration of Python's logging: JSON for machines, plain lines for a person at a terminal."""
    formatters = {
        "plain": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"},
        "json": {"()": "pythonjsonlogger.json.JsonFormatter", "fmt": FIELDS, "rename_fields": {"asctime": "time"}},
    }
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {
            "request_id": {"()": "django_guid.log_filters.CorrelationId"},
            "without_path": {"()": "matchsite.logs.WithoutPath"},
        },
        "formatters": formatters,
        "handlers": {
            "console": {
                "class": "logging.StreamHandler",
                "formatter": "json" if as_json else "plain",
                "filters": ["request_id", "without_path"],
            }
        },
        "root": {"handlers": ["console"], "level": level},
        "loggers": {
            # Django's own handlers would write paths, and mail them.
            "django": {"handlers": [], "level": "NOTSET"},
            # Each request has a line of its own already; django_guid tells of every id it makes.
            "django_guid": {"level": "WARNING"},
        },
    }


class WithoutPath(logging.Filter):
    """Says which page a line is about by the name of its view."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Take the request, and a path built from it, out of a record; the record itself always stays."""
        request = record.__dict__.pop("request", None)
        path = getattr(request, "path", None)
        if path is not None:
            page = view_name(request)
            shown = (page if argument == path else argument for argument in _arguments(record))
            record.args = tuple(shown)
        return True


class RequestLogMiddleware:
    """Writes one line a request: what was asked for by the view's name, the status and the time it took."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on and note how it went."""
        began = time.perf_counter()
        response = self.get_response(request)
        milliseconds = round(1000 * (time.perf_counter() - began), 1)
        fields = {
            "method": request.method,
            "page": view_name(request),
            "status": response.status_code,
            "milliseconds": milliseconds,
        }
        logger.info("%(method)s %(page)s %(status)s", fields, extra=fields)
        note_slow(view_name(request), milliseconds)
        return response


def note_slow(page: str, milliseconds: float) -> None:
    """Keep for operators that a page was slow; a cache out of reach must not keep anybody from their page."""
    # Settings read this module before any app can be read.
    from operations.services import health_pages

    try:
        health_pages.note(page, milliseconds)
    except (RedisError, OSError):
        logger.warning("That a page was slow could not be kept.")


def view_name(request: Any) -> str:
    """Return the name of the view that answers a request."""
    found = getattr(request, "resolver_match", None)
    return (found.view_name or "unnamed") if found else "no page"


def _arguments(record: logging.LogRecord) -> tuple[Any, ...]:
    return record.args if isinstance(record.args, tuple) else ()
