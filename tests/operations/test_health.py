"""What machines and operators are told of the site: true at the moment of asking, and nothing to strangers."""

import datetime
import json
import time
from typing import Any

import pytest
from celery import Celery
from django.core.cache import cache
from django.core.files.storage import default_storage
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from redis import Redis

from accounts.models import Report, User
from accounts.services import safety
from matchsite import logs
from matchsite.celery import app as celery_app
from operations.models import TaskState
from operations.services import health, health_checks, health_pages, health_tasks
from surveys.models import MeasurementVersion, TrainingRun
from tests.builders import make_member, make_sheet
from tests.population import make_active_versions

pytestmark = pytest.mark.django_db

TOKEN = "a token that is long enough"
MINUTE = datetime.timedelta(minutes=1)
SWEEP = "surveys.tasks.place_stale_sheets"


@pytest.fixture
def root(client: Client) -> User:
    user = User.objects.create_superuser("root@example.org", "a long enough phrase 42")
    client.force_login(user)
    return user


@pytest.fixture
def with_redis(settings, redis_url: str) -> Redis:
    settings.REDIS_URL = redis_url
    client = Redis.from_url(redis_url)
    client.flushdb()
    return client


@pytest.fixture
def without_redis(settings) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"


@pytest.fixture
def all_well(with_redis: Redis) -> MeasurementVersion:
    """Let every task have just succeeded on a site with models."""
    version = make_active_versions()
    now = timezone.now()
    for name in health_tasks.intervals():
        TaskState.objects.create(name=name, started_at=now, succeeded_at=now, seconds=0.1)
    return version


def advice() -> list[str]:
    return health.measure(now=timezone.now()).advice


def test_readiness_names_what_is_missing_and_nothing_else(client: Client, with_redis, settings) -> None:
    answer = client.get(reverse("operations:readyz"))
    assert (answer.status_code, answer.text) == (503, "missing: models\n")
    version = make_active_versions()
    assert client.get(reverse("operations:readyz")).text == "ready\n"
    settings.REDIS_URL = "redis://:a-secret@127.0.0.1:1/0"
    assert client.get(reverse("operations:readyz")).text == "missing: redis\n"
    MeasurementVersion.objects.filter(pk=version.pk).update(is_active=False)
    assert client.get(reverse("operations:readyz")).text == "missing: models, redis\n"
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'operations'")
    assert client.get(reverse("operations:readyz")).text == "missing: migrations, redis\n"


def test_metrics_are_there_for_the_token_alone(client: Client, settings, all_well, with_redis) -> None:
    settings.METRICS_TOKEN = ""
    assert client.get(reverse("operations:metrics"), headers={"authorization": "Bearer "}).status_code == 404
    settings.METRICS_TOKEN = TOKEN
    for given in ({}, {"authorization": "Bearer wrong"}, {"authorization": TOKEN}):
        assert client.get(reverse("operations:metrics"), headers=given).status_code == 404
    make_sheet(make_member())
    with_redis.lpush("celery", _message(sent_at=time.time() - 90), _message(sent_at=time.time()))
    answer = client.get(reverse("operations:metrics"), headers={"authorization": f"Bearer {TOKEN}"})
    assert answer["Content-Type"].startswith("text/plain; version=0.0.4")
    figures = dict(line.rsplit(" ", 1) for line in answer.text.splitlines() if not line.startswith("#"))
    assert float(figures["kindred_database_up"]) == 1
    assert float(figures["kindred_members"]) == 1
    assert float(figures['kindred_waiting{what="places"}']) == 1
    assert float(figures["kindred_queue_messages"]) == 2
    assert 89 < float(figures["kindred_queue_oldest_seconds"]) < 120
    assert float(figures["kindred_models_damaged"]) == 0
    assert f'kindred_task_succeeded_timestamp_seconds{{task="{SWEEP}"}}' in figures


def test_the_first_page_of_the_administration_says_it_in_one_line(client: Client, root: User, all_well) -> None:
    text = client.get(reverse("admin:index")).text
    assert "All is well." in text
    assert "Nothing needs a decision." in text
    safety.report(reporter=make_member(), subject=make_member(), reason="rude", details="")
    now = timezone.now()
    TrainingRun.objects.create(kind="preference", status="refused", finished_at=now)
    TaskState.objects.filter(name=SWEEP).update(failed_at=now + MINUTE, error="OperationalError")
    text = client.get(reverse("admin:index")).text
    assert "Place stale sheets failed last time (OperationalError)" in text
    assert "Reports <strong>1</strong>" in text
    assert "Candidates refused <strong>1</strong>" in text
    Report.objects.update(status="dismissed")
    assert "Reports <strong>" not in client.get(reverse("admin:index")).text


def test_each_fault_is_named_with_what_to_do(all_well: MeasurementVersion, with_redis: Redis) -> None:
    assert advice() == []
    now = timezone.now()
    sheet = make_sheet(make_member())
    type(sheet).objects.update(changed_at=now - 20 * MINUTE)
    assert advice() == ["Answer sheets to be placed wait too long: see whether the worker runs."]
    sheet.delete()

    with_redis.lpush("celery", _message(sent_at=time.time() - 3600), b"no message at all")
    assert "Messages wait too long" in advice()[0]
    TaskState.objects.update(started_at=now - 10 * MINUTE)
    assert "see whether the worker runs" in advice()[0]
    with_redis.delete("celery")
    assert "see whether the worker and beat runs" in advice()[0]
    TaskState.objects.update(started_at=now)

    TaskState.objects.filter(name=SWEEP).update(succeeded_at=now - 11 * MINUTE)
    assert advice() == ["Place stale sheets has not succeeded in time: see whether the worker keeps up."]
    TaskState.objects.update(succeeded_at=now)

    TrainingRun.objects.create(kind="preference", status="failed", finished_at=now)
    assert advice() == ["The last training of the preference model failed: read why."]
    TrainingRun.objects.filter(kind="preference").delete()

    with default_storage.open(all_well.artifact.name, "r+b") as file:
        file.write(b"damaged")
    assert advice() == ["A stored model is damaged: bring another measurement version into use."]
    default_storage.delete(all_well.artifact.name)
    assert advice() == ["A stored model is damaged: bring another measurement version into use."]


def test_a_full_disk_and_a_redis_out_of_reach_are_named(all_well, settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health_checks, "disk", lambda: health_checks.Disk(free=10**8, total=10**12))
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    said = advice()
    assert said[0].startswith("Redis does not answer")
    assert said[1].startswith("The disk is nearly full")
    assert health.measure(now=timezone.now()).headline.endswith("1 more below.")


def test_the_page_shows_figures_and_runs_a_task_again(client: Client, root: User, all_well, settings) -> None:
    settings.CELERY_BROKER_URL = "memory://"
    TaskState.objects.filter(name=SWEEP).update(failed_at=timezone.now() + MINUTE, error="OperationalError")
    page = client.get(reverse("admin:operations_health")).text
    for words in ("answers in", "free of", SWEEP, "Run again", "OperationalError", "Answer sheets to be placed"):
        assert words in page
    sent: list[str] = []
    with celery_app.connection_for_write() as connection_, connection_.channel() as opened:
        channel: Any = opened
        channel.queue_declare(queue="celery")
        channel.queue_purge("celery")
        answer = client.post(reverse("admin:operations_run_task"), {"task": SWEEP}, follow=True)
        message = channel.basic_get("celery")
        sent.append(message.headers["task"])
        assert message.headers["sent_at"] == pytest.approx(time.time(), abs=60)
    assert sent == [SWEEP]
    assert "the worker was asked" in answer.text
    assert root.logentry_set.get().get_change_message() == "Asked the worker to run it again."
    assert client.get(reverse("admin:operations_run_task")).status_code == 405
    assert client.post(reverse("admin:operations_run_task"), {"task": "os.system"}).status_code == 404
    client.force_login(make_member())
    assert client.post(reverse("admin:operations_run_task"), {"task": SWEEP}).status_code == 302


def test_the_worker_writes_how_its_tasks_went() -> None:
    local = Celery("local", set_as_current=False, task_always_eager=True)

    @local.task(name="watched")
    def watched(fails: bool) -> None:
        if fails:
            raise ValueError("Ada's answers")

    watched.apply(args=(False,))
    state = TaskState.objects.get(name="watched")
    assert state.succeeded_at is not None
    assert state.seconds is not None
    watched.apply(args=(True,))
    state.refresh_from_db()
    assert state.has_failed
    assert state.error == "ValueError", "what an error says may name a person"
    watched.apply(args=(False,))
    assert not TaskState.objects.get().has_failed


def test_slow_pages_are_kept_by_name_and_forgotten(client: Client, root: User) -> None:
    now = timezone.now()
    logs.note_slow("recommendations:people", 499)
    assert health_pages.slowest(now=now) == []
    for milliseconds in (700, 1200):
        logs.note_slow("recommendations:people", milliseconds)
    health_pages.note("landing", 600, now=now - datetime.timedelta(hours=2))
    health_pages.note("landing", 5000, now=now - datetime.timedelta(hours=25))
    slow = [(page.page, page.n, page.slowest) for page in health_pages.slowest(now=now)]
    assert slow == [("recommendations:people", 2, 1200), ("landing", 1, 600)]
    for number in range(100):
        health_pages.note(f"page-{number}", 1000 + number, now=now)
    assert len(cache.get(health_pages._key(now))) == health_pages.MOST_PAGES
    assert "recommendations:people" in client.get(reverse("admin:operations_health")).text


def test_the_health_page_takes_the_same_queries_however_much_waits(
    client: Client, root: User, all_well, django_assert_max_num_queries
) -> None:
    for _ in range(5):
        make_sheet(make_member())
        safety.report(reporter=make_member(), subject=make_member(), reason="rude", details="")
    with django_assert_max_num_queries(25):
        client.get(reverse("admin:operations_health"))


def _message(*, sent_at: float) -> str:
    return json.dumps({"body": "", "headers": {"task": SWEEP, "sent_at": sent_at}})
