"""What a recipe for finding like-minded people leaves behind, and how it is run in a process of its own."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.results import ROOT

SECONDS = "seconds "
N_FACTORS = 16
KS = range(2, 16)
N_NEIGHBOURS = 20
# One thread for each process, as workers run: both recipes then use one core.
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


@dataclass
class Outcome:
    """The outputs that both recipes have in common, with the seconds of each step."""

    loadings: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))
    scores: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))
    sse: list[float] = field(default_factory=list)
    silhouette: list[float] = field(default_factory=list)
    neighbours: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Time one step."""
        began = time.perf_counter()
        yield
        self.seconds[name] = time.perf_counter() - began

    def save(self, path: Path) -> None:
        """Write everything into one file."""
        arrays: dict[str, Any] = {"loadings": self.loadings, "scores": self.scores, "neighbours": self.neighbours}
        write(path, self.seconds, arrays | {"sse": self.sse, "silhouette": self.silhouette})


@dataclass(frozen=True)
class Measured:
    """What a process took, Python's start included, and what it left in its file."""

    seconds: float
    cpu_seconds: float
    """What it took of the processor: the same on an idle machine."""
    megabytes: float
    left: dict[str, NDArray[np.float64]]

    @property
    def steps(self) -> dict[str, float]:
        """Seconds of each step."""
        return {
            name.removeprefix(SECONDS): round(float(value), 2)
            for name, value in self.left.items()
            if name.startswith(SECONDS)
        }


def write(path: Path, seconds: Mapping[str, float], arrays: Mapping[str, Any] = MappingProxyType({})) -> None:
    """Write the seconds of each step, and arrays, into one file."""
    everything: dict[str, Any] = {f"{SECONDS}{name}": value for name, value in seconds.items()} | dict(arrays)
    np.savez(path, **everything)


def run(module: str, *arguments: str, output: Path, data_directory: Path | None = None) -> Measured:
    """Run a recipe in a process of its own; one that needs the site gets a data directory."""
    began = time.perf_counter()
    command = [sys.executable, "-m", module, *arguments, "--output", str(output)]
    environment = os.environ | ONE_THREAD
    if data_directory is not None:
        environment = environment | {"DATA_DIR": str(data_directory), "DEBUG": "1"}
        environment.pop("DATABASE_URL", None)
    process = subprocess.Popen(command, cwd=ROOT, env=environment)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{module} ended with code {process.returncode}.")
    seconds = time.perf_counter() - began
    with np.load(output) as arrays:
        cpu_seconds = usage.ru_utime + usage.ru_stime
        return Measured(seconds, cpu_seconds, usage.ru_maxrss / 1024, {name: arrays[name] for name in arrays.files})
