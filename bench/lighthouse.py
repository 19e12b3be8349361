"""What Lighthouse says of the speed of main pages, as a phone on a slow network would find them on a public site.

The site serves as it does in public: compressed files with a year to keep, cookies for HTTPS alone.
"""

import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import requests

from bench.results import ROOT, record
from bench.servers import serving, session_cookie
from bench.site import running_site

LIGHTHOUSE = "lighthouse@12.8.2"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = "--headless=new --no-sandbox --disable-dev-shm-usage --disable-quic"
SECONDS_FOR_A_PAGE = 180
ROUNDS = ATTEMPTS = 3
VISITORS = {"landing": "/", "help": "/help/"}
MEMBERS = {"survey": "/survey/1/", "people": "/people/", "picture": "/survey/picture/"}
CONVERSATION = re.compile(r'href="(/matches/[0-9a-f-]{36}/)"')
METRICS = {
    "first_paint_ms": "first-contentful-paint",
    "largest_paint_ms": "largest-contentful-paint",
    "blocked_ms": "total-blocking-time",
    "layout_shift": "cumulative-layout-shift",
    "bytes": "total-byte-weight",
}
# A demo site that is served as a public one, which lets nobody of the demo in.
SIGN_IN = "from accounts.models import User; User.objects.filter(email='%s').update(is_demo=False)"
PUBLIC = {"DEBUG": "0", "ALLOWED_HOSTS": "localhost"}


def lacking() -> str:
    """Return what has to be installed before Lighthouse can run, as a sentence; nothing when all is there."""
    if shutil.which("npx") is None:
        return "npm is not installed, so Lighthouse is skipped; on Debian: apt install npm."
    if not any(map(shutil.which, BROWSERS)):
        return "No Chromium is installed, so Lighthouse is skipped; on Debian: apt install chromium."
    return ""


def report(address: str, *, headers: Mapping[str, str], categories: Sequence[str], directory: Path) -> dict[str, Any]:
    """Return Lighthouse's report of a page that is asked for with some headers: a phone, its network simulated."""
    written, sent = directory / "report.json", directory / "headers.json"
    sent.write_text(json.dumps(dict(headers)))
    command = ["npx", "--yes", LIGHTHOUSE, address, "--quiet", "--output=json", f"--output-path={written}"]
    command += [f"--chrome-flags={FLAGS}", f"--only-categories={','.join(categories)}", f"--extra-headers={sent}"]
    browser = next(filter(None, map(shutil.which, BROWSERS)), "")
    environment = os.environ | {"CHROME_PATH": browser}
    for attempts_left in reversed(range(ATTEMPTS)):
        ran = subprocess.run(
            [*command, "--throttling-method=simulate"], check=False, timeout=SECONDS_FOR_A_PAGE, env=environment
        )
        if ran.returncode == 0:
            break
        # Now and then the browser's trace has no beginning; Lighthouse itself asks to be run again.
        if not attempts_left:
            ran.check_returncode()
    found: dict[str, Any] = json.loads(written.read_text())
    # Whom the site does not know it leads to another page, which would be measured instead.
    assert found["finalDisplayedUrl"] == address, found["finalDisplayedUrl"]
    return found


def speed(address: str, headers: Mapping[str, str], directory: Path) -> dict[str, Any]:
    """Return the median of a page's scores, 0 to 100, each of them, and the figures of the run that it comes from."""
    runs = [report(address, headers=headers, categories=["performance"], directory=directory) for _ in range(ROUNDS)]
    scores = [round(100 * run["categories"]["performance"]["score"]) for run in runs]
    median = int(statistics.median(scores))
    audits = runs[scores.index(median)]["audits"]
    figures = {name: round(audits[audit]["numericValue"], 3) for name, audit in METRICS.items()}
    return {"performance": median, "of": scores} | figures


def measure() -> dict[str, Any]:
    """Return the speed of each page."""
    figures: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(prefix="kindred-bench-", ignore_cleanup_errors=True) as directory:
        data = Path(directory)
        # The key signs sessions, which begin on the one site and go on on the other.
        os.environ["SECRET_KEY"] = "of a measurement " * 4
        with running_site(data) as address:
            email, password = (data / "demo-login").read_text().split()
            cookie = session_cookie(address, email, password)
            matches = requests.get(f"{address}/matches/", headers={"Cookie": cookie}, timeout=20).text
        conversation = CONVERSATION.search(matches)
        assert conversation is not None, "The demo has no conversation."
        environment = os.environ | PUBLIC | {"DATA_DIR": directory}
        for words in (
            ["collectstatic", "--noinput", "--verbosity=0"],
            ["shell", "--verbosity=0", "--command", SIGN_IN % email],
        ):
            subprocess.run([sys.executable, "manage.py", *words], cwd=ROOT, env=environment, check=True)
        with serving("granian", data, "bench.behind_proxy:application", **PUBLIC) as (_, port):
            for name, path in (VISITORS | MEMBERS | {"conversation": conversation[1]}).items():
                headers = {} if name in VISITORS else {"X-Session": cookie.partition("=")[2]}
                figures[name] = speed(f"http://localhost:{port}{path}", headers, data)
                print(f"  {name}: {figures[name]['performance']}")
    return figures


if __name__ == "__main__":
    if sentence := lacking():
        print(sentence)
    else:
        record("lighthouse", measure())
