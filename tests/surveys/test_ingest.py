"""Importing the seed dataset: what it keeps, counts and refuses, and that it is all or nothing."""

import os
import subprocess
import sys
import threading
import zlib
from pathlib import Path

import numpy as np
import pytest
from django.conf import settings as django_settings
from django.core.management import CommandError, call_command
from django.db import connection

from ml import responses
from recommendations.models import SampleVerdict, VerdictValue
from surveys.models import Respondent, SeedImport
from surveys.services import seed, seed_source
from tests.builders import make_member
from tests.surveys.published import HEADER, row, table, zipped
from tests.threads import run_together

pytestmark = pytest.mark.django_db

OTHER_FACTS = "2147483647\t0\t2147483647\t\t1\t10"


@pytest.fixture
def put(tmp_path: Path):
    def write(content: bytes, name: str = "data.zip") -> str:
        path = tmp_path / name
        path.write_bytes(content)
        return str(path)

    return write


def test_rows_are_kept_as_they_were_published(put) -> None:
    call_command("ingest", put(table(row(0), row(5, OTHER_FACTS)), "data.csv"))
    first, second = Respondent.objects.order_by("row")
    assert bytes(first.answers) == bytes([0, *[4, 2] * 81])
    assert (first.country, second.country) == ("NA", "")
    assert (second.age, second.accuracy) == (2_147_483_647, 2_147_483_647)


def test_what_is_found_is_counted_and_printed(put, capsys) -> None:
    call_command("ingest", put(zipped(table(row(0), row(1, OTHER_FACTS)))))
    counts = SeedImport.objects.get().counts
    assert counts["missed answers"] == 1
    assert counts["rows without a missed answer"] == 1
    assert counts["rows from Namibia (NA)"] == 1
    assert counts["rows with a blank country"] == 1
    assert counts["impossible ages"] == 1
    assert counts["impossible accuracies"] == 1
    assert "1  rows from Namibia" in capsys.readouterr().out


def test_who_straight_lines_is_kept_and_left_out_of_training(put) -> None:
    straight = "\t".join(["3"] * 163) + "\t30\t2\t90\tUS\t6\t914"
    call_command("ingest", put(table(row(), straight), "data.csv"))
    counts = SeedImport.objects.get().counts
    assert Respondent.objects.count() == 2
    assert counts[f"left out of training: {responses.RUN}"] == 1
    assert counts["left for training"] == 1


def test_the_same_file_again_changes_nothing_however_it_is_packed(put, capsys, monkeypatch) -> None:
    content = table(row())
    call_command("ingest", put(content, "data.csv"))
    before = SeedImport.objects.get().pk
    monkeypatch.setattr(seed, "read", lambda _: pytest.fail("What is there already was read once more."))
    call_command("ingest", put(zipped(content)))
    assert SeedImport.objects.get().pk == before
    assert "Already imported" in capsys.readouterr().out


def test_another_file_replaces_the_former_and_says_what_fell_with_it(put, capsys) -> None:
    call_command("ingest", put(table(row(), row()), "a.csv"))
    SampleVerdict.objects.create(
        actor=make_member(), respondent=Respondent.objects.earliest("row"), purpose="friend", value=VerdictValue.LIKE
    )
    assert "the former import" not in capsys.readouterr().out
    call_command("ingest", put(table(row(1)), "b.csv"))
    assert SeedImport.objects.get().n_respondents == Respondent.objects.count() == 1
    assert not SampleVerdict.objects.exists()
    assert "with which 1 sample verdicts fell" in capsys.readouterr().out


@pytest.mark.django_db(transaction=True)
def test_an_interrupted_import_leaves_the_former_one(put, monkeypatch) -> None:
    call_command("ingest", put(table(row(), row()), "a.csv"))
    monkeypatch.setattr(seed, "BATCH_SIZE", 1)
    n_rows_written = []

    def interrupt(n_new: int, n_all: int) -> None:
        n_rows_written.append((n_new, n_all))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        seed.ingest(source=put(table(row(1), row(2)), "b.csv"), progress=interrupt)
    assert n_rows_written == [(1, 2)]
    assert SeedImport.objects.get().source == "a.csv"
    assert Respondent.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_of_two_imports_at_once_one_finds_the_work_done(put) -> None:
    source = put(table(*[row()] * 50), "a.csv")
    barrier = threading.Barrier(2)
    outcomes: list[bool] = []

    def work() -> None:
        barrier.wait()
        outcomes.append(seed.ingest(source=source).is_new)
        connection.close()

    run_together([threading.Thread(target=work) for _ in range(2)])
    assert sorted(outcomes) == [False, True]
    assert Respondent.objects.count() == 50


def checksum(content: bytes) -> bytes:
    return zlib.crc32(content).to_bytes(4, "little")


BAD = {
    "not a table": (b"hello there", "columns"),
    "not even text": (bytes(range(256)) * 4, "cannot be read as|columns"),
    "wrong columns": (b"a\tb\r\n1\t2\r\n", "columns"),
    "commas": (table(row()).replace(b"\t", b","), "columns"),
    "a value 7": (table(row(7)), r"from 0 \(missed\) to 5"),
    "a negative value": (table(row(-1)), r"from 0 \(missed\) to 5"),
    "half a value": (table(row("2.5")), "whole numbers"),
    "a word": (table(row("x")), "whole numbers"),
    "a word far down": (table(*[row()] * 4000, row("x")), "whole numbers"),
    "an age beyond 64 bits": (table(row(3, "9300000000000000000\t2\t90\tUS\t6\t914")), "whole numbers"),
    "a fourth gender": (table(row(3, "30\t4\t90\tUS\t6\t914")), "gender"),
    "a source that no column holds": (table(row(3, "30\t2\t90\tUS\t70000\t914")), "source"),
    "a country that is a sentence": (table(row(3, "30\t2\t90\tsomewhere else\t6\t914")), "country"),
    "cut short within a row": (table(row(), row())[:-30], "whole numbers"),
    "no rows": (table(), "no rows"),
    "only half a header": (HEADER[:200].encode(), "columns"),
    "empty": (b"", "empty"),
    "an archive cut short": (zipped(table(row()))[:-40], "damaged"),
    "an archive with a wrong checksum": (zipped(table(row())).replace(checksum(table(row())), b"1234"), "damaged"),
    "path traversal": (zipped(table(row()), "../data.csv"), "outside"),
    "path traversal the other way": (zipped(table(row()), "..\\data.csv"), "outside"),
    "an absolute path": (zipped(table(row()), "/data.csv"), "outside"),
    "a drive": (zipped(table(row()), "C:/data.csv"), "outside"),
    "no data.csv": (zipped(table(row()), "other.csv"), "no single data.csv"),
}


@pytest.mark.parametrize(("content", "word"), BAD.values(), ids=BAD.keys())
def test_a_bad_file_is_refused_in_one_sentence(put, content: bytes, word: str) -> None:
    with pytest.raises(CommandError, match=word) as refusal:
        call_command("ingest", put(content))
    assert "\n" not in str(refusal.value)
    assert SeedImport.objects.count() == Respondent.objects.count() == 0


def test_a_refusal_leaves_the_former_import(put) -> None:
    call_command("ingest", put(table(row()), "a.csv"))
    with pytest.raises(CommandError, match="Nothing was imported"):
        call_command("ingest", put(table(row(7)), "b.csv"))
    assert SeedImport.objects.get().source == "a.csv"


def test_a_bomb_is_not_unpacked(put, monkeypatch) -> None:
    monkeypatch.setattr(seed_source, "LARGEST_CONTENT", 10_000)
    with pytest.raises(CommandError, match="unpacks to more"):
        call_command("ingest", put(zipped(b"0" * 20_000)))


def test_a_bomb_that_hides_its_size_is_stopped_while_it_unpacks(put, monkeypatch) -> None:
    monkeypatch.setattr(seed_source, "LARGEST_CONTENT", 10_000)
    size = (20_000).to_bytes(4, "little")
    with pytest.raises(CommandError, match=r"unpacks to more|damaged"):
        call_command("ingest", put(zipped(b"0" * 20_000).replace(size, (9_000).to_bytes(4, "little"))))


def test_an_archive_with_any_damage_is_refused_in_one_sentence_or_whole(put) -> None:
    rng = np.random.default_rng(0)
    whole = np.frombuffer(zipped(table(row(), row(1))), dtype=np.uint8)
    tables, sentences = [], []
    for _ in range(300):
        damaged = whole.copy()
        damaged[rng.integers(2, len(whole), size=3)] = rng.integers(256, size=3)
        try:
            tables.append(seed_source.fetch(put(damaged.tobytes())).content)
        except seed_source.SourceError as error:
            sentences.append(str(error))
    assert set(tables) == {table(row(), row(1))}
    assert len(sentences) > 100
    assert not any("\n" in sentence for sentence in sentences)


def test_a_program_sees_a_refusal_as_one_line_on_stderr_and_a_code(tmp_path: Path) -> None:
    environment = os.environ | {"DATA_DIR": str(tmp_path), "DEBUG": "1", "SEED_DATASET": "missing.zip"}
    environment.pop("DATABASE_URL", None)
    command = [sys.executable, str(django_settings.BASE_DIR / "manage.py"), "ingest", "--no-color"]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert ended.returncode == 1
    assert ended.stdout == ""
    assert ended.stderr.splitlines() == [
        "CommandError: Nothing was imported: There is no file missing.zip; name a zip or csv file that exists, "
        "or an address."
    ]


def test_synthetic_respondents_say_that_they_are_and_are_the_same_each_time(capsys) -> None:
    call_command("ingest", synthetic=True)
    seed_import = SeedImport.objects.get()
    assert seed_import.kind == SeedImport.Kind.SYNTHETIC
    assert seed_import.source == "drawn from the reference model"
    assert Respondent.objects.count() == 5000
    call_command("ingest", synthetic=True)
    printed = capsys.readouterr().out
    assert "Imported: Drawn from the reference model" in printed
    assert "Already imported: Drawn from the reference model" in printed


def test_synthetic_respondents_and_a_source_are_not_asked_for_at_once() -> None:
    with pytest.raises(CommandError, match="not both"):
        call_command("ingest", "data.zip", synthetic=True)


@pytest.mark.dataset
def test_the_published_dataset_has_its_known_counts(seed_dataset: Path) -> None:
    call_command("ingest", str(seed_dataset))
    counts = SeedImport.objects.get().counts
    assert Respondent.objects.count() == counts["respondents"] == 49_159
    assert counts["missed answers"] == 98_919
    assert counts["rows without a missed answer"] == 35_381
    assert counts["rows from Namibia (NA)"] == Respondent.objects.filter(country="NA").count() == 7
    assert counts["rows with a blank country"] == Respondent.objects.filter(country="").count() == 10
    left_out = {reason: counts[f"left out of training: {reason}"] for reason in LEFT_OUT}
    assert left_out == LEFT_OUT
    assert counts["left for training"] == 49_159 - sum(LEFT_OUT.values())
    first, last = Respondent.objects.get(row=1), Respondent.objects.order_by("row").last()
    assert list(bytes(first.answers)[:5]) == [1, 4, 2, 3, 3]
    assert (first.age, first.gender, first.accuracy, first.country, first.source, first.elapsed) == (
        17, 1, 92, "US", 6, 914,
    )  # fmt: skip
    assert last is not None
    assert last.row == 49_159


LEFT_OUT = {
    responses.MISSING: 646,
    responses.REPEATED: 113,
    responses.FAST: 301,
    responses.RUN: 172,
    responses.FLAT: 8,
    responses.INACCURATE: 391,
    responses.MINOR: 11_590,
}
