"""Whom the site believes about who asks, and what a public site sends."""

import os
import subprocess
import sys
from typing import Any

import pytest
from django.conf import settings as django_settings
from granian.utils.proxies import wrap_wsgi_with_proxy_headers

FORWARDED = {"HTTP_X_FORWARDED_FOR": "198.51.100.7, 10.0.0.9", "HTTP_X_FORWARDED_PROTO": "https"}


def asked_as(sender: str) -> tuple[str, str]:
    """Return by whom and by which scheme a request seems to be made that a sender hands on."""
    seen: dict[str, Any] = {}

    def application(environ: dict[str, Any], start: Any) -> list[bytes]:
        seen.update(environ)
        return []

    environ = {"REMOTE_ADDR": sender, "wsgi.url_scheme": "http", **FORWARDED}
    wrap_wsgi_with_proxy_headers(application, trusted_hosts=["10.0.0.0/8"])(environ, lambda *_: None)
    return seen["REMOTE_ADDR"], seen["wsgi.url_scheme"]


def test_a_trusted_proxy_is_believed_up_to_the_first_stranger() -> None:
    assert asked_as("10.0.0.1") == ("198.51.100.7", "https")


def test_nobody_else_is() -> None:
    assert asked_as("203.0.113.5") == ("203.0.113.5", "http")


PUBLIC = """
import io, sys
from matchsite.wsgi import application
for sender in ("10.0.0.1", "203.0.113.5"):
    environ = {
        "REQUEST_METHOD": "GET", "PATH_INFO": "/accounts/login/", "SERVER_NAME": "site", "SERVER_PORT": "80",
        "HTTP_HOST": "kindred.example", "wsgi.input": io.BytesIO(), "wsgi.errors": sys.stderr,
        "wsgi.url_scheme": "http", "REMOTE_ADDR": sender,
        "HTTP_X_FORWARDED_FOR": "198.51.100.7", "HTTP_X_FORWARDED_PROTO": "https",
    }
    def start(status, headers, *_):
        print(status, dict(headers).get("Set-Cookie", "").strip().split("=")[0], sep="|")
    application(environ, start)
"""


@pytest.mark.django_db
def test_a_public_site_answers_over_https_only_and_binds_its_cookies_to_the_host(tmp_path) -> None:
    environment = os.environ | {
        "DEBUG": "0",
        "SECRET_KEY": "k" * 60,
        "ALLOWED_HOSTS": "kindred.example",
        "TRUSTED_PROXIES": "10.0.0.0/8",
        "DATA_DIR": str(tmp_path),
        "DATABASE_URL": "sqlite://:memory:",
    }
    subprocess.run(
        [sys.executable, "manage.py", "collectstatic", "--noinput", "-v0"],
        env=environment,
        cwd=django_settings.BASE_DIR,
        check=True,
    )
    found = subprocess.run(
        [sys.executable, "-c", PUBLIC],
        env=environment,
        cwd=django_settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=True,
    )
    assert found.stdout.splitlines() == ["200 OK|__Host-csrftoken", "301 Moved Permanently|"]
