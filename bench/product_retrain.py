"""The product's own retraining, from the bytes in its database to a published model: run by :mod:`bench.retrain`.

`DATA_DIR=... python -m bench.product_retrain --output outcome.npz`
"""

import argparse
import itertools
import os
import sys
import time
from pathlib import Path

from bench import recipe

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "matchsite.settings")


def retrain() -> dict[str, float]:
    """Return the seconds of each step: those that the training says, and those of its report."""
    import django

    django.setup()
    from recommendations.services import training
    from surveys.models import TrainingRun

    said: list[tuple[str, float]] = []
    run = training.retrain(say=lambda line: said.append((line.rstrip("."), time.perf_counter())))
    said.append(("", time.perf_counter()))
    if run.status != TrainingRun.Status.SUCCEEDED:
        sys.exit(f"The training ended as {run.status}: {run.error}")
    seconds = {line: end - begin for (line, begin), (_, end) in itertools.pairwise(said)}
    return seconds | {f"training: {step}": took for step, took in run.report["timings"].items()}


def main() -> None:
    """Retrain once and write how long each step took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, required=True)
    options = parser.parse_args()
    recipe.write(options.output, retrain())


if __name__ == "__main__":
    main()
