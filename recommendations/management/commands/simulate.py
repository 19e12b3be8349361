"""Simulate the whole loop on made-up people whose preferences are known."""

import argparse
import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from django.core.management.base import BaseCommand, CommandError, CommandParser

from ml import artifacts, outcomes, simulation, worlds
from ml.outcomes import Curve, Outcome
from ml.simulation import Arm, Run
from recommendations.services.curves import Chart, Line

ARMS: Mapping[str, Mapping[str, Arm]] = {
    "policies": simulation.POLICIES,
    "rules": simulation.RULES,
    "labels": simulation.LABELS,
}
# More people than this would take hours and gigabytes.
MOST_PEOPLE, MOST_DAYS = 5_000, 1_000
FEWEST_PEOPLE = 30
COLUMNS = {
    "mutual_per_1000": ("mutual", "per 1000"),
    "mutual_per_1000_late": ("mutual", "late"),
    "expected_per_1000": ("true", "chance"),
    "auc": ("AUC", "shown"),
    "auc_explored": ("AUC", "by chance"),
    "gini": ("Gini", "exposure"),
    "waited_too_long": ("over", "7 days"),
    "first_wait": ("first", "wait, d"),
}
# How the figures show each policy: name, colour, and dashed without exposure control.
DRAWN = {
    "random": ("chance", "grey", False),
    "likeness": ("likeness", "blue", False),
    "appeal_generosity": ("appeal × generosity", "vermilion", False),
    "learned_unbalanced": ("learned, no control", "green", True),
    "learned": ("learned", "green", False),
    "oracle_unbalanced": ("oracle, no control", "ink", True),
    "oracle": ("oracle", "ink", False),
}
# Whose spread of attention is drawn: more lines would hide each other.
SPREAD = ("random", "appeal_generosity", "learned_unbalanced", "learned")


class Command(BaseCommand):
    """Show, judge, learn, show better: by the site's own model code, on a hidden preference; touches no database."""

    help = "Simulate the site on made-up people and compare ways of ranking; touches no database."
    requires_system_checks: list[str] = []  # noqa: RUF012 - Django's own way to ask for none

    def add_arguments(self, parser: CommandParser) -> None:
        """Take what to simulate and how to say it."""
        parser.add_argument("--days", type=int, default=60)
        parser.add_argument("--people", type=int, default=600)
        parser.add_argument("--seed", type=int, default=0)
        parser.add_argument("--world", choices=worlds.KINDS, default="simple")
        parser.add_argument("--compare", choices=tuple(ARMS), default="policies")
        parser.add_argument("--json", action=argparse.BooleanOptionalAction, default=False)
        parser.add_argument("--figures", type=Path, metavar="DIR", help="write the curves as SVG")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run each arm on the same people and the same chances, and say what came of it."""
        _check(options)
        rng = np.random.default_rng(options["seed"])
        world = worlds.make(options["world"], options["people"], options["days"], artifacts.load_reference(), rng)
        runs: dict[str, Run] = {}
        found: dict[str, Outcome] = {}
        for name, arm in ARMS[options["compare"]].items():
            began = time.monotonic()
            runs[name] = simulation.run(world, arm, options["days"], options["seed"])
            found[name] = outcomes.outcome(runs[name])
            self.stderr.write(f"{name}: {time.monotonic() - began:.1f} s")
        curves = {name: outcomes.curve(run) for name, run in runs.items()}
        if options["figures"]:
            _write_figures(options["figures"], options["world"], runs, curves)
        self.stdout.write(_as_json(options, found, curves) if options["json"] else _as_table(found))


def _check(options: Mapping[str, Any]) -> None:
    """Refuse what cannot be simulated, in a sentence."""
    if not 1 <= options["days"] <= MOST_DAYS:
        raise CommandError(f"--days must lie between 1 and {MOST_DAYS}.")
    if not FEWEST_PEOPLE <= options["people"] <= MOST_PEOPLE:
        raise CommandError(f"--people must lie between {FEWEST_PEOPLE} and {MOST_PEOPLE}.")
    if options["seed"] < 0:
        raise CommandError("--seed must not be negative.")
    if options["figures"] is None:
        return
    if options["compare"] != "policies":
        raise CommandError("--figures draws the policies only.")
    try:
        options["figures"].mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CommandError(f"The figures cannot be written there: {error.strerror}.") from None


def _as_json(options: Mapping[str, Any], found: Mapping[str, Outcome], curves: Mapping[str, Curve]) -> str:
    asked = {name: options[name] for name in ("world", "people", "days", "seed", "compare")}
    arms = {name: outcome.rounded() | {"curve": vars(curves[name])} for name, outcome in found.items()}
    return json.dumps(asked | {"arms": arms}, allow_nan=False)


def _as_table(found: Mapping[str, Outcome]) -> str:
    width = max(map(len, found)) + 2
    lines = [" " * width + "".join(f"{heading[row]:>10}" for heading in COLUMNS.values()) for row in (0, 1)]
    for name, outcome in found.items():
        figures = outcome.rounded()
        cells = ("-" if figures[key] is None else f"{figures[key]:.3f}" for key in COLUMNS)
        lines.append(name.ljust(width) + "".join(f"{cell:>10}" for cell in cells))
    return "\n".join(lines)


def _write_figures(directory: Path, world: str, runs: Mapping[str, Run], curves: Mapping[str, Curve]) -> None:
    """Draw mutual likes and AUC over time, and how evenly attention is spread."""
    days = "Day"
    mutual = [Line(DRAWN[name][0], c.days, c.mutual_per_1000, *DRAWN[name][1:]) for name, c in curves.items()]
    areas = [Line(DRAWN[name][0], c.days, c.auc, *DRAWN[name][1:]) for name, c in curves.items() if name != "random"]
    charts = {
        "mutual": Chart(
            f"Mutual likes per 1,000 people shown ({world} world)",
            "Five-day windows; the learned ranking rises from that of likeness towards that of the oracle.",
            days,
            "mutual likes per 1,000",
            mutual,
        ),
        "auc": Chart(
            f"How well scores tell likes from passes ({world} world)",
            "Area under the curve of the viewer's score among people who were shown and judged, in five-day windows.",
            days,
            "AUC",
            areas,
        ),
        "exposure": Chart(
            f"Who is shown how often ({world} world)",
            "Lorenz curves: the share of all impressions that goes to the least shown share of people.",
            "share of people, least shown first",
            "share of impressions",
            [_lorenz(name, runs[name]) for name in SPREAD],
        ),
    }
    for name, chart in charts.items():
        (directory / f"simulation-{world}-{name}.svg").write_text(chart.svg(), encoding="utf-8")


def _lorenz(name: str, run: Run) -> Line:
    amounts = np.sort(outcomes.exposures(run))
    shares = np.append(0.0, np.cumsum(amounts) / max(float(amounts.sum()), 1e-9))
    at = np.linspace(0, 1, 51)
    heights = np.interp(at, np.linspace(0, 1, len(shares)), shares)
    return Line(DRAWN[name][0], at.tolist(), heights.tolist(), *DRAWN[name][1:])
