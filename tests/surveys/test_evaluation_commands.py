"""The evaluation commands: one object, an honest status, and no database."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.management import CommandError, call_command

from ml import evaluation, question_orders
from tests.surveys import published
from tests.surveys.respondents import draw_answers

COMMANDS = ("evaluate_placement", "evaluate_questions")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file as it is published, of people drawn from the reference model."""
    rows = ["\t".join(map(str, sheet)) + "\t" + published.FACTS for sheet in draw_answers(1_200, seed=2)]
    path = tmp_path_factory.mktemp("data") / "people.zip"
    path.write_bytes(published.zipped(published.table(*rows)))
    return path


@pytest.fixture(autouse=True)
def _few_random_orders(monkeypatch: pytest.MonkeyPatch) -> None:
    """Spare what takes most of the time and decides nothing."""
    monkeypatch.setattr(question_orders, "N_RANDOM", 1)


def run(command: str, *arguments: Any) -> tuple[int, str]:
    """Return status and output."""
    out = io.StringIO()
    try:
        call_command(command, *map(str, arguments), stdout=out)
    except SystemExit as end:
        return int(end.code or 0), out.getvalue()
    return 0, out.getvalue()


@pytest.mark.parametrize("command", COMMANDS)
def test_json_is_one_object_and_the_status_says_what_it_says(command: str, data: Path) -> None:
    status, out = run(command, "--data", data, "--json")
    found = json.loads(out)
    assert out.count("\n") == 1
    assert found["people"] == {"learnt_from": 960, "held_out": 240}
    assert status == (0 if found["is_reached"] else 1)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_missed_limit_is_status_1(command: str, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evaluation, "MOST_BELOW_CEILING", -1.0)
    monkeypatch.setattr(question_orders, "LIMITS", dict.fromkeys(question_orders.LIMITS, (1, 1)))
    status, out = run(command, "--data", data)
    assert status == 1
    assert out.endswith("is missed.\n")


@pytest.mark.parametrize("command", COMMANDS)
def test_kept_limits_are_status_0(command: str, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evaluation, "MOST_BELOW_CEILING", 1.0)
    monkeypatch.setattr(question_orders, "LIMITS", dict.fromkeys(question_orders.LIMITS, (163, 163)))
    status, out = run(command, "--data", data, "--seed", 3)
    assert status == 0
    assert "kept.\n" in out


def test_the_tables_name_every_measure_and_order(data: Path) -> None:
    _, placement = run("evaluate_placement", "--data", data)
    for name in ("Euclid", "cosine", "Mahalanobis", "ceiling", "model"):
        assert name in placement
    _, questions = run("evaluate_questions", "--data", data)
    for name in ("next items", "file order", "highest loadings", "random, mean", "\nlimit "):
        assert questions.count(name) == 2


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("content", [b"", b"no table", published.table(*[published.row()] * 300)])
def test_what_cannot_be_evaluated_is_status_2(command: str, content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "data.csv"
    path.write_bytes(content)
    with pytest.raises(CommandError, match="Nothing was evaluated") as refused:
        call_command(command, "--data", str(path))
    assert refused.value.returncode == 2


def test_the_dataset_of_the_settings_is_the_default(settings: Any, data: Path) -> None:
    settings.SEED_DATASET = str(data)
    assert json.loads(run("evaluate_questions", "--json")[1])["people"]["held_out"] == 240


@pytest.mark.long
def test_needs_no_configuration(data: Path) -> None:
    """Nothing but the file, and nothing but the object on standard output."""
    process = subprocess.run(
        [sys.executable, "manage.py", "evaluate_placement", "--data", str(data), "--json"],
        cwd=django_settings.BASE_DIR,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        check=False,
        text=True,
    )
    assert process.returncode in {0, 1}, process.stderr
    assert json.loads(process.stdout)["people"]["held_out"] == 240
    assert not process.stderr


@pytest.mark.long
@pytest.mark.dataset
@pytest.mark.parametrize("command", COMMANDS)
def test_the_published_dataset_keeps_all_limits(command: str, seed_dataset: Path) -> None:
    status, out = run(command, "--data", seed_dataset, "--json")
    found = json.loads(out)
    assert found["people"] == {"learnt_from": 30_938, "held_out": 5_000}
    assert status == 0
    if command == "evaluate_placement":
        assert all(0.88 <= row["overall"] <= 0.92 for row in found["coverage"])
        assert all(row["least"] >= 0.85 and row["most"] <= 0.95 for row in found["coverage"])
        assert found["missing"][0]["mean_r"] >= 0.999
        assert found["missing"][1]["mean_r"] >= 0.965
