"""Run the whole site from one terminal: web server, worker, clock and, unless REDIS_URL is set, Redis."""

import fcntl
import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connections

from matchsite import guards, preparation, processes


class Refused(Exception):
    """The site cannot start; the message says why in one sentence."""


class Command(BaseCommand):
    """Prepares what is missing, then serves until Ctrl-C or TERM."""

    help = "Start the site with everything it needs; stop it with Ctrl-C."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the address to listen on."""
        parser.add_argument("--port", type=int, default=settings.PORT)
        parser.add_argument("--host", default=processes.LOCALHOST)

    def handle(self, *args: Any, **options: Any) -> None:
        """Start, or say in one sentence why not."""
        # Answers and passwords lie in what is written from here on: nobody else on this machine reads along.
        os.umask(0o077)
        try:
            code = self._run(options["host"], options["port"])
        except Refused as reason:
            self.stderr.write(str(reason))
            code = 1
        sys.exit(code)

    def _run(self, host: str, port: int) -> int:
        _refuse_unsafe_settings()
        with _only_start_here(port):
            if not processes.port_is_free(port, host):
                raise Refused(f"Port {port} is taken by another program; choose another with PORT={port + 1} make run.")
            environment = _environment(port)
            self.stdout.write("Kindred is getting ready.")
            self._prepare()
            self._print_logins(port)
            threading.Thread(target=self._announce, args=(host, port), daemon=True).start()
            return processes.run_together(_commands(host, port, environment), environment)

    def _prepare(self) -> None:
        """Do what is missing in this very process: another one would only load everything once more."""
        try:
            preparation.prepare(self.stdout.write)
        except CommandError as error:
            raise Refused(str(error)) from None
        except KeyboardInterrupt:
            raise Refused(preparation.INTERRUPTED) from None
        # What follows forks, and a connection must not be shared.
        connections.close_all()

    def _print_logins(self, port: int) -> None:
        """Say who can log in; the administrator's password was printed when it was made."""
        address = f"http://localhost:{port}"
        self.stdout.write(f"Site           {address}/")
        self.stdout.write(f"Administration {address}/admin/ as {preparation.ADMINISTRATOR}")
        self.stdout.write(f"               password in {_shown(preparation.administrator_file())}")
        demo_login = Path(settings.DATA_DIR) / "demo-login"
        if settings.DEMO and demo_login.exists():
            self.stdout.write(f"Demo member    {' '.join(demo_login.read_text().split())}")

    def _announce(self, host: str, port: int) -> None:
        """Say when the first page can be opened."""
        while not processes.answers(port, host):
            time.sleep(0.1)
        self.stdout.write(f"Ready: open http://localhost:{port}/ and stop with Ctrl-C.")
        self.stdout.flush()


def _refuse_unsafe_settings() -> None:
    try:
        guards.refuse_unsafe_web_role()
    except ImproperlyConfigured as error:
        raise Refused(str(error)) from None


@contextmanager
def _only_start_here(port: int) -> Iterator[None]:
    """Hold a lock that the kernel frees however this process ends."""
    path = Path(settings.DATA_DIR) / "start.lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.seek(0)
            running = file.read().strip() or "starting"
            raise Refused(f"Kindred already runs from this directory ({running}); stop it first.") from None
        file.truncate(0)
        file.write(f"process {os.getpid()}, http://localhost:{port}/\n")
        file.flush()
        yield


def _environment(port: int) -> dict[str, str]:
    """Return the surroundings of every process, with the addresses of this site and of its own Redis."""
    # REMAP_SIGTERM: a worker that is told to stop leaves its task at once; the database still knows what is to be done.
    # LOG_LEVEL: what sweeps do every few seconds would hide what a person at the terminal must see.
    environment = {"SITE_URL": f"http://localhost:{port}", "LOG_LEVEL": "WARNING"} | os.environ
    environment |= {"PYTHONUNBUFFERED": "1", "REMAP_SIGTERM": "SIGQUIT"}
    if not settings.REDIS_URL:
        redis_port = processes.remembered_port(_redis_directory() / "port")
        environment["REDIS_URL"] = f"redis://{processes.LOCALHOST}:{redis_port}/0"
    if os.geteuid() == 0:
        # Celery warns administrators of pickled messages; ours are JSON, and nothing else is accepted.
        environment["PYTHONWARNINGS"] = "ignore:You're running the worker with superuser privileges"
    return environment


def _commands(host: str, port: int, environment: dict[str, str]) -> dict[str, list[str]]:
    """Return what runs, by name."""
    commands = {
        "web": processes.web_command(host=host, port=port),
        "worker": processes.worker_command(log_level=environment["LOG_LEVEL"]),
        "beat": processes.beat_command(log_level=environment["LOG_LEVEL"]),
    }
    if not settings.REDIS_URL:
        redis_port = int((_redis_directory() / "port").read_text())
        commands = {"redis": processes.redis_command(port=redis_port, directory=_redis_directory())} | commands
    return commands


def _redis_directory() -> Path:
    return Path(settings.DATA_DIR) / "redis"


def _shown(path: Path) -> str:
    """Return a path as a person in the checkout would type it."""
    return os.path.relpath(path, settings.BASE_DIR) if path.is_relative_to(settings.BASE_DIR) else str(path)
