"""How long the seed dataset takes into a new SQLite database and how much memory, beside pandas that only reads it."""

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any

from bench.results import ROOT, record

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "matchsite.settings")

N_RUNS = 3
BASELINE = "pandas.read_csv of the same data.csv, tab-separated, nothing else"
READ = "import sys, pandas; pandas.read_csv(sys.argv[1], sep='\\t', dtype={'country': str}, keep_default_na=False)"


@dataclass(frozen=True)
class Cost:
    """What one process took, Python's start included."""

    seconds: float
    megabytes: float


def run(*arguments: str, data: Path) -> Cost:
    """Run Python on a data directory of its own and return what it took."""
    environment = os.environ | {"DATA_DIR": str(data), "DEBUG": "1"}
    for name in ("DATABASE_URL", "SQLALCHEMY_DATABASE_URI", "MYSQL_HOST"):
        environment.pop(name, None)
    began = monotonic()
    process = subprocess.Popen([sys.executable, *arguments], cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{' '.join(arguments)} ended with code {process.returncode}.")
    return Cost(seconds=monotonic() - began, megabytes=usage.ru_maxrss / 1024)


def fetch(directory: Path) -> Path:
    """Put the dataset's table into a directory, so that what is measured waits for no network."""
    from django.conf import settings

    from surveys.services import seed_source

    path = directory / "data.csv"
    try:
        path.write_bytes(seed_source.fetch(settings.SEED_DATASET).content)
    except seed_source.SourceError as error:
        sys.exit(f"Nothing was measured: {error}")
    return path


def measure() -> dict[str, Any]:
    """Return the median seconds and the largest memory of a few imports, and both as ratios to the baseline."""
    imports, readings = [], []
    with tempfile.TemporaryDirectory(prefix="kindred-bench-") as directory:
        table = fetch(Path(directory))
        empty = Path(directory) / "empty"
        run("manage.py", "migrate", "--verbosity", "0", data=empty)
        for index in range(N_RUNS):
            data = shutil.copytree(empty, Path(directory) / f"run-{index}")
            imports.append(run("manage.py", "ingest", str(table), data=data))
            readings.append(run("-c", READ, str(table), data=data))
    return _compared(imports, readings)


def _compared(imports: list[Cost], readings: list[Cost]) -> dict[str, Any]:
    """Return the figures of the imports beside those of the baseline of the same run."""
    seconds, baseline_seconds = (statistics.median(cost.seconds for cost in costs) for costs in (imports, readings))
    memory, baseline_memory = (max(cost.megabytes for cost in costs) for costs in (imports, readings))
    return {
        "seconds": round(seconds, 1),
        "megabytes": round(memory),
        "baseline": BASELINE,
        "baseline_seconds": round(baseline_seconds, 1),
        "baseline_megabytes": round(baseline_memory),
        "times_as_long": round(seconds / baseline_seconds, 1),
        "times_as_much_memory": round(memory / baseline_memory, 1),
        "runs": len(imports),
    }


if __name__ == "__main__":
    record("ingest", measure())
