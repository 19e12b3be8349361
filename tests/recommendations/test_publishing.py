"""Publishing: a pair changes hands at once, or not at all."""

import threading

import pytest
from django.core.management import call_command
from django.db import connection

from recommendations.models import PreferenceVersion
from recommendations.services import publishing
from surveys.models import MeasurementVersion, Placement, TrainingRun
from surveys.services import models, training
from tests.builders import make_member, make_sheet
from tests.threads import run_together


def make_version() -> MeasurementVersion:
    """Return one more version, whose model is the reference model's."""
    reference = training.install_reference()
    run = TrainingRun.objects.create(kind=TrainingRun.Kind.MEASUREMENT, status=TrainingRun.Status.SUCCEEDED)
    return MeasurementVersion.objects.create(
        training_run=run, artifact=reference.artifact.name, sha256=reference.sha256
    )


def active_pair() -> tuple[MeasurementVersion, PreferenceVersion]:
    """Return the pair in use; there is exactly one."""
    return MeasurementVersion.objects.get(is_active=True), PreferenceVersion.objects.get(is_active=True)


@pytest.mark.django_db
def test_a_measurement_version_comes_with_a_preference_version_of_likeness_only() -> None:
    version = make_version()
    preference = publishing.publish(measurement_version=version)
    assert active_pair() == (version, preference)
    assert preference.kind == PreferenceVersion.Kind.LIKENESS
    assert preference.published_at is not None
    assert publishing.active_preference_version() == preference


@pytest.mark.django_db
def test_publishing_replaces_both_versions() -> None:
    first, second = make_version(), make_version()
    publishing.publish(measurement_version=first)
    preference = publishing.publish(measurement_version=second)
    assert active_pair() == (second, preference)


@pytest.mark.django_db
def test_publishing_again_changes_nothing() -> None:
    version = make_version()
    first = publishing.publish(measurement_version=version)
    again = publishing.publish(measurement_version=version)
    assert again == first
    assert again.published_at == first.published_at
    assert PreferenceVersion.objects.count() == 1


@pytest.mark.django_db
def test_a_preference_version_alone_keeps_the_measurement_version() -> None:
    version = make_version()
    publishing.publish(measurement_version=version)
    newer = PreferenceVersion.objects.create(measurement_version=version)
    publishing.publish(preference_version=newer)
    assert active_pair() == (version, newer)


@pytest.mark.django_db
def test_versions_that_were_not_made_for_one_another_are_refused() -> None:
    first, second = make_version(), make_version()
    preference = publishing.publish(measurement_version=first)
    other = PreferenceVersion.objects.create(measurement_version=second)
    with pytest.raises(publishing.MismatchError):
        publishing.publish(measurement_version=second, preference_version=preference)
    with pytest.raises(publishing.MismatchError):
        publishing.publish(preference_version=other)
    with pytest.raises(publishing.MismatchError):
        publishing.publish()
    assert active_pair() == (first, preference)


@pytest.mark.django_db
def test_nothing_changes_when_the_second_half_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = make_version(), make_version()
    pair = (first, publishing.publish(measurement_version=first))
    flip = publishing._make_only_active

    def fail_at_preference_versions(model: type, *args: object) -> None:
        if model is PreferenceVersion:
            raise RuntimeError("The process stops here.")
        flip(model, *args)  # type: ignore[arg-type]

    monkeypatch.setattr(publishing, "_make_only_active", fail_at_preference_versions)
    with pytest.raises(RuntimeError):
        publishing.publish(measurement_version=second)
    assert active_pair() == pair


@pytest.mark.django_db(transaction=True)
def test_of_two_who_publish_at_once_one_pair_remains() -> None:
    versions = [make_version(), make_version()]
    barrier = threading.Barrier(2)
    failures: list[Exception] = []

    def work(version: MeasurementVersion) -> None:
        barrier.wait()
        try:
            publishing.publish(measurement_version=version)
        except Exception as error:
            failures.append(error)
        connection.close()

    run_together([threading.Thread(target=work, args=(version,)) for version in versions])
    measurement, preference = active_pair()
    assert not failures
    assert preference.measurement_version == measurement


@pytest.mark.django_db
def test_rolling_back_places_who_came_since() -> None:
    first, second = make_version(), make_version()
    former = publishing.publish(measurement_version=first)
    publishing.publish(measurement_version=second)
    sheet = make_sheet(make_member())

    assert publishing.roll_back(measurement_version=first) == former

    assert active_pair() == (first, former)
    assert Placement.objects.active().get().sheet == sheet


@pytest.mark.django_db
def test_load_reference_brings_the_reference_model_into_use_once(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("load_reference")
    pair = active_pair()
    call_command("load_reference")
    assert active_pair() == pair
    assert pair[0].is_reference
    assert capsys.readouterr().out.splitlines() == [
        "The reference model is in use.",
        "The reference model is in use already.",
    ]


@pytest.mark.django_db
def test_load_reference_leaves_a_model_that_was_trained_here_in_use() -> None:
    version = make_version()
    publishing.publish(measurement_version=version)
    call_command("load_reference")
    assert models.active_version() == version
