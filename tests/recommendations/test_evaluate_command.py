"""`manage.py evaluate`: tables or one object, a sentence when something is wrong, and no database at all."""

import csv
import json
import os
from pathlib import Path

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from tests.ml.test_decision_evaluation import make_decisions


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """Return where people and their planted decisions are written."""
    directory, decisions = tmp_path_factory.mktemp("files"), make_decisions()
    people, said = directory / "people.csv", directory / "decisions.csv"
    with people.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "group", *(f"x{k}" for k in range(decisions.people.factors.shape[1]))])
        for row, factors in enumerate(decisions.people.factors.tolist()):
            writer.writerow([f"p{row}", decisions.groups[row], *factors])
    with said.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["actor_id", "target_id", "liked", "split"])
        splits = np.where(decisions.is_test, "test", "train").tolist()
        for a, b, liked, split in zip(decisions.actors, decisions.targets, decisions.liked, splits, strict=True):
            writer.writerow([f"p{a}", f"p{b}", int(liked), split])
    return str(people), str(said)


def test_json_is_one_object_and_nothing_else(files: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    call_command("evaluate", *files, "--json")
    found = json.loads(capsys.readouterr().out)
    assert found["likes"]["model"]["auc"] > found["likes"]["random"]["auc"]
    assert set(found["mutual"]["model"]) >= {"auc", "f1", "p_at_3", "r_at_3", "ndcg_at_5"}


def test_tables_name_every_way_and_every_metric(files: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    call_command("evaluate", *files, "--seed", "3")
    out = capsys.readouterr().out
    for word in ("80 people in 4 groups", "the model", "logistic regression", "NDCG@5", "calibration", "harmonic"):
        assert word in out


def test_what_is_wrong_is_one_sentence(files: tuple[str, str], tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"Nothing was evaluated: gone\.csv cannot be read"):
        call_command("evaluate", str(tmp_path / "gone.csv"), files[1])
    with pytest.raises(CommandError, match="seed must be 0 or more"):
        call_command("evaluate", *files, "--seed", "-1")


@pytest.mark.skipif(
    not Path(os.environ.get("SPEED_DATASET", "")).is_file(), reason="SPEED_DATASET names no file: no speed dates."
)
def test_real_speed_dates_are_predicted_better_than_by_appeal_and_generosity() -> None:
    from bench import speed_dating
    from ml import decision_evaluation

    rows = speed_dating.rows_of(Path(os.environ["SPEED_DATASET"]))
    (is_test,) = next(speed_dating.tests_of(rows, "warm"))
    read = speed_dating.read_as_files(speed_dating.people_of(rows, with_race=False), rows, is_test)
    found = decision_evaluation.evaluate(read)
    for part in ("likes", "mutual"):
        assert found[part]["model"]["minus"]["appeal_generosity"]["auc"][1] > 0
