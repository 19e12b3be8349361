"""Fixtures for the whole suite."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.cache import cache

from tests.database_plugin import VENDORS

# Settings of another database, which begin it when they are read.
collect_ignore = ["migration_settings.py"]


def pytest_configure() -> None:
    """Hash passwords fast, and keep Celery's messages in memory: they are hints that no test waits for."""
    from matchsite.celery import app

    django_settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    # Tests of what administrators do go without; those of the second factor itself ask for it.
    django_settings.STAFF_SECOND_FACTOR = False
    app.conf.update(broker_url="memory://")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip, with a sentence, what this run has no database or dataset for."""
    reasons = {}
    if os.environ["TEST_DATABASE"] != "postgres":
        reasons["postgres"] = "This test needs PostgreSQL; `make test` runs it there."
    if not has_dataset():
        reasons["dataset"] = "SEED_DATASET names no local file, so tests against the published dataset are skipped."
    for item in items:
        if "journeys" in item.path.parts:
            item.add_marker(pytest.mark.journey)
        for name, reason in reasons.items():
            if item.get_closest_marker(name):
                item.add_marker(pytest.mark.skip(reason=reason))


def has_dataset() -> bool:
    """Whether SEED_DATASET names a file that is there; tests never download."""
    name = os.environ.get("SEED_DATASET", "")
    return bool(name) and Path(name).is_file()


@pytest.fixture(scope="session")
def seed_dataset() -> Path:
    """Path of the published dataset; for tests marked `dataset`."""
    return Path(os.environ["SEED_DATASET"])


@pytest.fixture(scope="session")
def expected_vendor() -> str:
    """Django's name of the database that this run was asked to use."""
    return VENDORS[os.environ["TEST_DATABASE"]]


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Put SQLite's test database into a file: in memory, parallel writers would not wait for each other."""
    database: dict[str, Any] = django_settings.DATABASES["default"]
    if database["ENGINE"] == "django.db.backends.sqlite3":
        database.setdefault("TEST", {})["NAME"] = str(tmp_path_factory.mktemp("database") / "test.db")


@pytest.fixture(autouse=True)
def _empty_cache() -> Iterator[None]:
    """Let no test see what another one cached; rate limits count there too."""
    cache.clear()
    yield
    cache.clear()


@pytest.fixture(autouse=True)
def _media_of_its_own(settings: Any, tmp_path: Path) -> None:
    """Keep files that a test stores away from every other test."""
    settings.MEDIA_ROOT = str(tmp_path / "media")


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a real Redis that lives as long as the run."""
    from matchsite import processes

    port = processes.free_port()
    command = processes.redis_command(port=port, directory=tmp_path_factory.mktemp("redis"))
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        _wait_for(port)
        yield f"redis://127.0.0.1:{port}/0"
        server.terminate()


@pytest.fixture
def redis_cache(settings: Any, redis_url: str) -> str:
    """Use Redis as the cache for this test, as a site with REDIS_URL does."""
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": redis_url,
            "OPTIONS": {"serializer": "matchsite.cache.JSONSerializer"},
        }
    }
    cache.clear()
    return redis_url


def _wait_for(port: int, seconds: float = 10) -> None:
    """Wait until something listens on a port of this machine."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.02)
        else:
            return
    sys.exit(f"Nothing listens on port {port} after {seconds:.0f} s.")
