"""Which database is used, and making its schema."""

import sqlite3
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import connection, connections

from matchsite import databases

DATA = Path("data")
IN_ORDER = {
    "SQLALCHEMY_DATABASE_URI": "postgresql+psycopg2://ada@one/people",
    "DATABASE_URL": "postgres://ada@two/people",
    "MYSQL_HOST": "three",
}


def found(url: str | None = None, **environment: str) -> dict[str, Any]:
    return databases.database(url, data_dir=DATA, environment=environment)


def test_the_order_of_precedence() -> None:
    environment = dict(IN_ORDER)
    hosts = [found("mysql://ada@zero/people", **environment)["HOST"]]
    for name in IN_ORDER:
        hosts.append(found(**environment)["HOST"])
        del environment[name]
    assert hosts == ["zero", "one", "two", "three"]
    assert found()["NAME"] == str(DATA / "data.db")


def test_an_empty_variable_is_none() -> None:
    assert found(DATABASE_URL="", SQLALCHEMY_DATABASE_URI="", MYSQL_HOST="")["NAME"] == str(DATA / "data.db")


@pytest.mark.parametrize(
    ("address", "engine", "name"),
    [
        ("mysql+pymysql://ada@host/people", "mysql", "people"),
        ("mariadb://ada@host:3307/people", "mysql", "people"),
        ("postgresql+psycopg2://ada@host/people", "postgresql", "people"),
        ("postgresql:///people?host=/run/postgresql", "postgresql", "people"),
        ("sqlite:///people.db", "sqlite3", "people.db"),
        ("sqlite:////var/people.db", "sqlite3", "/var/people.db"),
        ("sqlite://", "sqlite3", ":memory:"),
    ],
)
def test_the_forms_of_an_address(address: str, engine: str, name: str) -> None:
    database = found(address)
    assert database["ENGINE"] == f"django.db.backends.{engine}"
    assert database["NAME"] == name


def test_the_mysql_variables_make_an_address_whatever_the_password_holds() -> None:
    database = found(
        MYSQL_HOST="host", MYSQL_PORT="3307", MYSQL_USER="ada", MYSQL_PASSWORD="p@:/ ?#", DATABASE_NAME="people"
    )
    assert [database[key] for key in ("HOST", "PORT", "USER", "PASSWORD", "NAME")] == [
        *("host", 3307, "ada", "p@:/ ?#", "people")
    ]


def test_a_pool_of_connections_may_stand_before_postgresql() -> None:
    database = found("postgres://ada@host/people")
    assert database["DISABLE_SERVER_SIDE_CURSORS"]
    assert database["CONN_MAX_AGE"]


BAD = {
    "nothing": "",
    "a word": "people",
    "another dialect": "oracle://ada:hidden@host/people",
    "no name": "postgres://ada:hidden@host",
    "a port that is none": "mysql://ada:hidden@host:port/people",
    "half a bracket": "postgres://ada:hidden@[::1/people",
}


@pytest.mark.parametrize("address", BAD.values(), ids=BAD.keys())
def test_a_wrong_address_gets_one_sentence_that_does_not_repeat_it(address: str) -> None:
    with pytest.raises(ImproperlyConfigured) as refusal:
        found(address)
    assert "\n" not in str(refusal.value)
    assert "hidden" not in str(refusal.value)
    with pytest.raises(CommandError, match="The schema was not created"):
        call_command("create_db", given=address)


@pytest.fixture
def forgotten() -> Any:
    """Let a test name a database of its own, and forget it afterwards."""
    yield
    if "given" in connections.settings:
        connections["given"].close()
        del connections["given"]
        del connections.settings["given"]


def test_the_schema_is_made_once(tmp_path: Path, forgotten, capsys, django_db_blocker) -> None:
    path = tmp_path / "people.db"
    with django_db_blocker.unblock():
        call_command("create_db", "-g", f"sqlite:///{path}")
        assert "The schema is there now" in capsys.readouterr().out
        before = path.read_bytes()
        call_command("create_db", "-g", f"sqlite:///{path}")
    assert "nothing was changed" in capsys.readouterr().out
    assert path.read_bytes() == before
    with sqlite3.connect(path) as database:
        assert database.execute("SELECT count(*) FROM surveys_respondent").fetchone() == (0,)


def test_a_database_that_is_not_there_gets_one_sentence(tmp_path: Path, forgotten, django_db_blocker) -> None:
    with django_db_blocker.unblock(), pytest.raises(CommandError, match="The schema was not created") as refusal:
        call_command("create_db", "-g", f"sqlite:///{tmp_path}/missing/people.db")
    assert "\n" not in str(refusal.value)
    assert not (tmp_path / "missing").exists()


def test_a_server_that_is_not_there_gets_one_sentence(forgotten, django_db_blocker) -> None:
    with django_db_blocker.unblock(), pytest.raises(CommandError, match="The schema was not created") as refusal:
        call_command("create_db", "-g", "postgres://ada:hidden@127.0.0.1:9/people")
    assert "\n" not in str(refusal.value)
    assert "hidden" not in str(refusal.value)


@pytest.mark.django_db
def test_the_sites_own_database_is_meant_when_none_is_named(capsys) -> None:
    call_command("create_db")
    assert f"nothing was changed ({connection.display_name})" in capsys.readouterr().out
