"""One training of so many people drawn from the reference model: run by :mod:`bench.retrain`.

`python -m bench.growth --people 1000000 --output outcome.npz`
"""

import argparse
import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench import recipe
from ml import artifacts, pipeline, synthetic

DRAWN_AT_A_TIME = 20_000


def draw(n: int) -> NDArray[np.int8]:
    """Return complete answer sheets."""
    model, rng = artifacts.load_reference(), np.random.default_rng(0)
    answers = np.empty((n, len(model.item_means)), dtype=np.int8)
    for start in range(0, n, DRAWN_AT_A_TIME):
        part = answers[start : start + DRAWN_AT_A_TIME]
        part[:] = synthetic.sample_answers(model, len(part), rng)
    return answers


def main() -> None:
    """Train once and write how long each step took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--people", type=int, required=True)
    options = parser.parse_args()
    answers = draw(options.people)
    began, cpu_began = time.perf_counter(), time.process_time()
    model = pipeline.train_measurement(answers)
    together = {"together": time.perf_counter() - began, "of the processor": time.process_time() - cpu_began}
    seconds = together | model.report["timings"]
    recipe.write(options.output, seconds)


if __name__ == "__main__":
    main()
