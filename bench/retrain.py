"""Retraining: (a) the naive recipe's outputs against ours, (b) the product's own retraining, and growth.

`SEED_DATASET=16PF.zip python -m bench.retrain [--full] [--without-growth]`. By default the naive recipe sees some of
the people and its time for everybody is extrapolated from its growth; `--full` waits the four minutes that it takes.
"""

import argparse
import os
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench import ingest, recipe
from bench.recipe import Measured
from bench.results import record
from ml import factors

SCALED_DOWN = (3_000, 6_000, 12_000)
GROWTH = (50_000, 100_000, 250_000, 500_000, 1_000_000)


def compared(table: Path, directory: Path, *, full: bool) -> dict[str, Any]:
    """Return figures of both recipes on the same people, and how our time compares with theirs for everybody."""
    sizes: tuple[int | None, ...] = (None,) if full else SCALED_DOWN
    output = directory / "outcome.npz"
    naive = [recipe.run("bench.naive_retrain", *_arguments(table, rows), output=output) for rows in sizes]
    same = recipe.run("bench.own_retrain", *_arguments(table, sizes[-1]), output=output)
    own = same if full else recipe.run("bench.own_retrain", *_arguments(table, None), output=output)
    bare = recipe.run("bench.own_retrain", *_arguments(table, None), "--without-neighbours", output=output)
    n_people = len(own.left["scores"])
    exponent = None if full else _exponent(SCALED_DOWN, [of.seconds for of in naive])
    seconds = naive[-1].seconds * (1.0 if exponent is None else (n_people / SCALED_DOWN[-1]) ** exponent)
    return {
        "people": n_people,
        "naive_people": len(naive[-1].left["scores"]),
        "naive_seconds": round(naive[-1].seconds, 1),
        "naive_growth_exponent": exponent,
        "naive_seconds_for_everybody": round(seconds, 1),
        "naive_cpu_seconds": round(naive[-1].cpu_seconds, 1),
        "naive_steps": naive[-1].steps,
        "naive_megabytes": round(naive[-1].megabytes),
        "seconds": round(own.seconds, 1),
        "cpu_seconds_on_the_same_people": round(same.cpu_seconds, 1),
        "seconds_without_neighbours": round(bare.seconds, 1),
        "steps": own.steps,
        "megabytes": round(own.megabytes),
        "times_less_of_the_processor": round(naive[-1].cpu_seconds / same.cpu_seconds, 1),
        "times_faster": round(seconds / own.seconds, 1),
        "times_faster_without_neighbours": round(seconds / bare.seconds, 1),
        "share_of_memory_on_the_same_people": round(same.megabytes / naive[-1].megabytes, 2),
    } | _agreement(same, naive[-1])


def _arguments(table: Path, rows: int | None) -> list[str]:
    """Return what both recipes are told."""
    return ["--data", str(table), *([] if rows is None else ["--rows", str(rows)])]


def _agreement(own: Measured, naive: Measured) -> dict[str, float]:
    """Return how alike the outputs for the same people are."""
    first, second = own.left["loadings"], naive.left["loadings"]
    alike = np.abs(factors.congruence(first, second))
    pairs = alike[np.arange(len(alike)), factors.match_factors(first, second)]
    excess = own.left["sse"] / naive.left["sse"] - 1
    return {
        "least_congruence": round(float(pairs.min()), 5),
        "most_sse_above_naive": round(float(excess.max()), 4),
        "most_silhouette_apart": round(float(np.abs(own.left["silhouette"] - naive.left["silhouette"]).max()), 4),
        "neighbours_in_common": round(_in_common(own.left["neighbours"], naive.left["neighbours"]), 4),
    }


def _in_common(first: NDArray[np.float64], second: NDArray[np.float64]) -> float:
    """Return the share of neighbours that both found, over all people."""
    together = np.sort(np.hstack([first, second]), axis=1)
    return float((np.diff(together, axis=1) == 0).sum() / first.size)


def _exponent(sizes: tuple[int, ...], seconds: list[float]) -> float:
    """Return the slope of the logarithm of the seconds by that of the size, between the two largest sizes."""
    return round(float(np.log(seconds[-1] / seconds[-2]) / np.log(sizes[-1] / sizes[-2])), 2)


def product(table: Path, directory: Path) -> dict[str, Any]:
    """Return what a retraining of the site takes with the full seed dataset in its database."""
    data = directory / "site"
    ingest.run("manage.py", "migrate", "--verbosity", "0", data=data)
    ingest.run("manage.py", "ingest", str(table), data=data)
    measured = recipe.run("bench.product_retrain", output=directory / "product.npz", data_directory=data)
    return {
        "product_seconds": round(measured.seconds, 1),
        "product_cpu_seconds": round(measured.cpu_seconds, 1),
        "product_megabytes": round(measured.megabytes),
        "product_is_at_most_30_seconds_and_600_megabytes": measured.seconds <= 30 and measured.megabytes <= 600,
        "product_steps": measured.steps,
    }


def growth(directory: Path) -> dict[str, Any]:
    """Return the seconds and memory of a training by the number of people, with the exponent."""
    rows = []
    for n in GROWTH:
        measured = recipe.run("bench.growth", "--people", str(n), output=directory / "growth.npz")
        rows.append(
            {
                "people": n,
                "seconds": measured.steps["together"],
                "cpu_seconds": measured.steps["of the processor"],
                "megabytes": round(measured.megabytes),
            }
        )
    # Of the processor: on a busy machine the clock says more about the others.
    seconds = [row["cpu_seconds"] for row in rows]
    slope = np.polyfit(np.log([row["people"] for row in rows]), np.log(seconds), 1)[0]
    return {"growth": rows, "growth_exponent": round(float(slope), 2)}


def main() -> None:
    """Measure and write down."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true", help="the naive recipe sees everybody")
    parser.add_argument("--without-growth", action="store_true", help="leave out the table up to a million people")
    options = parser.parse_args()
    source = os.environ.get("SEED_DATASET")
    if not source or not Path(source).is_file():
        sys.exit("SEED_DATASET must name the published dataset as a local file.")
    with tempfile.TemporaryDirectory(prefix="kindred-bench-") as name:
        directory = Path(name)
        with zipfile.ZipFile(source) as archive:
            member = next(entry for entry in archive.namelist() if entry.endswith("data.csv"))
            table = Path(archive.extract(member, directory))
        figures = compared(table, directory, full=options.full) | product(table, directory)
        if not options.without_growth:
            figures |= growth(directory)
    record("retrain", figures)


if __name__ == "__main__":
    main()
