"""Which WSGI server: granian against gunicorn on the same page, in turns, and what a reload drops."""

import os
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

import requests

from bench.results import ROOT, record
from bench.site import running_site
from matchsite.processes import answers, free_port

ROUNDS = 3
CLIENTS = 8
REQUESTS = 25
PAGE = "/people/"
SERVERS = {
    "granian": [
        *("granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", "{port}", "--workers", "2"),
        *("--blocking-threads", "4", "--log-level", "warning", "{application}"),
    ],
    "gunicorn": [
        *("gunicorn", "--bind", "127.0.0.1:{port}", "--workers", "2", "--threads", "4", "--log-level", "warning"),
        "{application}",
    ],
}


@contextmanager
def serving(
    name: str, data: Path, application: str = "matchsite.wsgi:application", **settings: str
) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """Run one server on a data directory, with further settings if any, and yield it with its port."""
    port = free_port()
    environment = os.environ | {"DATA_DIR": str(data), "DEBUG": "1", "DEMO": "1", "LOG_LEVEL": "WARNING"} | settings
    line = [sys.executable, "-m", *(word.format(port=port, application=application) for word in SERVERS[name])]
    process = subprocess.Popen(line, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while not answers(port):
        time.sleep(0.1)
    try:
        yield process, port
    finally:
        _stop(process)


def session_cookie(address: str, email: str, password: str) -> str:
    """Log a demo member in and return what a browser would send from then on."""
    with requests.Session() as session:
        page = f"{address}/accounts/login/"
        session.get(page, timeout=20)
        form = {"login": email, "password": password, "csrfmiddlewaretoken": session.cookies["csrftoken"]}
        session.post(page, data=form, headers={"Referer": page}, timeout=20).raise_for_status()
        return f"sessionid={session.cookies['sessionid']}"


def load(port: int, cookie: str) -> list[float]:
    """Ask for the page from several clients at once, each on one connection, and return the seconds of each answer."""

    def client(_: int) -> list[float]:
        connection = HTTPConnection("localhost", port, timeout=30)
        seconds = []
        for _request in range(REQUESTS):
            began = time.perf_counter()
            connection.request("GET", PAGE, headers={"Cookie": cookie})
            answer = connection.getresponse()
            answer.read()
            assert answer.status == 200, answer.status
            seconds.append(time.perf_counter() - began)
        connection.close()
        return seconds

    with ThreadPoolExecutor(CLIENTS) as clients:
        return [second for found in clients.map(client, range(CLIENTS)) for second in found]


def dropped_by_reloads(process: subprocess.Popen[bytes], port: int, reloads: int = 3) -> tuple[int, int]:
    """Ask without pause while the server is told to reload; return how many requests were made and how many failed."""
    made, failed = 0, 0
    over = threading.Event()

    def ask() -> tuple[int, int]:
        own_made, own_failed = 0, 0
        while not over.is_set():
            own_made += 1
            connection = HTTPConnection("localhost", port, timeout=30)
            try:
                connection.request("GET", "/healthz")
                own_failed += connection.getresponse().status != 200
            except (OSError, HTTPException):
                own_failed += 1
            finally:
                connection.close()
        return own_made, own_failed

    with ThreadPoolExecutor(2) as askers:
        running = [askers.submit(ask) for _ in range(2)]
        for _ in range(reloads):
            process.send_signal(signal.SIGHUP)
            time.sleep(4)
        over.set()
        for each in running:
            made, failed = made + each.result()[0], failed + each.result()[1]
    return made, failed


def megabytes(process: subprocess.Popen[bytes]) -> float:
    """Return the memory of a server and its workers; what they share is counted in shares."""
    total = 0
    for pid in [process.pid, *_children(process.pid)]:
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
        total += next(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:"))
    return round(total / 1024, 1)


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Stop a server and its workers, by force where one does not listen: told while it starts, granian may not."""
    process.terminate()
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        for pid in (*_children(process.pid), process.pid):
            os.kill(pid, signal.SIGKILL)
        process.wait()


def _children(pid: int) -> list[int]:
    found = [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return found + [grandchild for child in found for grandchild in _children(child)]


def measure() -> dict[str, Any]:
    """Return what each server takes and drops, and the ratios of granian to gunicorn."""
    seconds: dict[str, list[list[float]]] = {name: [] for name in SERVERS}
    rates: dict[str, list[float]] = {name: [] for name in SERVERS}
    figures: dict[str, Any] = {"page": PAGE, "clients": CLIENTS, "requests": REQUESTS * CLIENTS, "rounds": ROUNDS}
    with tempfile.TemporaryDirectory(prefix="kindred-bench-") as directory:
        data = Path(directory)
        with running_site(data) as address:
            email, password = (data / "demo-login").read_text().split()
            cookie = session_cookie(address, email, password)
        for _ in range(ROUNDS):
            for name in SERVERS:
                with serving(name, data) as (process, port):
                    load(port, cookie)
                    began = time.perf_counter()
                    seconds[name].append(load(port, cookie))
                    rates[name].append(len(seconds[name][-1]) / (time.perf_counter() - began))
                    figures.setdefault(f"{name}_megabytes", megabytes(process))
        for name in SERVERS:
            with serving(name, data) as (process, port):
                made, failed = dropped_by_reloads(process, port)
                figures[f"{name}_reload"] = {"requests": made, "failed": failed}
    pairs = list(zip(rates["granian"], rates["gunicorn"], strict=True))
    figures["requests_a_second_granian_to_gunicorn"] = round(statistics.median(a / b for a, b in pairs), 2)
    figures["slowest_percent_granian_to_gunicorn"] = round(
        statistics.median(
            statistics.quantiles(a, n=100)[98] / statistics.quantiles(b, n=100)[98]
            for a, b in zip(seconds["granian"], seconds["gunicorn"], strict=True)
        ),
        2,
    )
    return figures


if __name__ == "__main__":
    record("servers", measure())
