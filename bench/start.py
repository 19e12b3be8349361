"""How long until the first page: from an empty data directory, and at the second start."""

import tempfile
import time
from pathlib import Path
from typing import Any

from bench.results import record
from bench.site import running_site


def measure() -> dict[str, Any]:
    """Return the seconds to the first page of a first and a second start, packages being installed already."""
    figures: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(prefix="kindred-bench-") as directory:
        for name in ("first_start_seconds", "second_start_seconds"):
            began = time.monotonic()
            with running_site(Path(directory)):
                figures[name] = round(time.monotonic() - began, 1)
    return figures


if __name__ == "__main__":
    record("start", measure())
