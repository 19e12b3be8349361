"""The whole site, started as a person starts it; takes a minute, so `make check-long` runs it."""

import os
import re
import urllib.request
from pathlib import Path

import pytest

from bench.site import running_site

pytestmark = pytest.mark.long


def processes_with(data: Path) -> list[int]:
    """Return the processes, other than this one, whose surroundings name a data directory."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                surroundings = (entry / "environ").read_bytes()
            except OSError:
                continue
            if f"DATA_DIR={data}\0".encode() in surroundings:
                found.append(int(entry.name))
    return found


def test_a_site_starts_serves_stops_and_starts_again_without_importing_anew(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    with running_site(data) as address:
        with urllib.request.urlopen(f"{address}/") as page:
            assert b"Kindred" in page.read()
        assert processes_with(data)
    assert processes_with(data) == []

    with running_site(data) as address, urllib.request.urlopen(f"{address}/healthz") as answer:
        assert answer.read() == b"ok"
    said = (data / "start.log").read_text()
    assert len(re.findall("Administrator created", said)) == 1
    assert len(re.findall("^Imported: ", said, re.MULTILINE)) == 1
    assert "Traceback" not in said
