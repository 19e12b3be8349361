"""The processes of a site start together, stop together and leave nothing behind."""

import io
import os
import signal
import socket
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
import redis
from honcho.printer import Message

from matchsite import processes

PATIENCE = 15.0

FAMILY = """
import sys
from matchsite import processes
sleeper = [sys.executable, "-c", "import os, time; print('pid', os.getpid(), flush=True); time.sleep(600)"]
commands = {"first": sleeper, "second": sleeper}
if len(sys.argv) > 1:
    commands["brief"] = [sys.executable, "-c", f"raise SystemExit({sys.argv[1]})"]
sys.exit(processes.run_together(commands, {"PATH": "/usr/bin:/bin"}))
"""


def start_family(*arguments: str) -> tuple[subprocess.Popen[str], list[int]]:
    """Return a manager with two sleeping children, and their process ids."""
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "matchsite.settings"}
    manager = subprocess.Popen(
        [sys.executable, "-c", FAMILY, *arguments], stdout=subprocess.PIPE, text=True, env=environment
    )
    assert manager.stdout is not None
    children: list[int] = []
    while len(children) < 2:
        line = manager.stdout.readline()
        assert line, "the manager ended before its children had started"
        if "pid " in line:
            children.append(int(line.rsplit(maxsplit=1)[1]))
    return manager, children


def is_alive(pid: int) -> bool:
    """Whether a process runs; one that has ended and waits to be buried does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def wait_until_gone(pids: list[int]) -> None:
    deadline = time.monotonic() + PATIENCE
    while any(map(is_alive, pids)):
        assert time.monotonic() < deadline, "a child outlived its manager"
        time.sleep(0.05)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_a_request_to_stop_ends_everything_with_code_zero(how: signal.Signals) -> None:
    manager, children = start_family()
    manager.send_signal(how)
    output, _ = manager.communicate(timeout=PATIENCE)
    assert manager.returncode == 0
    assert output.splitlines() == ["Stopping."]
    wait_until_gone(children)


def test_children_end_when_their_manager_is_killed() -> None:
    manager, children = start_family()
    manager.kill()
    manager.communicate(timeout=PATIENCE)
    wait_until_gone(children)


def test_one_process_that_fails_stops_the_others_and_is_named() -> None:
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "matchsite.settings"}
    finished = subprocess.run(
        [sys.executable, "-c", FAMILY, "7"], capture_output=True, text=True, env=environment, timeout=30, check=False
    )
    assert finished.returncode == 7
    assert "The brief process ended by itself with code 7, so Kindred stops." in finished.stdout


def test_redis_keeps_what_it_was_told_when_it_is_stopped(tmp_path: Path) -> None:
    port = processes.free_port()
    command = processes.redis_command(port=port, directory=tmp_path)
    for expected in (None, b"kept"):
        with subprocess.Popen(command) as server:
            while not processes.answers(port):
                assert server.poll() is None
                time.sleep(0.02)
            with redis.Redis(port=port) as client:
                assert client.get("word") == expected
                client.set("word", "kept")
            server.terminate()


def test_a_port_in_use_is_not_free() -> None:
    port = processes.free_port()
    assert processes.port_is_free(port)

    with socket.create_server((processes.LOCALHOST, port)):
        assert not processes.port_is_free(port)
        assert processes.answers(port)


def test_a_remembered_port_stays_until_somebody_takes_it(tmp_path: Path) -> None:

    path = tmp_path / "redis" / "port"
    port = processes.remembered_port(path)
    assert processes.remembered_port(path) == port
    with socket.create_server((processes.LOCALHOST, port)):
        assert processes.remembered_port(path) != port


def test_the_terminal_shows_what_processes_say_and_none_of_the_managers_chatter() -> None:
    output = io.StringIO()
    printer = processes.CalmPrinter(output, prefix=False)
    for name, text in [
        ("system", "web started (pid=12)\n"),
        ("web", b"hello\n"),
        ("system", "SIGTERM received\n"),
        ("system", "sending SIGTERM to web (pid 12)\n"),
        ("worker", b"shutting down, and chatting about it\n"),
        ("system", "web stopped (rc=0)\n"),
    ]:
        printer.write(Message(type="line", data=text, time=datetime.now(UTC), name=name, colour=None))
    assert output.getvalue().splitlines() == ["hello", "Stopping."]
