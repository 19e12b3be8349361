"""Copying the published dataset into a bucket of a real S3 server, and importing it from there."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from django.core.management import CommandError, call_command

from matchsite.processes import answers, free_port
from surveys.models import Respondent, SeedImport
from surveys.services import bucket as buckets
from surveys.services import seed_source
from tests.surveys.published import row, table, zipped

pytestmark = pytest.mark.django_db

CREDENTIALS = {"aws_access_key_id": "a-key", "aws_secret_access_key": "a-secret", "region_name": "us-east-1"}


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """Return the address of an S3 server, a process of its own."""
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 60
    while not answers(port):
        assert process.poll() is None, "the S3 server ended"
        assert time.monotonic() < deadline, "the S3 server does not answer"
        time.sleep(0.05)
    yield f"http://127.0.0.1:{port}"
    process.terminate()
    process.wait(timeout=20)


@pytest.fixture
def store(server: str, settings) -> Iterator[Any]:
    """Return a client of a store with one empty bucket, which the site may use too."""
    settings.AWS_S3_ACCESS_KEY_ID, settings.AWS_S3_SECRET_ACCESS_KEY = "a-key", "a-secret"
    settings.AWS_S3_ENDPOINT_URL = server
    client = boto3.client("s3", endpoint_url=server, **CREDENTIALS)
    client.create_bucket(Bucket="datasets")
    yield client
    for name in names_in(client):
        client.delete_object(Bucket="datasets", Key=name)
    client.delete_bucket(Bucket="datasets")
    client.close()


@pytest.fixture
def archive(tmp_path: Path) -> str:
    path = tmp_path / "16PF.zip"
    path.write_bytes(zipped(table(row(), row(1))))
    return str(path)


def names_in(client: Any) -> list[str]:
    return [found["Key"] for found in client.list_objects_v2(Bucket="datasets").get("Contents", [])]


def test_both_files_are_copied_and_nothing_is_imported(store, archive: str, capsys) -> None:
    call_command("ingest", archive, "-b", "datasets")
    assert names_in(store) == ["raw/codebook.txt", "raw/data.csv"]
    data = store.get_object(Bucket="datasets", Key="raw/data.csv")
    codebook = store.get_object(Bucket="datasets", Key="raw/codebook.txt")
    assert data["Body"].read() == table(row(), row(1))
    assert codebook["Body"].read() == b"<p>The 16PF items.</p>"
    assert codebook["ContentType"].startswith("text/html")
    assert not SeedImport.objects.exists()
    assert "s3://datasets/raw/data.csv" in capsys.readouterr().out


def test_what_was_copied_can_be_imported(store, archive: str) -> None:
    call_command("ingest", archive, "-b", "datasets", "-c", "16PF/words.html", "-d", "16PF/rows.csv")
    assert names_in(store) == ["16PF/rows.csv", "16PF/words.html"]
    call_command("ingest", "s3://datasets/16PF/rows.csv")
    assert Respondent.objects.count() == 2
    assert SeedImport.objects.get().source == "s3://datasets/16PF/rows.csv"


def test_a_second_copy_takes_the_place_of_the_first(store, archive: str) -> None:
    for _ in range(2):
        call_command("ingest", archive, bucket="datasets")
    assert names_in(store) == ["raw/codebook.txt", "raw/data.csv"]


def test_the_source_may_itself_lie_in_a_bucket(store, archive: str) -> None:
    store.put_object(Bucket="datasets", Key="16PF.zip", Body=Path(archive).read_bytes())
    call_command("ingest", "s3://datasets/16PF.zip", bucket="datasets")
    assert names_in(store) == ["16PF.zip", "raw/codebook.txt", "raw/data.csv"]


def test_a_copy_that_breaks_off_leaves_nothing_new(store, archive: str, monkeypatch) -> None:
    whole = buckets._file

    def broken(name: str, *rest: Any) -> Any:
        if name == "raw/data.csv":
            raise KeyboardInterrupt
        return whole(name, *rest)

    monkeypatch.setattr(buckets, "_file", broken)
    with pytest.raises(KeyboardInterrupt):
        call_command("ingest", archive, bucket="datasets")
    assert names_in(store) == []


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ({"bucket": "elsewhere"}, "no such bucket"),
        ({"bucket": ""}, "Nothing was copied"),
        ({"bucket": "datasets", "data_path": "../data.csv"}, "out of the bucket"),
        ({"bucket": "datasets", "data_path": "same", "codebook_path": "same"}, "two different names"),
        ({"bucket": "datasets", "synthetic": True}, "no files"),
        ({"data_path": "raw/data.csv"}, "name a bucket"),
    ],
)
def test_what_cannot_be_copied_is_told(store, archive: str, options: dict[str, Any], word: str) -> None:
    with pytest.raises(CommandError, match=word) as refusal:
        call_command("ingest", archive, **options)
    assert "\n" not in str(refusal.value)
    assert names_in(store) == []


@pytest.mark.parametrize(
    ("content", "word"),
    [(table(row()), "no zip archive"), (b"PK but broken", "damaged"), (b"", "no zip archive")],
    ids=["a table", "a broken archive", "nothing"],
)
def test_a_source_without_both_files_is_told(store, tmp_path: Path, content: bytes, word: str) -> None:
    path = tmp_path / "source"
    path.write_bytes(content)
    with pytest.raises(CommandError, match=word):
        call_command("ingest", str(path), bucket="datasets")
    assert names_in(store) == []


@pytest.mark.parametrize("missing", ["AWS_S3_ACCESS_KEY_ID", "AWS_S3_SECRET_ACCESS_KEY"])
def test_without_credentials_it_says_which_are_needed(store, archive: str, settings, missing: str) -> None:
    setattr(settings, missing, "")
    with pytest.raises(CommandError, match="Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"):
        call_command("ingest", archive, bucket="datasets")
    with pytest.raises(CommandError, match="Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"):
        call_command("ingest", "s3://datasets/raw/data.csv")


def test_an_object_that_is_not_there_is_told_in_the_words_of_the_store(store) -> None:
    with pytest.raises(CommandError, match=r"from S3 \(NoSuchKey\)"):
        call_command("ingest", "s3://datasets/missing.zip")


def test_an_object_that_is_too_large_is_stopped(store, monkeypatch) -> None:
    monkeypatch.setattr(seed_source, "LARGEST_DOWNLOAD", 100)
    store.put_object(Bucket="datasets", Key="data.csv", Body=b"0" * 1000)
    with pytest.raises(CommandError, match="was stopped"):
        call_command("ingest", "s3://datasets/data.csv")


@pytest.mark.parametrize("is_copy", [True, False])
def test_a_store_that_cannot_be_reached_is_told(store, archive: str, settings, is_copy: bool) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        for endpoint in ("not an address", f"http://127.0.0.1:{taken.getsockname()[1]}"):
            settings.AWS_S3_ENDPOINT_URL = endpoint
            with pytest.raises(CommandError, match=r"S3|bucket"):
                call_command("ingest", *((archive, "-b", "datasets") if is_copy else ("s3://datasets/data.csv",)))
