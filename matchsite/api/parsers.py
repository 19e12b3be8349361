"""Reading JSON that may be anything: what is no JSON, too long or too deep is refused, never a defect."""

import codecs
import json
from collections.abc import Mapping
from typing import IO, Any

from django.conf import settings
from rest_framework import status
from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import JSONParser
from rest_framework.utils.json import strict_constant


class BodyTooLargeError(APIException):
    """The body is longer than any that makes sense here."""

    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_detail = "The body is too large."


class BoundedJSONParser(JSONParser):
    """Parses bodies up to a length, into values that can be stored and sent back."""

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        """Return the parsed body."""
        body = stream.read(settings.API_LONGEST_BODY + 1)
        if len(body) > settings.API_LONGEST_BODY:
            raise BodyTooLargeError
        try:
            text = codecs.decode(body, "utf-8")
            parsed = json.loads(text, parse_constant=strict_constant)
            # Half of a surrogate pair can be written in JSON, but neither be stored nor be sent back.
            json.dumps(parsed, ensure_ascii=False).encode()
        except RecursionError:
            raise ParseError("The body is nested too deeply.") from None
        except ValueError:
            raise ParseError("The body is no JSON in UTF-8.") from None
        return parsed
