"""Measurements of what the site stands on: database, Redis, disk, models. Each is taken anew when it is asked for."""

import datetime
import functools
import json
import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from redis import Redis
from redis.exceptions import RedisError

from recommendations.services import publishing
from surveys.models import MeasurementVersion
from surveys.services import models

QUEUE = "celery"
SECONDS_FOR_REDIS = 1.0
SIZES = {
    "postgresql": "SELECT pg_database_size(current_database())",
    "sqlite": "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()",
    "mysql": "SELECT SUM(data_length + index_length) FROM information_schema.tables WHERE table_schema = DATABASE()",
}
# Older ones can be trained again; these are what the site returns to.
MOST_ARTIFACTS = 5


@dataclass(frozen=True)
class Store:
    """How a database or a Redis is: whether it answers, how fast, and how large it is."""

    is_there: bool
    seconds: float = 0.0
    n_bytes: int = 0


@dataclass(frozen=True)
class Queue:
    """Messages that wait for the worker; None where Redis does not answer."""

    n: int | None
    oldest: datetime.timedelta | None = None


@dataclass(frozen=True)
class Disk:
    """The disk on which the site writes."""

    free: int
    total: int


def database() -> Store:
    """Ask the database something, and for its size."""
    began = time.perf_counter()
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            seconds = time.perf_counter() - began
            cursor.execute(SIZES[connection.vendor])
            return Store(is_there=True, seconds=seconds, n_bytes=int(cursor.fetchone()[0] or 0))
    except (DatabaseError, OSError):
        return Store(is_there=False)


def redis() -> Store:
    """Ask Redis something, and for its size."""
    began = time.perf_counter()
    try:
        with _redis() as client:
            client.ping()
            seconds = time.perf_counter() - began
            memory: dict[str, Any] = client.info("memory")
            return Store(is_there=True, seconds=seconds, n_bytes=int(memory["used_memory"]))
    except (RedisError, OSError):
        return Store(is_there=False)


def queue() -> Queue:
    """Return how many messages wait, and for how long the oldest has."""
    try:
        with _redis() as client:
            n, oldest = client.llen(QUEUE), client.lindex(QUEUE, -1)
    except (RedisError, OSError):
        return Queue(n=None)
    return Queue(n=int(n), oldest=_age(oldest) if oldest else None)


def disk() -> Disk:
    """Return how much room is left where the site writes."""
    usage = shutil.disk_usage(Path(settings.DATA_DIR))
    return Disk(free=usage.free, total=usage.total)


def damaged_versions() -> list[MeasurementVersion]:
    """Return the versions whose stored model is gone or another one, among those in use and the newest."""
    versions = MeasurementVersion.objects.order_by("-is_active", "-pk")[:MOST_ARTIFACTS]
    return [version for version in versions if not models.is_whole(version)]


def missing() -> list[str]:
    """Return the names of what the site lacks to serve pages; nothing else about it, the public may ask."""
    if not database().is_there:
        # Nothing else can be asked.
        return ["database"]
    found = []
    if not _is_migrated():
        found.append("migrations")
    elif not _has_active_pair():
        found.append("models")
    if not redis().is_there:
        found.append("redis")
    return found


def _is_migrated() -> bool:
    return _migrations() <= MigrationRecorder(connection).applied_migrations().keys()


@functools.cache
def _migrations() -> frozenset[tuple[str, str]]:
    """Return the migrations of this release; they are read once, since everybody may ask whether it is ready."""
    return frozenset(MigrationLoader(None).graph.nodes)


def _has_active_pair() -> bool:
    """Whether a measurement version and a preference version made for it are in use."""
    preference = publishing.active_preference_version()
    return preference is not None and preference.measurement_version.is_active


def _redis() -> Redis:
    return Redis.from_url(
        settings.REDIS_URL or settings.CELERY_BROKER_URL,
        socket_connect_timeout=SECONDS_FOR_REDIS,
        socket_timeout=SECONDS_FOR_REDIS,
    )


def _age(message: bytes) -> datetime.timedelta | None:
    """Return how long ago a message was sent, if it tells."""
    try:
        sent_at = float(json.loads(message)["headers"]["sent_at"])
    except (ValueError, LookupError, TypeError):
        return None
    return datetime.timedelta(seconds=max(0.0, time.time() - sent_at))
