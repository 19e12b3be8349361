"""The log says what happened and to which request, and nothing of whom."""

import io
import json
import logging
import logging.config
from collections.abc import Iterator

import pytest
from django.conf import settings as django_settings
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path

from matchsite import logs
from matchsite.urls import urlpatterns as own_patterns
from tests.builders import make_member

pytestmark = pytest.mark.django_db


def fail(request: HttpRequest, word: str) -> HttpResponse:
    raise RuntimeError("The page is broken.")


urlpatterns = [*own_patterns, path("broken/<str:word>/", fail, name="broken")]


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """Return what a public site writes to its log."""
    configuration = logs.configuration(level="INFO", as_json=True)
    stream = io.StringIO()
    configuration["handlers"]["console"]["stream"] = stream
    former = logging.getLogger().handlers[:]
    logging.config.dictConfig(configuration)
    yield stream
    logging.config.dictConfig(django_settings.LOGGING)
    logging.getLogger().handlers[:] = former


def lines(stream: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_request_is_one_line_with_its_id(client: Client, written) -> None:
    response = client.get("/help/")
    (line,) = lines(written)
    assert (line["method"], line["page"], line["status"]) == ("GET", "help", 200)
    assert line["correlation_id"] == response["X-Request-ID"]
    assert float(str(line["milliseconds"])) > 0


def test_a_caller_may_bring_an_id_but_no_text_of_its_own(client: Client, written) -> None:
    known = "0123456789abcdef0123456789abcdef"
    assert client.get("/help/", headers={"x-request-id": known})["X-Request-ID"] == known
    assert client.get("/help/", headers={"x-request-id": "<script>"})["X-Request-ID"] != "<script>"


@pytest.mark.parametrize("address", ["/people/nobody@example.org/", "/nowhere/secret-code/?q=secret-word"])
def test_no_path_is_written_down(client: Client, written, address: str) -> None:
    client.force_login(make_member())
    assert client.get(address).status_code == 404
    text = written.getvalue()
    assert "404" in text
    assert "secret" not in text
    assert "@" not in text


def test_an_error_is_told_with_its_place_and_without_the_path(client: Client, written, settings) -> None:
    settings.ROOT_URLCONF = __name__
    client.raise_request_exception = False
    assert client.get("/broken/secret-code/").status_code == 500
    (line,) = [line for line in lines(written) if line["levelname"] == "ERROR"]
    assert line["message"] == "Internal Server Error: broken"
    assert "The page is broken." in str(line["exc_info"])
    assert "secret" not in written.getvalue()


def test_nobody_is_named(client: Client, written) -> None:
    member = make_member(display_name="Ada")
    client.post("/accounts/login/", {"login": member.email, "password": "a wrong phrase 42"})
    client.force_login(member)
    client.get("/me/")
    text = written.getvalue()
    assert "account_login" in text
    assert member.email not in text
    assert "Ada" not in text
    assert "wrong phrase" not in text
