"""The API is described truly: generated requests find no defect, and no answer that the description does not have."""

import math
import re
from collections import Counter
from collections.abc import Iterator, MutableMapping
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from django.conf import settings
from django.core.management import call_command
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, transaction
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given
from hypothesis import settings as rules
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from accounts.models import Purpose, User
from accounts.services import tokens
from recommendations.models import Match
from recommendations.services import samples, verdicts
from surveys.models import MeasurementVersion
from surveys.services import training
from tests.recommendations.builders import make_people, show_each_other
from tests.surveys.respondents import make_respondents

FRIEND = Purpose.FRIEND.value
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


@pytest.fixture
def description(db: None) -> dict[str, Any]:
    """The OpenAPI document, as it is served."""
    answer: dict[str, Any] = Client().get(reverse("api:schema")).json()
    return answer


def test_the_description_is_valid_and_without_a_warning(db: None) -> None:
    call_command("spectacular", validate=True, fail_on_warn=True, stdout=StringIO())


def test_everything_but_the_statements_needs_signing_in(description: dict[str, Any]) -> None:
    is_open = {path for path, operation in _operations(description) if {} in operation["security"]}
    assert is_open == {reverse("api:items")}


def test_the_guide_shows_every_address_and_no_other(description: dict[str, Any]) -> None:
    guide = (Path(__file__).parents[2] / "docs" / "api.md").read_text()
    named = set(re.findall(r"^\| `[A-Z, ]+` \| `([^`?]+)", guide, flags=re.MULTILINE))
    assert {f"/api/v1/{path}" for path in named} == {path for path, _ in _operations(description)}


def test_every_refusal_is_described_as_a_problem(description: dict[str, Any]) -> None:
    for _, operation in _operations(description):
        refusals = {code: answer for code, answer in operation["responses"].items() if code.startswith("4")}
        assert {"401", "429"} <= set(refusals)
        assert all(set(answer["content"]) == {"application/problem+json"} for answer in refusals.values())


def test_no_answer_has_a_field_that_is_nobodys_business(description: dict[str, Any]) -> None:
    fields = {
        field for schema in description["components"]["schemas"].values() for field in schema.get("properties", ())
    }
    assert "display_name" in fields
    assert not {"id", "pk", "email", "birth_date", "user", "likeness", "score_in", "score_out", "scale"} & fields


def test_everybody_reads_the_description(description: dict[str, Any]) -> None:
    assert description["openapi"].startswith("3.1")
    assert "/api/v1/people/" in description["paths"]


def test_the_page_to_try_it_on_fits_the_sites_policy(db: None) -> None:
    answer = Client().get(reverse("api:docs"))
    assert "unsafe" not in answer["Content-Security-Policy"]
    assert not re.search(r"<style|<script>|style=|https?://", answer.text)
    for address in re.findall(r'<script src="([^"]+)"', answer.text):
        assert address.startswith("/")
    script = Client().get(reverse("api:docs"), {"script": ""})
    assert reverse("api:schema") in script.text
    assert script["Content-Type"].startswith("application/javascript")


# ---------------------------------------------------------------- generated requests


@dataclass(frozen=True)
class Known:
    """What a member of the population may ask for, so that generated requests reach more than what is missing."""

    token: dict[str, Any]
    session: dict[str, Any]
    people: list[str]
    matches: list[str]
    tokens: list[str]

    def access_to(self, operation: Any) -> dict[str, Any]:
        """Return by what an operation lets people in."""
        return self.session if "/token/" in operation.path else self.token


@pytest.fixture
def known(version: MeasurementVersion) -> Known:
    """A member with people, sample people, verdicts and matches, who uses a token, and a session where it needs one."""
    make_respondents(60)
    training.place_respondents(version=version)
    me, *others = make_people(version, 6)
    for other in others:
        show_each_other(me, other)
    for other in others[:2]:
        for actor, target in ((me, other), (other, me)):
            verdicts.record(actor=actor, target=target, purpose=FRIEND, value="like")
    verdicts.record(actor=me, target=others[2], purpose=FRIEND, value="pass")
    return Known(
        token={"headers": {"Authorization": f"Bearer {tokens.issue(user=me).secret}"}},
        session=_session_of(me),
        people=[str(other.public_id) for other in others],
        matches=[str(match.public_id) for match in Match.objects.of(me.pk)],
        tokens=[person.token for person in samples.list_for(viewer=me, purpose=FRIEND)],
    )


@pytest.fixture
def application() -> Iterator[Any]:
    """The site as a server calls it, but on the connection that holds the test's transaction, as Django's client is."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield get_wsgi_application()
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@st.composite
def cases(draw: st.DrawFn, operation: Any, known: Known) -> Any:
    """Draw a request that fits the description or does not; every other one asks for somebody who is there."""
    mode = draw(st.sampled_from(GenerationMode)) if _takes_anything(operation) else GenerationMode.POSITIVE
    case = draw(operation.as_strategy(generation_mode=mode))
    if not draw(st.booleans()):
        return case
    ids = known.matches if "matches" in operation.path else known.people
    for values, place in (
        ({"public_id": ids}, case.path_parameters),
        ({"purpose": [FRIEND]}, case.query),
        ({"purpose": [FRIEND], "person": known.people, "token": known.tokens}, case.body),
    ):
        if isinstance(place, MutableMapping):
            place.update({name: draw(st.sampled_from(values[name])) for name in values if name in place})
    return case


@pytest.mark.parametrize("scale", [0.3, pytest.param(1.0, marks=pytest.mark.long)])
def test_generated_requests_find_no_defect_and_nothing_undescribed(
    scale: float,
    known: Known,
    application: Any,
    settings: Any,
    subtests: Any,
) -> None:
    unhurried = {"DEFAULT_THROTTLE_RATES": {"visitor": None, "member": None}}
    settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, **unhurried}
    n_cases: Counter[int] = Counter()
    api = schemathesis.openapi.from_wsgi(reverse("api:schema"), application)
    for result in api.get_all_operations():
        operation: Any = result.ok()  # type: ignore[union-attr] # an operation that cannot be read fails here

        @rules(
            max_examples=math.ceil(scale * _n_wanted(operation)),
            derandomize=True,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        )
        @given(case=cases(operation, known))
        def ask(case: Any) -> None:
            # Each request finds the population as it was made.
            with transaction.atomic():
                response = case.call_and_validate(checks=CHECKS, **known.access_to(case.operation))
                transaction.set_rollback(True)
            n_cases[response.status_code] += 1

        with subtests.test(operation.label):
            ask()
    assert n_cases.total() >= 1000 * scale
    assert {200, 201, 204, 400, 404} <= set(n_cases)


def _operations(description: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """Return every operation with its path."""
    return [(path, operation) for path, item in description["paths"].items() for operation in item.values()]


def _n_wanted(operation: Any) -> int:
    """Return how many requests are worth making of one kind."""
    if not _takes_anything(operation):
        return 10
    # Each town that does not exist is looked for under its names in all languages, which takes its time.
    return 30 if operation.label.startswith("PATCH") else 80


def _takes_anything(operation: Any) -> bool:
    """Return whether an operation has an input that could be wrong."""
    return bool(operation.body or operation.query or operation.path_parameters)


def _session_of(user: User) -> dict[str, Any]:
    """Return what the browser of somebody who is signed in sends."""
    client, proof = Client(), "k" * 32
    client.force_login(user)
    cookies = {settings.SESSION_COOKIE_NAME: client.session.session_key, settings.CSRF_COOKIE_NAME: proof}
    return {"headers": {"X-CSRFToken": proof}, "cookies": cookies}
