"""What the OpenAPI document says of every operation: the refusals that can come in place of an answer."""

from http import HTTPStatus
from typing import Any, Literal

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiResponse
from rest_framework.permissions import AllowAny

from matchsite.api.problems import MEDIA_TYPE, ProblemSerializer

Direction = Literal["request", "response"]
WITH_A_BODY = {"POST", "PUT", "PATCH"}
HEADERS = {
    "401": {"WWW-Authenticate": {"schema": {"type": "string"}}},
    "429": {"Retry-After": {"schema": {"type": "integer", "minimum": 0}, "description": "In seconds."}},
}


class ProblemAwareSchema(AutoSchema):
    """Adds the problem details of each status that an operation can answer with; a view names only its own 404."""

    def _get_response_bodies(self, direction: Direction = "response") -> dict[str, Any]:
        """Return the described answers, each refusal among them with its body."""
        bodies: dict[str, Any] = super()._get_response_bodies(direction)
        named = {code for code in bodies if code.startswith("4")}
        for code in sorted(named | self._usual_refusals()):
            described = OpenApiResponse(ProblemSerializer, HTTPStatus(int(code)).phrase)
            bodies[code] = self._get_response_for_code(described, code, [MEDIA_TYPE], direction)  # type: ignore[no-untyped-call]
            if code in HEADERS:
                bodies[code]["headers"] = HEADERS[code]
        return bodies

    def _usual_refusals(self) -> set[str]:
        """Return the statuses that follow from what an operation takes and from whom."""
        codes = {"401", "429"}
        if not all(isinstance(permission, AllowAny) for permission in self.view.get_permissions()):
            codes.add("403")
        if self.method in WITH_A_BODY:
            codes |= {"400", "413", "415"}
        if any(parameter["in"] == "query" for parameter in self._get_parameters()):
            codes.add("400")
        return codes
