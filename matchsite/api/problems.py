"""Refusals of the API as problem details (RFC 9457): one shape for every answer of the four hundreds."""

from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.http import Http404
from rest_framework import exceptions, serializers
from rest_framework.response import Response
from rest_framework.views import exception_handler

from matchsite.api.parsers import BodyTooLargeError

MEDIA_TYPE = "application/problem+json"
# Problems with a meaning beyond their status; all others are "about:blank", whose title is the status in words.
TITLES: Mapping[str, str] = {
    "consent-needed": "Your agreement is needed",
    "member-needed": "Only members can do this",
    "session-needed": "A signed-in browser session is needed",
}


class FieldErrorSerializer(serializers.Serializer[Any]):
    """What is wrong with one field of the body or one parameter of the query."""

    field = serializers.CharField(help_text="Name of the field, with dots for nested ones; empty for the whole.")
    detail = serializers.CharField()


class ProblemSerializer(serializers.Serializer[Any]):
    """Why a request was refused."""

    type = serializers.CharField(help_text="about:blank, or a name for problems that a program can act on.")
    title = serializers.CharField()
    status = serializers.IntegerField(min_value=400, max_value=499)
    detail = serializers.CharField(help_text="What to do about it.")
    errors = FieldErrorSerializer(  # type: ignore[assignment] # what is read only has no errors of its own
        many=True, required=False, help_text="Where fields are to blame."
    )


def respond(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """Return the problem details of an error, or None for one that is a defect of the site."""
    error = _as_refusal(error)
    response = exception_handler(error, dict(context))
    if response is None:
        return None
    if isinstance(error, exceptions.ValidationError):
        detail, code = "Some of what was sent is not valid; see errors.", ""
    else:
        detail, code = str(response.data["detail"]), str(response.data["detail"].code)
    problem = _problem(response.status_code, detail, code)
    if isinstance(error, exceptions.ValidationError):
        problem["errors"] = [{"field": field, "detail": text} for field, text in _flat(response.data)]
    response.data = problem
    response.content_type = MEDIA_TYPE
    return response


def _problem(status_code: int, detail: str, code: str) -> dict[str, Any]:
    """Return the members that every problem has."""
    is_named = code in TITLES
    return {
        "type": f"urn:problem-type:kindred:{code}" if is_named else "about:blank",
        "title": TITLES[code] if is_named else HTTPStatus(status_code).phrase,
        "status": status_code,
        "detail": detail,
    }


def _as_refusal(error: Exception) -> Exception:
    """Return Django's own refusals as the API's; a missing row is not told by the name of its table."""
    if isinstance(error, Http404):
        return exceptions.NotFound()
    if isinstance(error, RequestDataTooBig):
        return BodyTooLargeError()
    if isinstance(error, SuspiciousOperation):
        return exceptions.ParseError()
    return error


def _flat(errors: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield each message with the dotted name of its field."""
    if isinstance(errors, Mapping):
        for name, inner in errors.items():
            own = "" if name in {"non_field_errors", "__all__"} else str(name)
            yield from _flat(inner, ".".join(part for part in (path, own) if part))
    elif isinstance(errors, list):
        for index, inner in enumerate(errors):
            yield from _flat(inner, path if isinstance(inner, str) else f"{path}.{index}".lstrip("."))
    else:
        yield path, str(errors)
