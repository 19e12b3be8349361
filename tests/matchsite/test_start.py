"""`start` refuses in one sentence what it cannot do, and knows what to run."""

import fcntl
import os
import socket
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from matchsite import processes


@pytest.fixture(autouse=True)
def _own_data_directory(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path
    settings.SECRET_KEY_IS_CONFIGURED = True


@pytest.fixture(autouse=True)
def _mask() -> Any:
    before = os.umask(0o022)
    yield
    os.umask(before)


def refusal(capsys: pytest.CaptureFixture[str], **options: Any) -> str:
    """Return the one line with which `start` refuses."""
    with pytest.raises(SystemExit) as stopped:
        call_command("start", **options)
    assert stopped.value.code == 1
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    return lines[0]


def test_start_refuses_a_port_that_another_program_uses(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server((processes.LOCALHOST, 0)) as server:
        port = server.getsockname()[1]
        assert f"Port {port} is taken" in refusal(capsys, port=port)


def test_start_refuses_to_run_twice_in_one_checkout(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    with (tmp_path / "start.lock").open("w") as running:
        running.write("process 1234, http://localhost:8000/\n")
        running.flush()
        fcntl.flock(running, fcntl.LOCK_EX)
        message = refusal(capsys, port=processes.free_port())
    assert "already runs from this directory (process 1234, http://localhost:8000/)" in message


def test_start_refuses_to_serve_the_public_without_a_secret(capsys: pytest.CaptureFixture[str], settings: Any) -> None:
    settings.SECRET_KEY_IS_CONFIGURED = False
    settings.DEBUG = False
    assert "SECRET_KEY" in refusal(capsys, port=processes.free_port())
