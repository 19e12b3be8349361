"""A site of its own for measurements and pictures: a data directory and a port that nobody else uses."""

import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.results import ROOT
from matchsite.processes import free_port


@contextmanager
def running_site(data: Path) -> Iterator[str]:
    """Start the site on a data directory, yield its address once it serves its first page, and stop it."""
    port = free_port()
    environment = os.environ | {"DATA_DIR": str(data), "DEBUG": "1", "DEMO": "1"}
    for name in ("DATABASE_URL", "SQLALCHEMY_DATABASE_URI", "MYSQL_HOST", "REDIS_URL"):
        environment.pop(name, None)
    with (data / "start.log").open("a") as log:
        site = subprocess.Popen(
            [sys.executable, "manage.py", "start", "--port", str(port)],
            cwd=ROOT,
            env=environment,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        address = f"http://localhost:{port}"
        _wait_for_page(address, site)
        yield address
    finally:
        site.terminate()
        site.wait(timeout=20)


def _wait_for_page(address: str, site: subprocess.Popen[bytes], seconds: float = 600) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if site.poll() is not None:
            sys.exit(f"The site ended with code {site.returncode} before it served a page.")
        try:
            urllib.request.urlopen(address, timeout=5).close()  # noqa: S310 - our own address
        except (OSError, urllib.error.URLError):
            time.sleep(0.1)
        else:
            return
    sys.exit(f"The site served no page within {seconds:.0f} s.")
