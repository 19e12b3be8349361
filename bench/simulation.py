"""The simulated site over several seeds: ways of ranking, two-sided rules and label weights, with intervals.

`python -m bench.simulation --world simple --seeds 5` (some 12 minutes on one core)
"""

import argparse
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t as student

from bench import results
from ml import artifacts, outcomes, simulation, worlds
from ml.outcomes import Outcome

ARMS = simulation.POLICIES | simulation.RULES | simulation.LABELS
# What is compared with what, seed by seed.
AGAINST = {
    "likeness": ("learned", "learned_unbalanced", "appeal_generosity"),
    "learned_unbalanced": ("learned",),
    "oracle_unbalanced": ("oracle",),
    "product": ("harmonic", "minimum", "arithmetic"),
    "1-1-1": ("1-2-4",),
}
FIGURES = tuple(Outcome.__dataclass_fields__)


def runs(world: worlds.Kind, people: int, days: int, n_seeds: int) -> dict[str, NDArray[np.float64]]:
    """Return all figures of all arms, one row a seed; arms that are the same are run once."""
    model = artifacts.load_reference()
    rows: dict[str, list[list[float]]] = {name: [] for name in ARMS}
    for seed in range(n_seeds):
        made = worlds.make(world, people, days, model, np.random.default_rng(seed))
        done: dict[simulation.Arm, list[float]] = {}
        for name, arm in ARMS.items():
            if arm not in done:
                found = outcomes.outcome(simulation.run(made, arm, days, seed))
                done[arm] = [np.nan if value is None else float(value) for value in vars(found).values()]
            rows[name].append(done[arm])
        print(f"seed {seed}: " + ", ".join(f"{name} {rows[name][-1][2]:.2f}" for name in rows), flush=True)
    return {name: np.array(values) for name, values in rows.items()}


def interval(values: NDArray[np.float64]) -> list[float]:
    """Return the mean of seeds and half the width of its 95 % interval."""
    half = (
        student.ppf(0.975, len(values) - 1) * values.std(ddof=1) / np.sqrt(len(values)) if len(values) > 1 else np.nan
    )
    return [round(float(values.mean()), 4), round(float(half), 4)]


def summary(found: dict[str, NDArray[np.float64]]) -> dict[str, Any]:
    """Return means with intervals, and relative differences with theirs."""
    arms = {
        name: {figure: interval(values[:, column]) for column, figure in enumerate(FIGURES)}
        for name, values in found.items()
    }
    compared = ("mutual_per_1000", "mutual_per_1000_late", "expected_per_1000", "gini", "again_per_1000")
    relative = {
        f"{other} / {base} - 1": {
            figure: interval(found[other][:, FIGURES.index(figure)] / found[base][:, FIGURES.index(figure)] - 1)
            for figure in compared
        }
        for base, others in AGAINST.items()
        for other in others
    }
    return {"arms": arms, "relative": relative}


def main() -> None:
    """Run one world and write the figures down."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--world", choices=worlds.KINDS, default="simple")
    parser.add_argument("--people", type=int, default=600)
    parser.add_argument("--days", type=int, default=60)
    parser.add_argument("--seeds", type=int, default=5)
    options = parser.parse_args()
    found = runs(options.world, options.people, options.days, options.seeds)
    results.record(f"simulation-{options.world}", vars(options) | summary(found))


if __name__ == "__main__":
    main()
