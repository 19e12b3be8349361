"""The buttons of the administrator: asked twice, written down, and of use without a broker."""

from functools import partial
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoCaptureOnCommitCallbacks

from accounts.models import User
from matchsite.celery import app
from recommendations import tasks
from recommendations.models import Verdict
from recommendations.services import publishing
from surveys.models import MeasurementVersion, TrainingRun
from surveys.services import models
from tests.builders import make_member
from tests.population import make_active_versions
from tests.recommendations.test_publishing import make_version

pytestmark = pytest.mark.django_db

TRAIN = "admin:surveys_trainingrun_train_now"
RUNS = "admin:surveys_trainingrun_changelist"


@pytest.fixture
def administrator(client: Client) -> User:
    user = User.objects.create_superuser("administrator@example.org", "secret")
    client.force_login(user)
    return user


@pytest.fixture
def reader(client: Client) -> User:
    """Staff who may look at everything and decide nothing."""
    user = User.objects.create_user("reader@example.org", "secret", is_staff=True)
    from django.contrib.auth.models import Permission

    user.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
    client.force_login(user)
    return user


def bring_into_use(version: MeasurementVersion) -> str:
    return reverse("admin:surveys_measurementversion_bring_into_use", args=[version.pk])


def test_train_now_asks_before_it_acts(client: Client, administrator: User) -> None:
    assert reverse(TRAIN) in client.get(reverse(RUNS)).content.decode()
    response = client.get(reverse(TRAIN))
    assert "Train the measurement model now?" in response.content.decode()
    assert not TrainingRun.objects.exists()


def test_train_now_leaves_a_waiting_run_and_an_entry_in_the_log(client: Client, administrator: User) -> None:
    response = client.post(reverse(TRAIN))
    assert response.url == reverse(RUNS)  # type: ignore[attr-defined]
    run = TrainingRun.objects.get()
    assert (run.status, run.asked_by) == (TrainingRun.Status.WAITING, administrator)
    entry = LogEntry.objects.get()
    assert (entry.user, entry.object_id) == (administrator, str(run.pk))


def test_train_now_tells_the_worker_only_after_the_row_is_there(
    client: Client,
    administrator: User,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    told: list[str] = []
    monkeypatch.setattr(tasks.continue_training, "delay", lambda: told.append("continue_training"))
    with django_capture_on_commit_callbacks() as callbacks:
        client.post(reverse(TRAIN))
    assert not told
    for callback in callbacks:
        callback()
    assert told == ["continue_training"]


def test_train_now_works_while_the_broker_is_away(
    client: Client,
    administrator: User,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    # Nothing listens on port 1.
    with app.connection_for_write("redis://127.0.0.1:1/0") as nowhere:
        send = partial(tasks.continue_training.apply_async, connection=nowhere, retry=False)  # type: ignore[call-arg]
        monkeypatch.setattr(tasks.continue_training, "delay", send)
        with django_capture_on_commit_callbacks(execute=True):
            response = client.post(reverse(TRAIN))
    assert response.status_code == 302
    assert TrainingRun.objects.get().status == TrainingRun.Status.WAITING


def test_who_may_only_look_cannot_train(client: Client, reader: User) -> None:
    page = client.get(reverse(RUNS))
    assert page.status_code == 200
    assert reverse(TRAIN) not in page.content.decode()
    assert client.post(reverse(TRAIN)).status_code == 403
    assert not TrainingRun.objects.exists()


def test_a_version_is_published_after_confirmation_and_written_down(client: Client, administrator: User) -> None:
    former = make_active_versions()
    version = make_version()
    page = client.get(bring_into_use(version)).content.decode()
    assert f"Publish measurement version {version.pk}?" in page
    assert models.active_version() == former

    client.post(bring_into_use(version))

    assert models.active_version() == version
    assert LogEntry.objects.get().change_message == f"Publish measurement version {version.pk}."


def test_a_version_that_was_in_use_before_is_rolled_back_to(client: Client, administrator: User) -> None:
    former = make_active_versions()
    publishing.publish(measurement_version=make_version())
    assert f"Roll back to measurement version {former.pk}?" in client.get(bring_into_use(former)).content.decode()
    client.post(bring_into_use(former))
    assert models.active_version() == former
    preference = publishing.active_preference_version()
    assert preference is not None
    assert preference.measurement_version == former


def test_the_version_in_use_needs_no_publishing(client: Client, administrator: User) -> None:
    version = make_active_versions()
    client.post(bring_into_use(version))
    assert not LogEntry.objects.exists()


def test_a_version_that_is_not_there_cannot_be_published(client: Client, administrator: User) -> None:
    address = reverse("admin:surveys_measurementversion_bring_into_use", args=[999_999])
    assert client.post(address).status_code == 404


def test_who_may_only_look_cannot_publish(client: Client, reader: User) -> None:
    former = make_active_versions()
    version = make_version()
    assert client.post(bring_into_use(version)).status_code == 403
    assert models.active_version() == former


LEARN = "admin:surveys_trainingrun_learn_now"


def test_learn_now_says_when_there_is_too_little_to_learn_from(client: Client, administrator: User) -> None:
    assert reverse(LEARN) in client.get(reverse(RUNS)).content.decode()
    assert "Learn from the verdicts now?" in client.get(reverse(LEARN)).content.decode()
    response = client.post(reverse(LEARN), follow=True)
    assert "verdicts yet" in response.content.decode()
    assert not TrainingRun.objects.exists()


def test_learn_now_leaves_a_waiting_run(client: Client, administrator: User, settings: Any) -> None:
    settings.LEARN_FROM_VERDICTS = 1
    one, other = make_member(), make_member()
    Verdict.objects.create(actor=one, target=other, purpose="friend", value="like")
    client.post(reverse(LEARN))
    run = TrainingRun.objects.get()
    assert (run.kind, run.status, run.asked_by) == ("preference", "waiting", administrator)


def test_a_reader_cannot_ask_for_learning(client: Client, reader: User) -> None:
    assert client.post(reverse(LEARN)).status_code == 403
    assert not TrainingRun.objects.exists()


def test_a_learning_run_shows_what_was_found_for_each_purpose(client: Client, administrator: User) -> None:
    held_out = {"verdicts": 400, "auc": 0.7125, "auc_of_likeness": 0.5312, "difference": [0.1813, 0.12, 0.24]}
    run = TrainingRun.objects.create(
        kind="preference",
        report={
            "purposes": {
                "friend": {"verdicts": 412, "likes": 150, "is_learned": True, "held_out": held_out},
                "date": {"verdicts": 3, "likes": 1, "is_learned": False, "reason": "Fewer than 200 verdicts."},
            }
        },
    )
    page = client.get(reverse("admin:surveys_trainingrun_change", args=[run.pk])).content.decode()
    for shown in ("Friendship", "412", "0.713", "0.531", "0.181 (0.120 to 0.240)", "Learned.", "not enough data"):
        assert shown in page
