"""The same figures for Prometheus: gauges that are measured at the scrape, so that every process tells the same."""

import datetime
from collections.abc import Iterable, Iterator

from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from accounts.models import User
from operations.models import TaskState
from operations.services import health_checks, health_work
from operations.services.health_work import Waiting

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4


class Figures(Collector):
    """What a scrape returns."""

    def __init__(self, now: datetime.datetime) -> None:
        self._now = now

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Measure each gauge."""
        database = health_checks.database()
        yield _gauge("database_up", "Whether the database answers.", database.is_there)
        if not database.is_there:
            return
        yield _gauge("database_seconds", "How long the database took to answer.", database.seconds)
        yield _gauge("database_bytes", "Size of the database.", database.n_bytes)
        yield from self._redis()
        disk = health_checks.disk()
        yield _gauge("disk_free_bytes", "Room left where the site writes.", disk.free)
        yield _gauge(
            "models_damaged", "Stored models that are not what was saved.", len(health_checks.damaged_versions())
        )
        yield _gauge("members", "Members, without those of the demo.", User.objects.real().count())
        worker = health_work.for_the_worker(now=self._now)
        yield from self._waiting("waiting", "Rows that wait for the worker.", worker)
        yield from self._waiting("decisions_waiting", "What waits for an operator.", health_work.for_operators())
        yield from _tasks()

    def _redis(self) -> Iterator[GaugeMetricFamily]:
        redis, queue = health_checks.redis(), health_checks.queue()
        yield _gauge("redis_up", "Whether Redis answers.", redis.is_there)
        if queue.n is None:
            return
        yield _gauge("redis_bytes", "Memory that Redis uses.", redis.n_bytes)
        yield _gauge("queue_messages", "Messages that wait for the worker.", queue.n)
        oldest = queue.oldest.total_seconds() if queue.oldest else 0.0
        yield _gauge("queue_oldest_seconds", "How long the oldest message has waited.", oldest)

    def _waiting(self, name: str, text: str, rows: Iterable[Waiting]) -> Iterator[GaugeMetricFamily]:
        counts = GaugeMetricFamily(f"kindred_{name}", text, labels=["what"])
        ages = GaugeMetricFamily(f"kindred_{name}_oldest_seconds", f"{text} Age of the oldest.", labels=["what"])
        for row in rows:
            counts.add_metric([row.key], row.n)
            age = row.age(self._now)
            ages.add_metric([row.key], age.total_seconds() if age else 0.0)
        yield from (counts, ages)


def text(*, now: datetime.datetime) -> bytes:
    """Return all figures in the format of Prometheus."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Figures(now))
    return generate_latest(registry)


def _tasks() -> Iterator[GaugeMetricFamily]:
    succeeded = GaugeMetricFamily(
        "kindred_task_succeeded_timestamp_seconds", "When a task last succeeded.", labels=["task"]
    )
    failed = GaugeMetricFamily("kindred_task_failed", "Whether a task failed the last time.", labels=["task"])
    for state in TaskState.objects.order_by("name"):
        if state.succeeded_at is not None:
            succeeded.add_metric([state.name], state.succeeded_at.timestamp())
        failed.add_metric([state.name], state.has_failed)
    yield from (succeeded, failed)


def _gauge(name: str, text: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"kindred_{name}", text, value=value)
