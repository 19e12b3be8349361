"""What Lighthouse says of main pages: accessibility, best practices, and what search engines read of public ones."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from pytest_django.live_server_helper import LiveServer

from tests.journeys.conftest import BROWSERS
from tests.pages.pages import PAGES, make_world

pytestmark = [pytest.mark.long, pytest.mark.django_db(transaction=True)]

LIGHTHOUSE = "lighthouse@12.8.2"
LEAST = 0.95
FLAGS = "--headless=new --no-sandbox --disable-dev-shm-usage --disable-quic"
PUBLIC = ("landing", "how-it-works", "help", "account_signup")
MEMBERS = ("surveys:statement", "recommendations:people", "conversations:conversation", "accounts:settings")


def scores(address: str, headers: dict[str, str], categories: tuple[str, ...], directory: Path) -> dict[str, float]:
    """Return Lighthouse's scores of a page by category, 0 to 1."""
    report, sent = directory / "report.json", directory / "headers.json"
    sent.write_text(json.dumps(headers))
    command = ["npx", "--yes", LIGHTHOUSE, address, "--quiet", "--output=json", f"--output-path={report}"]
    command += [f"--chrome-flags={FLAGS}", f"--only-categories={','.join(categories)}", f"--extra-headers={sent}"]
    browser = next(filter(None, map(shutil.which, BROWSERS)), "")
    subprocess.run(command, check=True, timeout=180, env={**os.environ, "CHROME_PATH": browser})
    found: dict[str, Any] = json.loads(report.read_text())["categories"]
    return {name: found[name]["score"] for name in categories}


@pytest.fixture(autouse=True)
def npm() -> None:
    if shutil.which("npx") is None:
        pytest.skip("npm is not installed, so Lighthouse is skipped; on Debian: apt install npm.")
    if not any(map(shutil.which, BROWSERS)):
        pytest.skip("No Chromium is installed, so Lighthouse is skipped; on Debian: apt install chromium.")


def test_main_pages_reach_95(live_server: LiveServer, transactional_db: None, tmp_path: Path) -> None:
    world = make_world()
    client = Client()
    client.force_login(world.ada)
    cookie = {"Cookie": f"sessionid={client.cookies['sessionid'].value}"}
    below: dict[str, dict[str, float]] = {}
    for page in PAGES:
        if page.name not in (*PUBLIC, *MEMBERS):
            continue
        categories = ("accessibility", "best-practices", *(("seo",) if page.is_public else ()))
        found = scores(live_server.url + page.address(world), {} if page.is_public else cookie, categories, tmp_path)
        if min(found.values()) < LEAST:
            below[page.name] = found
    assert below == {}
