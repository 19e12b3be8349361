"""What the image becomes by the words it is given; the image itself is built and run by `make check-long`."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings as django_settings

from matchsite import container
from matchsite.processes import free_port
from tests.test_readme import documented

ROOT = Path(django_settings.BASE_DIR)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([], ["-m", "granian"]),
        (["web"], ["--interface", "wsgi"]),
        (["web", "--access-log"], ["matchsite.wsgi:application", "--access-log"]),
        (["worker"], ["matchsite", "worker"]),
        (["beat"], ["matchsite", "beat"]),
        (["ingest", "-b", "datasets"], ["ingest", "-b", "datasets"]),
        (["create_db"], ["create_db"]),
    ],
)
def test_words_stand_for_commands(words: list[str], expected: list[str]) -> None:
    line = container.command(words)
    assert line[0] == sys.executable
    assert " ".join(expected) in " ".join(line)


def test_a_program_is_run_as_it_is() -> None:
    assert container.command(["sh", "-c", "true"]) == ["sh", "-c", "true"]


def test_a_web_server_without_a_secret_is_refused_in_one_sentence(settings, capsys) -> None:
    settings.DEBUG, settings.SECRET_KEY_IS_CONFIGURED = False, False
    assert container.main([]) == container.main(["web"]) == 1
    assert capsys.readouterr().err.count("Set SECRET_KEY") == 2


@pytest.mark.django_db
def test_health_is_asked_by_a_name_that_the_site_answers_to(live_server, settings) -> None:
    settings.PORT = int(live_server.url.rpartition(":")[2])
    settings.ALLOWED_HOSTS = ["*.kindred.example", ".kindred.example"]
    assert container.is_healthy()
    settings.PORT = free_port()
    assert container.main(["healthcheck"]) == 1


def test_a_command_needs_no_configuration(tmp_path: Path) -> None:
    bare = {"PATH": "/usr/bin:/bin", "DATA_DIR": str(tmp_path)}
    for words in (["check"], ["ingest", "--help"]):
        line = [sys.executable, "-m", "matchsite.container", *words]
        assert subprocess.run(line, cwd=ROOT, env=bare, capture_output=True, check=False).returncode == 0


def test_the_web_image_is_the_last_stage_and_starts_from_the_slim_base() -> None:
    stages = re.findall(r"^FROM (\S+) AS (\w+)", (ROOT / "Dockerfile").read_text(), flags=re.MULTILINE)
    assert stages[-1][1] == "web"
    assert {base for base, _ in stages} - {name for _, name in stages} == {"python:3.11-slim-bookworm"}


def test_every_package_of_the_site_is_copied_into_the_image() -> None:
    copied = set(re.findall(r"^COPY (\w+) \w+$", (ROOT / "Dockerfile").read_text(), flags=re.MULTILINE))
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests", "bench"}
    assert packages | {"templates", "static"} == copied


def test_compose_sets_nothing_that_the_settings_do_not_know() -> None:
    text = (ROOT / "compose.yaml").read_text()
    site = text[text.index("x-site:") : text.index("services:")]
    named = set(re.findall(r"^ +([A-Z][A-Z0-9_]+):", site, flags=re.MULTILINE))
    assert {"DATABASE_URL", "REDIS_URL", "SECRET_KEY"} <= named
    assert named <= documented()
