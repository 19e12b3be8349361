"""Which database the site uses: one order of precedence, for the settings and for `create_db` alike."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

DIALECTS = ("sqlite", "postgres", "postgresql", "pgsql", "mysql", "mariadb")
IN_MEMORY = ("sqlite://:memory:", "sqlite://")
EXAMPLE = "postgresql://user:password@host:5432/kindred"

SQLITE_OPTIONS = {
    # Without these, parallel writers are told "database is locked" instead of waiting for their turn.
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": (
        "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;PRAGMA busy_timeout=20000;PRAGMA foreign_keys=ON"
    ),
}
MYSQL_OPTIONS = {
    "charset": "utf8mb4",
    "init_command": "SET sql_mode='STRICT_TRANS_TABLES', innodb_strict_mode=1",
    # What rows are locked for is then as on PostgreSQL.
    "isolation_level": "read committed",
}


def database(url: str | None = None, *, data_dir: Path, environment: Mapping[str, str] = os.environ) -> dict[str, Any]:
    """Return the settings of the database that an address names, or else the environment, or else SQLite.

    Raises
    ------
    ImproperlyConfigured
        When the address is none; the message never repeats it, as it may hold a password.
    """
    name, address = _address(url, data_dir, environment)
    if address in IN_MEMORY:
        return _with_options(dict(environ.Env.db_url_config(IN_MEMORY[0])))
    parts = _split(name, address)
    dialect = parts.scheme.partition("+")[0].lower()
    if dialect not in DIALECTS:
        raise ImproperlyConfigured(f"{name} must begin with one of {', '.join(DIALECTS)}, such as {EXAMPLE}.")
    if not parts.path.strip("/"):
        raise ImproperlyConfigured(f"{name} names no database; it looks like {EXAMPLE} or sqlite:///data/data.db.")
    dialect = {"mariadb": "mysql"}.get(dialect, dialect)
    # SQLAlchemy's form names a driver too, as in mysql+pymysql://; Django has one of its own.
    found = dict(environ.Env.db_url_config(f"{dialect}://{address.partition('://')[2]}"))
    return _with_options(found)


def _address(url: str | None, data_dir: Path, environment: Mapping[str, str]) -> tuple[str, str]:
    """Return what names the database, in words, and the address it gives."""
    if url is not None:
        return "The address", url
    addresses = {
        "SQLALCHEMY_DATABASE_URI": environment.get("SQLALCHEMY_DATABASE_URI"),
        "DATABASE_URL": environment.get("DATABASE_URL"),
    }
    for variable, address in addresses.items():
        if address:
            return variable, address
    if environment.get("MYSQL_HOST"):
        return "MYSQL_HOST", _mysql_address(environment)
    return "DATA_DIR", f"sqlite:///{data_dir / 'data.db'}"


def _mysql_address(environment: Mapping[str, str]) -> str:
    """Return the address that MYSQL_HOST, MYSQL_PORT, MYSQL_USER, MYSQL_PASSWORD and DATABASE_NAME make up."""
    user = quote(environment.get("MYSQL_USER") or "root", safe="")
    password = quote(environment.get("MYSQL_PASSWORD") or "", safe="")
    name = quote(environment.get("DATABASE_NAME") or "kindred", safe="")
    port = environment.get("MYSQL_PORT") or "3306"
    return f"mysql://{user}:{password}@{environment['MYSQL_HOST']}:{port}/{name}"


def _split(name: str, address: str) -> Any:
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError:
        raise ImproperlyConfigured(f"{name} is no address of a database; one looks like {EXAMPLE}.") from None
    if "://" not in address:
        raise ImproperlyConfigured(f"{name} is no address of a database; one looks like {EXAMPLE}.")
    return parts


def _with_options(found: dict[str, Any]) -> dict[str, Any]:
    """Add what each kind of database needs to be used by many at once."""
    if found["ENGINE"] == "django.db.backends.sqlite3":
        found["OPTIONS"] = SQLITE_OPTIONS
        return found
    found["CONN_MAX_AGE"] = 60
    found["CONN_HEALTH_CHECKS"] = True
    if found["ENGINE"] == "django.db.backends.postgresql":
        # A socket's directory, as in postgresql:///kindred?host=/run/postgresql, is a host like any other.
        found["HOST"] = found.get("OPTIONS", {}).pop("host", "") or found["HOST"]
        # A cursor on the server outlives a transaction, which PgBouncer hands to another connection.
        found["DISABLE_SERVER_SIDE_CURSORS"] = True
    if found["ENGINE"] == "django.db.backends.mysql":
        found["OPTIONS"] = MYSQL_OPTIONS | found.get("OPTIONS", {})
    return found
