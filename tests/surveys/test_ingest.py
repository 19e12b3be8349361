"""Importing the seed dataset: what it counts, what it refuses, and that it is all or nothing."""

import io
import socket
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from ml.items import ITEMS
from surveys.models import Respondent, SeedImport
from surveys.services import seed, seed_source

pytestmark = pytest.mark.django_db

HEADER = "\t".join([f'"{item.code}"' for item in ITEMS] + ["age", "gender", "accuracy", "country", "source", "elapsed"])


def row(answer: int | str = 3, facts: str = "30\t2\t90\tNA\t6\t914") -> str:
    return "\t".join([str(answer), *["4", "2"] * 81]) + "\t" + facts


def table(*rows: str) -> bytes:
    return "\r\n".join([HEADER, *rows, ""]).encode()


def zipped(content: bytes, name: str = "16PF/data.csv") -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return buffer.getvalue()


@pytest.fixture
def put(tmp_path: Path):
    def write(content: bytes, name: str = "data.zip") -> str:
        path = tmp_path / name
        path.write_bytes(content)
        return str(path)

    return write


def test_rows_are_kept_as_they_were_published(put) -> None:
    call_command("ingest", put(table(row(0), row(5, "2147483647\t0\t2147483647\t\t1\t10")), "data.csv"))
    first, second = Respondent.objects.order_by("row")
    assert bytes(first.answers)[:3] == bytes([0, 4, 2])
    assert (first.country, second.country) == ("NA", "")
    assert (second.age, second.accuracy) == (2_147_483_647, 2_147_483_647)


def test_what_is_found_is_counted_and_printed(put, capsys) -> None:
    call_command("ingest", put(zipped(table(row(0), row(1, "2147483647\t0\t90\t\t1\t10")))))
    counts = SeedImport.objects.get().counts
    assert counts["missed answers"] == 1
    assert counts["rows from Namibia (NA)"] == 1
    assert counts["rows with a blank country"] == 1
    assert counts["impossible ages"] == 1
    assert "rows from Namibia" in capsys.readouterr().out


def test_the_same_file_again_changes_nothing(put, capsys) -> None:
    source = put(table(row()), "data.csv")
    call_command("ingest", source)
    before = SeedImport.objects.get().pk
    call_command("ingest", source)
    assert SeedImport.objects.get().pk == before
    assert "Already imported" in capsys.readouterr().out


def test_another_file_replaces_the_former(put) -> None:
    call_command("ingest", put(table(row(), row()), "a.csv"))
    call_command("ingest", put(table(row(1)), "b.csv"))
    assert SeedImport.objects.get().n_respondents == 1
    assert Respondent.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_an_interrupted_import_leaves_the_former_one(put, monkeypatch) -> None:
    call_command("ingest", put(table(row(), row()), "a.csv"))
    monkeypatch.setattr(seed, "BATCH_SIZE", 1)

    def interrupt(_: int) -> None:
        raise KeyboardInterrupt

    rows, sha256, source = seed.read(put(table(row(1), row(2)), "b.csv"))
    with pytest.raises(KeyboardInterrupt):
        seed.store(rows=rows, sha256=sha256, source=source, progress=interrupt)
    assert SeedImport.objects.get().source == "a.csv"
    assert Respondent.objects.count() == 2


BAD = {
    "not a table": (b"hello there", "columns"),
    "wrong columns": (b"a\tb\r\n1\t2\r\n", "columns"),
    "a value 7": (table(row(7)), r"from 0 \(missed\) to 5"),
    "a word": (table(row("x")), "whole numbers"),
    "no rows": (table(), "no rows"),
    "empty": (b"", "empty"),
    "a truncated archive": (zipped(table(row()))[:-40], "damaged"),
    "path traversal": (zipped(table(row()), "../data.csv"), "outside"),
    "an absolute path": (zipped(table(row()), "/data.csv"), "outside"),
    "no data.csv": (zipped(table(row()), "other.csv"), "no single data.csv"),
}


@pytest.mark.parametrize(("content", "word"), BAD.values(), ids=BAD.keys())
def test_a_bad_file_is_refused_in_one_sentence(put, content: bytes, word: str) -> None:
    with pytest.raises(CommandError, match=word) as refusal:
        call_command("ingest", put(content))
    assert "\n" not in str(refusal.value)
    assert SeedImport.objects.count() == Respondent.objects.count() == 0


def test_a_bomb_is_not_unpacked(put, monkeypatch) -> None:
    monkeypatch.setattr(seed_source, "LARGEST_CONTENT", 10_000)
    with pytest.raises(CommandError, match="unpacks to more"):
        call_command("ingest", put(zipped(b"0" * 20_000)))


@pytest.mark.parametrize(
    ("source", "word"),
    [
        ("ftp://example.org/16PF.zip", "must begin with"),
        ("file:///etc/passwd", "must begin with"),
        ("http://127.0.0.1/16PF.zip", "private address"),
        ("http://[::1]/16PF.zip", "private address"),
        ("http://10.0.0.1/16PF.zip", "private address"),
        ("http://169.254.169.254/16PF.zip", "private address"),
        ("http://nowhere.invalid/16PF.zip", "could not be reached"),
        ("s3://bucket", "looks like"),
        ("s3://bucket/data.csv", "AWS_ACCESS_KEY_ID"),
        ("missing.zip", "There is no file"),
    ],
)
def test_a_source_that_cannot_be_used_is_refused(source: str, word: str) -> None:
    with pytest.raises(CommandError, match=word):
        call_command("ingest", source)
    assert SeedImport.objects.count() == 0


@contextmanager
def serving(*, status: int = 200, body: bytes = b"", location: str = "") -> Iterator[str]:
    """Serve one answer on loopback and yield its address."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            if location:
                self.send_header("Location", location)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Answer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/16PF.zip?token=secret"
        server.shutdown()


@pytest.fixture
def loopback_is_public(monkeypatch) -> None:
    """Let tests reach their own server, the only address that the guard must not see as private."""
    monkeypatch.setattr(seed_source, "is_public", lambda address: address == "127.0.0.1")


def test_a_download_is_imported_and_its_query_not_written_down(loopback_is_public) -> None:
    with serving(body=zipped(table(row()))) as url:
        call_command("ingest", url)
    assert SeedImport.objects.get().source.endswith("/16PF.zip")


def test_a_redirect_to_a_private_address_is_refused(loopback_is_public) -> None:
    with serving(status=302, location="http://10.0.0.1/") as url, pytest.raises(CommandError, match="private address"):
        call_command("ingest", url)


def test_endless_redirects_end(loopback_is_public) -> None:
    with serving(status=302, location="/again") as url, pytest.raises(CommandError, match="redirects more than"):
        call_command("ingest", url)


def test_an_error_of_the_host_is_told(loopback_is_public) -> None:
    with serving(status=503) as url, pytest.raises(CommandError, match="did not answer"):
        call_command("ingest", url)


def test_a_host_that_is_down_is_told(loopback_is_public) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{taken.getsockname()[1]}/"
        with pytest.raises(CommandError, match="could not be reached"):
            call_command("ingest", address)


def test_a_download_without_end_is_stopped(loopback_is_public, monkeypatch) -> None:
    monkeypatch.setattr(seed_source, "LARGEST_DOWNLOAD", 100)
    with serving(body=b"0" * 1000) as url, pytest.raises(CommandError, match="was stopped"):
        call_command("ingest", url)


def test_synthetic_respondents_say_that_they_are(capsys) -> None:
    call_command("ingest", synthetic=True)
    assert SeedImport.objects.get().kind == SeedImport.Kind.SYNTHETIC
    assert Respondent.objects.count() == 5000
    assert "Drawn from the reference model" in capsys.readouterr().out


@pytest.mark.dataset
def test_the_published_dataset_has_its_known_counts(seed_dataset: Path) -> None:
    call_command("ingest", str(seed_dataset))
    counts = SeedImport.objects.get().counts
    assert Respondent.objects.count() == counts["respondents"] == 49_159
    assert counts["missed answers"] == 98_919
    assert counts["rows without a missed answer"] == 35_381
    assert counts["rows from Namibia (NA)"] == 7
    assert counts["rows with a blank country"] == 10
    first, last = Respondent.objects.get(row=1), Respondent.objects.order_by("row").last()
    assert list(bytes(first.answers)[:5]) == [1, 4, 2, 3, 3]
    assert (first.age, first.gender, first.accuracy, first.country, first.source, first.elapsed) == (
        17, 1, 92, "US", 6, 914,
    )  # fmt: skip
    assert last is not None
    assert last.row == 49_159
