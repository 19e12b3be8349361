"""The whole retraining: published when it is good, without a trace when it is not, whatever happens on the way."""

import datetime
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from django.conf import settings as django_settings
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.utils import timezone

from ml import artifacts, pipeline
from recommendations import tasks
from recommendations.management.commands.train import findings
from recommendations.services import publishing
from recommendations.services import training as retraining
from surveys import datasets
from surveys.models import MeasurementVersion, SeedImport, TrainingRun
from surveys.models.training import LEASE
from surveys.services import leases, models, placing, training
from tests.builders import make_member, make_sheet
from tests.population import make_active_versions
from tests.surveys.respondents import SMALL, draw_answers, make_respondents, shuffled

Status = TrainingRun.Status
PROJECT = Path(django_settings.BASE_DIR)


def assert_serving(version: MeasurementVersion) -> None:
    """Check that a version is in use, alone, with its preference version, and places people."""
    preference = publishing.active_preference_version()
    assert preference is not None
    assert models.active_version() == preference.measurement_version == version
    placement = placing.place_sheet(sheet=make_sheet(make_member(), answers=draw_answers(1)[0].tobytes()))
    assert placement is not None
    assert placement.version == version


@pytest.mark.django_db
def test_a_retraining_publishes_what_it_trained() -> None:
    former = make_active_versions()
    make_respondents()
    training.request()

    run = retraining.continue_training(config=SMALL)

    assert run is not None
    run.refresh_from_db()
    assert (run.status, run.error) == (Status.SUCCEEDED, "")
    assert run.finished_at is not None
    assert run.measurement_version != former
    assert_serving(run.measurement_version)


@pytest.mark.django_db
def test_without_a_waiting_run_nothing_is_trained() -> None:
    version = make_active_versions()
    assert retraining.continue_training() is None
    assert_serving(version)


@pytest.mark.django_db
def test_respondents_who_came_after_the_training_get_a_place() -> None:
    version = make_active_versions()
    make_respondents(5)
    tasks.continue_training()
    version.refresh_from_db()
    assert len(datasets.respondent_places(version=version)) == 5


@pytest.mark.django_db
@pytest.mark.parametrize("spoil", ["constant", "shuffled"])
def test_degenerate_answers_are_refused_and_the_old_pair_serves(spoil: str) -> None:
    version = make_active_versions()
    answers = draw_answers(300)
    if spoil == "constant":
        answers[:, :40] = 4
    make_respondents(answers=answers if spoil == "constant" else shuffled(answers))

    run = retraining.retrain(config=SMALL)

    run.refresh_from_db()
    assert run.status == Status.REFUSED
    assert run.error
    assert list(MeasurementVersion.objects.all()) == [version]
    assert_serving(version)


@pytest.mark.django_db
def test_an_error_at_the_last_step_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    version = make_active_versions()
    make_respondents()

    def fail(**_: object) -> None:
        raise OSError("no space left for robin@example.org")

    monkeypatch.setattr(publishing, "publish", fail)
    run = retraining.retrain(config=SMALL)
    monkeypatch.undo()

    run.refresh_from_db()
    assert run.status == Status.FAILED
    assert "OSError" in run.error
    assert "robin" not in run.error
    assert list(MeasurementVersion.objects.all()) == [version]
    assert not default_storage.exists(f"models/run-{run.pk}.npz")
    assert_serving(version)


@pytest.mark.django_db
def test_a_training_that_is_stopped_by_hand_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    make_active_versions()

    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(pipeline, "train_measurement", stop)
    with pytest.raises(KeyboardInterrupt):
        retraining.retrain()
    run = TrainingRun.objects.latest("pk")
    assert (run.status, run.error) == (Status.FAILED, "Stopped by hand.")


@pytest.mark.django_db
def test_a_run_that_was_taken_for_dead_publishes_nothing() -> None:
    version = make_active_versions()
    make_respondents()

    def say(line: str) -> None:
        if line == "Publishing.":
            TrainingRun.objects.filter(status=Status.RUNNING).update(
                heartbeat_at=timezone.now() - LEASE - datetime.timedelta(seconds=1)
            )
            training.clear_away_dead(kind=TrainingRun.Kind.MEASUREMENT)

    run = retraining.retrain(config=SMALL, say=say)

    assert (run.status, run.error) == (Status.FAILED, leases.WORKER_STOPPED)
    assert list(MeasurementVersion.objects.all()) == [version]
    assert_serving(version)


@pytest.mark.django_db
def test_who_asks_in_the_foreground_while_another_trains_is_told_to_wait() -> None:
    training.request()
    assert leases.claim(kind=TrainingRun.Kind.MEASUREMENT) is not None
    with pytest.raises(retraining.BusyError):
        retraining.retrain()
    assert TrainingRun.objects.filter(status=Status.WAITING).count() == 1


@pytest.mark.django_db
def test_the_schedule_asks_once_however_often_it_strikes() -> None:
    tasks.request_retrain()
    tasks.request_retrain()
    assert TrainingRun.objects.get().status == Status.WAITING


@pytest.mark.django_db
def test_train_says_in_one_sentence_why_it_failed(capsys: pytest.CaptureFixture[str]) -> None:
    make_active_versions()
    with pytest.raises(SystemExit) as stopped:
        call_command("train")
    assert stopped.value.code == 1
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "The model in use goes on serving." in error


def test_train_prints_what_was_found() -> None:
    report = artifacts.load_reference().report
    text = "\n".join(findings(report))
    assert f"Kaiser's number: {report['kaiser']} " in text
    assert f"Space: {report['space']['k']} factors" in text
    retained = report["variance_retained"][report["space"]["k"] - 1]
    assert f"{retained['common']:.1%} of the common variance" in text
    assert f"Types: {report['types']['k']}." in text
    for row in report["types"]["per_k"]:
        assert f"{row['k']:3}  {row['silhouette']:10.3f}  {row['sse']:10.0f}" in text


# What a process of its own does to prepare a site that a training can be killed on.
PREPARE = """
import django
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
call_command("load_reference")
from tests.surveys.respondents import make_respondents
make_respondents(300)
"""
EXAMINE = """
import datetime, json, django
django.setup()
from django.utils import timezone
from recommendations.services import publishing
from surveys.models import MeasurementVersion, TrainingRun
from surveys.models.training import LEASE
from surveys.services import placing
from tests.builders import make_member, make_sheet
member = make_member(email=f"{timezone.now().timestamp()}@example.org")
placed = placing.place_sheet(sheet=make_sheet(member))
print(json.dumps({
    "in_use": publishing.active_preference_version().measurement_version_id,
    "placed_by": placed.version_id,
    "versions": MeasurementVersion.objects.count(),
    "runs": list(TrainingRun.objects.order_by("pk").values_list("status", "error")),
}))
passed = timezone.now() - LEASE - datetime.timedelta(seconds=1)
TrainingRun.objects.filter(status="running").update(heartbeat_at=passed)
"""


class Site:
    """A site of its own on a scratch database, whose processes can be killed."""

    def __init__(self, directory: Path) -> None:
        self.environment = {
            **os.environ,
            "DATA_DIR": str(directory),
            "DATABASE_URL": f"sqlite:///{directory / 'data.db'}",
            "DJANGO_SETTINGS_MODULE": "matchsite.settings",
            "PYTHONPATH": str(PROJECT),
            "OMP_NUM_THREADS": "1",
        }

    def run(self, *arguments: str, code: int = 0) -> str:
        """Run Python to its end and return what it printed."""
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=PROJECT,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == code, done.stderr
        return done.stdout

    def kill_in_the_middle(self, *arguments: str, after: str) -> None:
        """Run Python and kill it, without a warning, a moment after it has printed a line."""
        with subprocess.Popen(
            [sys.executable, *arguments], cwd=PROJECT, env=self.environment, stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout is not None
            assert any(line.startswith(after) for line in process.stdout)
            time.sleep(0.3)
            assert process.poll() is None
            process.send_signal(signal.SIGKILL)
            process.wait()


def test_killing_the_worker_in_the_middle_of_a_retrain_leaves_the_published_model_and_the_next_run_succeeds(
    tmp_path: Path,
) -> None:
    site = Site(tmp_path)
    site.run("-c", PREPARE)
    site.kill_in_the_middle("manage.py", "train", after="Training on 300 respondents")

    killed = json.loads(site.run("-c", EXAMINE))
    assert killed["in_use"] == killed["placed_by"] == 1
    assert killed["versions"] == 1
    assert killed["runs"] == [["succeeded", ""], ["running", ""]]

    output = site.run("manage.py", "train")
    assert "Kaiser's number" in output
    after = json.loads(site.run("-c", EXAMINE))
    assert after["in_use"] == after["placed_by"] == 2
    assert after["runs"] == [["succeeded", ""], ["failed", leases.WORKER_STOPPED], ["succeeded", ""]]


@pytest.mark.dataset
@pytest.mark.long
@pytest.mark.django_db
def test_the_published_dataset_trains_a_model_as_good_as_the_reference(seed_dataset: Path) -> None:
    version = make_active_versions()
    call_command("ingest", str(seed_dataset))
    assert SeedImport.objects.get().n_respondents == 49_159

    run = retraining.retrain()

    assert (run.status, run.error) == (Status.SUCCEEDED, "")
    assert run.report["kaiser"] == artifacts.load_reference().report["kaiser"]
    assert run.report["data"]["left_out_respondents"] == artifacts.load_reference().report["cleaning"]["left_out"]
    candidate = models.model_of(run.measurement_version)
    assert candidate.type_names == artifacts.load_reference().type_names
    np.testing.assert_allclose(candidate.scale_alphas, models.model_of(version).scale_alphas, atol=0.001)
    assert len(datasets.respondent_places(version=run.measurement_version)) == 49_159
