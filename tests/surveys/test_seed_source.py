"""Where the seed dataset may come from: the public web, files and buckets, and nothing internal."""

import io
import socket
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from surveys.models import Respondent, SeedImport
from surveys.services import seed_source
from tests.surveys.published import row, table, zipped

pytestmark = pytest.mark.django_db


@dataclass
class Site:
    """A server on loopback that gives everybody one answer and remembers who asked."""

    address: str
    asked: list[tuple[str, str]] = field(default_factory=list)
    """Path and authorization of each request."""


@contextmanager
def serving(*, status: int = 200, body: bytes = b"", **headers: str) -> Iterator[Site]:
    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            site.asked.append((self.path, self.headers.get("Authorization", "")))
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name.replace("_", "-"), value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Answer) as server:
        site = Site(address=f"http://127.0.0.1:{server.server_port}")
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield site
        server.shutdown()


@pytest.fixture
def loopback_is_public(monkeypatch) -> None:
    """Let tests reach their own server, the only address that the guard must not see as private."""
    monkeypatch.setattr(seed_source, "is_public", lambda address: address == "127.0.0.1")


@pytest.mark.parametrize(
    ("source", "word"),
    [
        ("ftp://example.org/16PF.zip", "must begin with"),
        ("file:///etc/passwd", "must begin with"),
        ("gopher://127.0.0.1/", "must begin with"),
        ("http:///16PF.zip", "must begin with"),
        ("http://[::1/16PF.zip", "not a valid one"),
        ("http://example.org:99999/16PF.zip", "not a valid one"),
        ("http://127.0.0.1/16PF.zip", "private address"),
        ("http://localhost/16PF.zip", "private address"),
        ("http://2130706433/16PF.zip", "private address"),
        ("http://[::1]/16PF.zip", "private address"),
        ("http://10.0.0.1/16PF.zip", "private address"),
        ("http://169.254.169.254/16PF.zip", "private address"),
        ("http://nowhere.invalid/16PF.zip", "could not be reached"),
        ("s3://bucket", "looks like"),
        ("s3://[bucket", "looks like"),
        ("s3://bucket/data.csv", "AWS_ACCESS_KEY_ID"),
        ("missing.zip", "There is no file"),
        ("tests", "There is no file"),
        ("0" * 300, "cannot be read"),
    ],
)
def test_a_source_that_cannot_be_used_is_refused(source: str, word: str) -> None:
    with pytest.raises(CommandError, match=word) as refusal:
        call_command("ingest", source)
    assert "\n" not in str(refusal.value)
    assert SeedImport.objects.count() == 0


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "64:ff9b::808:808", "::ffff:8.8.8.8"])
def test_addresses_of_the_internet_are_public(address: str) -> None:
    assert seed_source.is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.1", "224.0.0.1",
        "::1", "::", "fe80::1%eth0", "fc00::1", "ff02::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::1",
        "2002:7f00:1::", "2001:0:7f00:1::",
    ],
)  # fmt: skip
def test_internal_addresses_are_not_in_whatever_form(address: str) -> None:
    assert not seed_source.is_public(address)


def test_a_download_is_imported_and_its_query_not_written_down(loopback_is_public) -> None:
    with serving(body=zipped(table(row()))) as site:
        call_command("ingest", site.address.replace("//", "//name:password@") + "/16PF.zip?token=secret")
    assert SeedImport.objects.get().source == f"{site.address}/16PF.zip"


def test_a_redirect_is_followed(loopback_is_public) -> None:
    with serving(body=table(row())) as target, serving(status=301, Location=f"{target.address}/data.csv") as site:
        call_command("ingest", f"{site.address}/16PF.zip")
    assert [path for path, _ in target.asked] == ["/data.csv"]
    assert Respondent.objects.count() == 1


@pytest.mark.parametrize(
    ("location", "word"),
    [
        ("http://10.0.0.1/", "private address"),
        ("file:///etc/passwd", "must begin with"),
        ("http://[::1/", "did not answer"),
        ("/again", "redirects more than"),
    ],
)
def test_a_redirect_must_be_as_good_as_the_first_address(loopback_is_public, location: str, word: str) -> None:
    with serving(status=302, Location=location) as site, pytest.raises(CommandError, match=word):
        call_command("ingest", f"{site.address}/")
    assert len(site.asked) <= 1 + seed_source.MOST_REDIRECTS


def test_a_name_that_leads_elsewhere_when_asked_again_is_refused_before_anything_is_sent(monkeypatch) -> None:
    found = socket.getaddrinfo
    answers = iter(["8.8.8.8"])

    def change_mind(host: Any, port: Any, *args: Any, **options: Any) -> Any:
        return found(next(answers, "127.0.0.1") if host == "rebound.example" else host, port, *args, **options)

    monkeypatch.setattr(socket, "getaddrinfo", change_mind)
    with serving(body=table(row())) as site, pytest.raises(CommandError, match="private address"):
        call_command("ingest", site.address.replace("127.0.0.1", "rebound.example"))
    assert site.asked == []


def test_an_error_of_the_host_is_told(loopback_is_public) -> None:
    with serving(status=503) as site, pytest.raises(CommandError, match="did not answer"):
        call_command("ingest", site.address)


def test_a_host_that_is_down_is_told(loopback_is_public) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{taken.getsockname()[1]}/"
        with pytest.raises(CommandError, match="could not be reached"):
            call_command("ingest", address)


def test_a_download_that_breaks_off_is_told(loopback_is_public) -> None:
    body = table(row())
    with serving(body=body, Content_Length=str(len(body) + 1)) as site, pytest.raises(CommandError, match="not answer"):
        call_command("ingest", site.address)


def test_a_download_without_end_is_stopped(loopback_is_public, monkeypatch) -> None:
    monkeypatch.setattr(seed_source, "LARGEST_DOWNLOAD", 100)
    with serving(body=b"0" * 1000) as site, pytest.raises(CommandError, match="was stopped"):
        call_command("ingest", site.address)


def test_a_download_that_trickles_for_ever_is_stopped(loopback_is_public, monkeypatch) -> None:
    monkeypatch.setattr(seed_source, "LONGEST_DOWNLOAD", -1)
    with serving(body=b"0" * 1000) as site, pytest.raises(CommandError, match="took longer"):
        call_command("ingest", site.address)


def test_a_link_in_an_archive_is_refused(tmp_path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        link = zipfile.ZipInfo("16PF/data.csv")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    path = tmp_path / "links.zip"
    path.write_bytes(buffer.getvalue())
    with pytest.raises(CommandError, match="outside"):
        call_command("ingest", str(path))
