"""How long the seed dataset takes into a new SQLite database, and how much memory."""

import os
import subprocess
import sys
import tempfile
import time
from typing import Any

from bench.results import ROOT, record


def manage(*arguments: str, data: str) -> tuple[float, float]:
    """Run a management command on a data directory; return its seconds and its largest memory in MB."""
    environment = os.environ | {"DATA_DIR": data, "DEBUG": "1"}
    environment.pop("DATABASE_URL", None)
    began = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "manage.py", *arguments], cwd=ROOT, env=environment, stdout=subprocess.DEVNULL
    )
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"manage.py {' '.join(arguments)} ended with code {process.returncode}.")
    return time.monotonic() - began, usage.ru_maxrss / 1024


def measure() -> dict[str, Any]:
    """Return seconds and memory of one import, Python's start included."""
    with tempfile.TemporaryDirectory(prefix="kindred-bench-") as data:
        manage("migrate", "--verbosity", "0", data=data)
        seconds, memory = manage("ingest", data=data)
    return {"seconds": round(seconds, 1), "megabytes": round(memory)}


if __name__ == "__main__":
    record("ingest", measure())
