"""The life of a training run: asked for once, done by one, given up by nobody in silence."""

import datetime
import threading
import time

import numpy as np
import pytest
from django.core.files.storage import default_storage
from django.db import connection
from django.utils import timezone

from ml import artifacts
from recommendations.services import publishing
from recommendations.services import training as retraining
from surveys import datasets
from surveys.models import MeasurementVersion, Placement, TrainingRun
from surveys.models.training import LEASE
from surveys.services import leases, models, training
from tests.builders import make_member, make_sheet
from tests.population import make_active_versions
from tests.surveys.respondents import SMALL, draw_answers, make_respondents, make_teacher, shuffled
from tests.threads import run_together

KIND = TrainingRun.Kind.MEASUREMENT
Status = TrainingRun.Status


def claimed_run() -> TrainingRun:
    """Return a run that this test works on."""
    training.request()
    run = leases.claim(kind=KIND)
    assert run is not None
    return run


def let_die(run: TrainingRun) -> None:
    """Let the lease of a run pass."""
    TrainingRun.objects.filter(pk=run.pk).update(heartbeat_at=timezone.now() - LEASE - datetime.timedelta(seconds=1))


@pytest.mark.django_db
def test_who_asks_while_a_run_waits_gets_that_one() -> None:
    first = training.request(asked_by=make_member())
    assert training.request() == first
    assert TrainingRun.objects.count() == 1


@pytest.mark.django_db
def test_a_run_can_be_asked_for_while_another_is_running() -> None:
    running = claimed_run()
    assert training.request() != running


@pytest.mark.django_db
def test_claiming_starts_the_run_and_its_lease() -> None:
    run = claimed_run()
    run.refresh_from_db()
    assert run.status == Status.RUNNING
    assert run.started_at is not None
    assert run.heartbeat_at is not None


@pytest.mark.django_db
def test_nothing_is_claimed_while_another_run_is_running() -> None:
    claimed_run()
    training.request()
    assert leases.claim(kind=KIND) is None


@pytest.mark.django_db(transaction=True)
def test_of_two_workers_exactly_one_gets_the_run() -> None:
    training.request()
    barrier = threading.Barrier(2)
    got: list[TrainingRun | None] = []

    def work() -> None:
        barrier.wait()
        got.append(leases.claim(kind=KIND))
        connection.close()

    run_together([threading.Thread(target=work) for _ in range(2)])
    assert len(got) == 2
    assert sum(run is not None for run in got) == 1
    assert TrainingRun.objects.get().status == Status.RUNNING


@pytest.mark.django_db(transaction=True)
def test_of_many_who_ask_at_once_all_get_the_same_run() -> None:
    barrier = threading.Barrier(4)
    got: list[int] = []

    def ask() -> None:
        barrier.wait()
        got.append(training.request().pk)
        connection.close()

    run_together([threading.Thread(target=ask) for _ in range(4)])
    assert got == [TrainingRun.objects.get().pk] * 4


@pytest.mark.django_db(transaction=True)
def test_the_lease_is_renewed_while_the_work_lasts() -> None:
    run = claimed_run()
    let_die(run)
    with leases.renewed(run=run, seconds=0.02):
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            run.refresh_from_db()
            if not run.is_dead_at(timezone.now()):
                break
            time.sleep(0.02)
    assert not run.is_dead_at(timezone.now())


@pytest.mark.django_db
def test_a_run_that_renews_its_lease_is_left_alone() -> None:
    run = claimed_run()
    training.clear_away_dead(kind=KIND)
    run.refresh_from_db()
    assert run.status == Status.RUNNING


@pytest.mark.django_db
def test_a_run_whose_worker_stopped_frees_its_place_and_is_tried_again() -> None:
    member = make_member()
    training.request(asked_by=member)
    run = leases.claim(kind=KIND)
    assert run is not None
    let_die(run)

    training.clear_away_dead(kind=KIND)

    run.refresh_from_db()
    assert (run.status, run.error) == (Status.FAILED, leases.WORKER_STOPPED)
    again = leases.claim(kind=KIND)
    assert again is not None
    assert again.asked_by == member


@pytest.mark.django_db
def test_a_training_that_kills_its_worker_every_time_is_not_tried_for_ever() -> None:
    training.request()
    for _ in range(training.MOST_DEATHS_IN_A_ROW):
        run = leases.claim(kind=KIND)
        assert run is not None
        let_die(run)
        training.clear_away_dead(kind=KIND)
    assert not TrainingRun.objects.filter(status=Status.WAITING).exists()


@pytest.mark.django_db
def test_a_worker_that_was_taken_for_dead_cannot_end_the_run() -> None:
    run = claimed_run()
    let_die(run)
    training.clear_away_dead(kind=KIND)
    with pytest.raises(leases.LeaseLostError):
        leases.end(run=run, status=Status.SUCCEEDED)
    run.refresh_from_db()
    assert run.status == Status.FAILED


@pytest.mark.django_db
def test_what_a_dead_worker_left_behind_is_removed() -> None:
    in_use = make_active_versions()
    make_respondents()
    run = claimed_run()
    version = training.run_measurement(run=run, config=SMALL)
    files = [version.artifact.name, version.respondent_places.name]
    assert all(default_storage.exists(name) for name in files)
    let_die(run)

    training.clear_away_dead(kind=KIND)

    assert list(MeasurementVersion.objects.all()) == [in_use]
    assert not any(default_storage.exists(name) for name in files)


@pytest.mark.django_db
def test_the_candidate_places_everyone_and_is_not_published() -> None:
    in_use = make_active_versions()
    seed = make_respondents()
    teacher = make_teacher(seed=5000)
    quiet = make_member()
    make_sheet(quiet, n_answered=40)
    lines: list[str] = []

    version = training.run_measurement(run=claimed_run(), config=SMALL, say=lines.append)

    assert models.active_version() == in_use
    assert not version.is_active
    placed = Placement.objects.filter(version=version).values_list("sheet__user", flat=True)
    assert set(placed) == {teacher.pk, quiet.pk}
    assert len(datasets.respondent_places(version=version)) == seed.n_respondents
    assert "Training on 300 respondents and 1 members." in lines


@pytest.mark.django_db
def test_the_run_keeps_the_report_with_both_counts_and_the_file_the_model() -> None:
    make_respondents()
    make_teacher(seed=5000)
    run = claimed_run()
    version = training.run_measurement(run=run, config=SMALL)
    run.refresh_from_db()
    assert (run.n_respondents, run.n_members) == (300, 1)
    assert run.report["data"]["people"] == 301
    assert run.report["data"]["members"] == 1
    assert run.report["data"]["respondents_with_minors"] == 300
    assert run.report["kaiser"] > 0
    assert {"k", "silhouette", "sse"} <= run.report["types"]["per_k"][0].keys()
    model = models.model_of(version)
    assert model.report["kaiser"] == run.report["kaiser"]
    assert model.place(draw_answers(2)).axes.shape == (2, 10)


@pytest.mark.django_db
@pytest.mark.parametrize("with_model_in_use", [True, False])
def test_answers_that_do_not_hang_together_are_refused(with_model_in_use: bool) -> None:
    if with_model_in_use:
        make_active_versions()
    make_respondents(answers=shuffled(draw_answers(300)))
    with pytest.raises(training.RefusedError, match="hang together too little"):
        training.run_measurement(run=claimed_run(), config=SMALL)
    assert not MeasurementVersion.objects.filter(is_reference=False).exists()


@pytest.mark.django_db
def test_a_constant_item_is_refused() -> None:
    answers = draw_answers(300)
    answers[:, 7] = 3
    make_respondents(answers=answers)
    with pytest.raises(training.RefusedError, match="constant"):
        training.run_measurement(run=claimed_run(), config=SMALL)


@pytest.mark.django_db
def test_no_answers_at_all_are_refused() -> None:
    with pytest.raises(training.RefusedError):
        training.run_measurement(run=claimed_run(), config=SMALL)


@pytest.mark.django_db
def test_a_candidate_that_measures_less_well_than_the_model_in_use_is_refused() -> None:
    make_active_versions()
    answers = draw_answers(400)
    noise = np.random.default_rng(1)
    replaced = noise.random(answers.shape) < 0.25
    answers[replaced] = noise.integers(1, 6, size=int(replaced.sum()))
    make_respondents(answers=answers)
    with pytest.raises(training.RefusedError, match="mean reliability of the scales"):
        training.run_measurement(run=claimed_run(), config=SMALL)


@pytest.mark.django_db
def test_a_candidate_that_passes_has_its_gates_on_the_run_beside_the_model_in_use() -> None:
    make_active_versions()
    make_respondents()
    run = claimed_run()
    training.run_measurement(run=run, config=SMALL)
    run.refresh_from_db()
    assert len(run.report["gates"]) == 4
    assert all(gate["is_passed"] for gate in run.report["gates"])
    assert run.report["gates"][0]["in_use"] == pytest.approx(artifacts.load_reference().scale_alphas.mean(), abs=1e-4)


@pytest.mark.django_db
def test_a_candidate_of_which_half_of_the_items_are_constant_is_refused_and_the_model_in_use_stays() -> None:
    in_use = make_active_versions()
    answers = draw_answers(400)
    answers[:, ::2] = 3
    make_respondents(answers=answers)
    run = retraining.retrain(config=SMALL)
    assert run.status == Status.REFUSED
    assert "82 of 163 items are constant" in run.error
    assert models.active_version() == in_use
    assert list(MeasurementVersion.objects.all()) == [in_use]


@pytest.mark.django_db
def test_a_candidate_of_which_half_of_the_items_hardly_vary_is_refused_and_the_model_in_use_stays() -> None:
    in_use = make_active_versions()
    answers = draw_answers(600)
    hardly = np.random.default_rng(2).random(answers.shape) < 0.05
    answers[:, ::2] = np.where(hardly[:, ::2], answers[:, ::2], 3)
    make_respondents(answers=answers)
    run = retraining.retrain(config=SMALL)
    assert run.status == Status.REFUSED
    assert "mean reliability of the scales" in run.error
    assert models.active_version() == in_use


@pytest.mark.django_db
def test_minors_train_the_correlations_only_where_an_operator_says_so(settings) -> None:
    make_respondents(250, age=15)
    assert datasets.training_arrays().n_respondents == 0
    settings.TRAIN_ON_MINORS = True
    arrays = datasets.training_arrays()
    assert arrays.n_respondents == 250
    assert not arrays.is_norm.any()
    assert training.data_report(arrays)["respondents_with_minors"] == 250


@pytest.mark.django_db
def test_the_report_counts_respondents_with_and_without_minors() -> None:
    make_respondents(250, age=30)
    grown_up = training.data_report(datasets.training_arrays())
    assert (grown_up["respondents"], grown_up["respondents_with_minors"]) == (250, 250)
    make_respondents(250, age=15)
    young = training.data_report(datasets.training_arrays())
    assert (young["respondents"], young["respondents_with_minors"]) == (0, 250)


@pytest.mark.django_db
def test_items_are_compared_between_groups_of_the_respondents_who_were_kept() -> None:
    assert training.functioning_of_items() == {}
    make_respondents(answers=draw_answers(500))
    found = training.functioning_of_items()
    assert found["groups"]["gender"]["sizes"] == {"female": 500}
    assert found["groups"]["age"]["sizes"] == {"25-34": 500}
    assert found["groups"]["country"]["sizes"] == {}


@pytest.mark.django_db
def test_the_reference_model_is_installed_once_with_a_run_that_shows_its_report() -> None:
    version = training.install_reference()
    assert training.install_reference() == version
    run = TrainingRun.objects.get()
    assert version.training_run == run
    assert run.status == Status.SUCCEEDED
    assert run.n_respondents == run.report["data"]["people"]
    assert run.report["kaiser"] == artifacts.load_reference().report["kaiser"]
    assert not version.is_active


@pytest.mark.django_db
def test_places_of_versions_that_were_in_use_long_ago_are_dropped_and_come_back_with_a_roll_back() -> None:
    oldest = make_active_versions()
    make_sheet(make_member())
    make_respondents()
    publishing.roll_back(measurement_version=oldest)
    oldest.refresh_from_db()
    for _ in range(2):
        run = claimed_run()
        publishing.publish(measurement_version=training.run_measurement(run=run, config=SMALL))
        leases.end(run=run, status=Status.SUCCEEDED)

    training.forget_old_places()

    oldest.refresh_from_db()
    assert not oldest.respondent_places
    assert set(Placement.objects.values_list("version", flat=True)) == set(
        MeasurementVersion.objects.exclude(pk=oldest.pk).values_list("pk", flat=True)
    )
    publishing.roll_back(measurement_version=oldest)
    assert Placement.objects.active().count() == 1
    assert len(datasets.respondent_places(version=MeasurementVersion.objects.get(pk=oldest.pk))) == 300
