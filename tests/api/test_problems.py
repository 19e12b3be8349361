"""Whatever is sent, a refusal is a problem detail with a status of the four hundreds, and never a defect."""

import io
import json
import re
from typing import Any

import pytest
from django.conf import settings as site
from django.core.cache import cache
from django.urls import reverse
from rest_framework.test import APIClient

from accounts.models import User
from accounts.services import tokens
from recommendations.models import Verdict

WRITING: list[Any] = [("post", "verdicts", ()), ("post", "sample-verdicts", ()), ("patch", "profile", ())]
WRITING += [("put", "answer", (1,)), ("put", "purpose", ("friend",))]
BODIES = [
    b"",
    b"{",
    b"\xff\xfe",
    b"[" * 5000,
    b'{"value": NaN}',
    b'{"value": ' + b"9" * 5000 + b"}",
    b'{"value": "\\ud800"}',
    b'{"\\ud800": 1}',
    b"[]",
    b"null",
    b"7",
    b'"text"',
]


def assert_problem(answer: Any, status: int) -> dict[str, Any]:
    assert answer.status_code == status
    assert answer["Content-Type"] == "application/problem+json"
    problem: dict[str, Any] = json.loads(answer.content)
    assert {"type", "title", "status", "detail"} <= set(problem) <= {"type", "title", "status", "detail", "errors"}
    assert problem["status"] == status
    return problem


@pytest.mark.parametrize("body", BODIES, ids=range(len(BODIES)))
@pytest.mark.parametrize("operation", WRITING, ids=lambda operation: operation[1])
def test_what_is_no_fitting_json_is_refused(ada: APIClient, operation: Any, body: bytes) -> None:
    method, name, args = operation
    answer = getattr(ada, method)(reverse(f"api:{name}", args=args), body, content_type="application/json")
    if name == "profile" and not body:
        assert answer.status_code == 200  # Nothing sent changes nothing.
    else:
        assert_problem(answer, 400)


def test_bodies_have_a_longest_length(ada: APIClient) -> None:
    body = json.dumps({"bio": "x" * site.API_LONGEST_BODY})
    assert_problem(ada.patch(reverse("api:profile"), body, content_type="application/json"), 413)


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "x"]
)
def test_only_json_is_read(ada: APIClient, content_type: str) -> None:
    assert_problem(ada.post(reverse("api:verdicts"), b"value=like", content_type=content_type), 415)


def test_files_are_not_taken(ada: APIClient) -> None:
    answer = ada.post(reverse("api:verdicts"), {"file": io.BytesIO(b"x")}, format="multipart")
    assert_problem(answer, 415)


def test_each_wrong_field_is_named(ada: APIClient) -> None:
    answer = ada.post(reverse("api:verdicts"), {"person": "x", "purpose": "friend"}, format="json")
    problem = assert_problem(answer, 400)
    assert (problem["type"], problem["title"]) == ("about:blank", "Bad Request")
    assert [error["field"] for error in problem["errors"]] == ["person", "value"]


@pytest.mark.parametrize(
    "query", [{}, {"purpose": "\x00"}, {"purpose": "friend", "circle": "x"}, {"purpose": "x" * 9999}]
)
def test_a_wrong_question_is_refused(ada: APIClient, query: dict[str, str]) -> None:
    assert_problem(ada.get(reverse("api:people"), query), 400)


def test_a_wrong_purpose_of_a_persons_page_is_refused(ada: APIClient, pair: tuple[User, User]) -> None:
    assert_problem(ada.get(reverse("api:person", args=[pair[1].public_id]), {"purpose": "\x00"}), 400)


@pytest.mark.parametrize("path", ["", "nothing/", "people/1/", "matches/x/", "survey/answers/x/", "people/%00/"])
@pytest.mark.parametrize("method", ["get", "post", "options"])
def test_an_address_that_is_none_is_a_problem_too(db: None, method: str, path: str) -> None:
    assert_problem(getattr(APIClient(), method)(f"/api/v1/{path}"), 404)


def test_a_method_that_is_none_is_a_problem_too(ada: APIClient) -> None:
    assert "GET" in ada.post(reverse("api:matches"))["Allow"]
    assert_problem(ada.post(reverse("api:matches")), 405)
    assert_problem(ada.options(reverse("api:matches")), 405)


def test_the_table_of_what_is_missing_is_not_told(ada: APIClient) -> None:
    unknown = "6e1e6ba2-15b5-4d6f-9a1f-6b2f0a2b3c4d"
    problem = assert_problem(ada.get(reverse("api:match", args=[unknown])), 404)
    assert not re.search("match|query", problem["detail"], re.IGNORECASE)


def test_what_is_asked_for_by_accept_or_format_changes_nothing(ada: APIClient) -> None:
    answer = ada.get(reverse("api:matches"), {"format": "xml"}, HTTP_ACCEPT="text/html")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/json")


# ---------------------------------------------------------------- throttles


@pytest.fixture
def slow(settings) -> None:
    rates = {"visitor": "2/min", "member": "3/min"}
    settings.REST_FRAMEWORK = site.REST_FRAMEWORK | {"DEFAULT_THROTTLE_RATES": rates}


def n_answered(client: APIClient, name: str) -> int:
    """Return how often somebody is answered before they are asked to wait."""
    for n in range(10):
        answer = client.get(reverse(f"api:{name}"))
        if answer.status_code != 200:
            assert_problem(answer, 429)
            assert 0 < int(answer["Retry-After"]) <= 60
            return n
    return 10


def test_a_member_is_asked_to_wait_whatever_they_sign_in_by(
    slow: None, ada: APIClient, pair: tuple[User, User]
) -> None:
    assert n_answered(ada, "matches") == 3
    program = APIClient()
    program.credentials(HTTP_AUTHORIZATION=f"Bearer {tokens.issue(user=pair[0]).secret}")
    assert n_answered(program, "profile") == 0


def test_members_are_counted_each_on_their_own(slow: None, ada: APIClient, ben: APIClient) -> None:
    assert n_answered(ada, "matches") == 3
    assert n_answered(ben, "matches") == 3


def test_a_visitor_is_asked_to_wait_whatever_headers_they_make_up(slow: None, db: None) -> None:
    assert n_answered(APIClient(), "items") == 2
    assert n_answered(APIClient(HTTP_X_FORWARDED_FOR="192.0.2.1"), "items") == 0
    assert n_answered(APIClient(REMOTE_ADDR="192.0.2.1"), "items") == 2


def test_who_is_asked_to_wait_changes_nothing(slow: None, ada: APIClient, pair: tuple[User, User]) -> None:
    n_answered(ada, "matches")
    said = {"person": str(pair[1].public_id), "purpose": "friend", "value": "like"}
    assert_problem(ada.post(reverse("api:verdicts"), said, format="json"), 429)
    assert not Verdict.objects.exists()


def test_the_count_lies_in_the_shared_cache(slow: None, redis_cache: str, ada: APIClient) -> None:
    n_answered(ada, "matches")
    cache.clear()
    assert n_answered(ada, "matches") == 3
