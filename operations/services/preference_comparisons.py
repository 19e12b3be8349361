"""Two versions of the preference model side by side: what they learned, and what came of their lists."""

import datetime
from collections.abc import Sequence
from typing import Any

from django.db.models import Max

from accounts.models import Purpose
from ml.metric_histograms import Estimate
from operations.models import MetricDay
from operations.services import figures
from operations.services.comparisons import Comparison, columns
from operations.services.figures import FOUR_WEEKS, Choice, Sum
from operations.services.panels import Cell, Column, Panel
from operations.services.recommender import FIGURES
from recommendations import reports
from recommendations.models import PreferenceVersion

Pair = tuple[PreferenceVersion, PreferenceVersion]
BOTH = (Column("Earlier"), Column("Later"))
# Per purpose, those that count most or changed most.
N_WEIGHTS = 12


def compare(earlier: PreferenceVersion, later: PreferenceVersion) -> Comparison:
    """Return two versions side by side; at most seven queries."""
    pair = (earlier, later)
    notes = tuple(f"{one} learned nothing: it ranks by likeness." for one in pair if not one.weights)
    if earlier.measurement_version_id != later.measurement_version_id:
        notes += (
            "They rest on different measurement versions, so people lie elsewhere and weights mean different things.",
        )
    return Comparison((_served(pair), _learned(pair), _against_likeness(pair), _gates(pair), _weights(pair)), notes)


def _found(version: PreferenceVersion) -> dict[str, Any]:
    """Return what the run of a version found, by purpose."""
    purposes: dict[str, Any] = version.training_run.report.get("purposes", {}) if version.training_run else {}
    return purposes


def _served(pair: Pair) -> Panel:
    """Return the figures that were measured of the lists of each, in the last four weeks that it has numbers of."""
    newest = dict(MetricDay.objects.filter(version__in=pair).order_by().values_list("version").annotate(day=Max("day")))
    sums = [_sum(version, newest.get(version.pk)) for version in pair]
    rows: list[Sequence[Cell]] = []
    for name, figure in FIGURES.items():
        earlier, later = (figure(total) for total in sums)
        known = earlier.value is not None and later.value is not None
        change = later.value - earlier.value if known else None  # type: ignore[operator]
        rows.append((name, earlier, later, change))
    until = " and ".join(f"{newest[one.pk]:%-d %B %Y}" if one.pk in newest else "never" for one in pair)
    return Panel(
        "served",
        "Measured while each served",
        f"Of the {FOUR_WEEKS} days that end with the last on which each was counted: {until}. Other times and other"
        " people: what differs need not be the model’s doing."
        if newest
        else "Neither has been counted yet: the worker takes a snapshot every hour.",
        (Column("Figure", "text"), *BOTH, Column("Change", "change")),
        rows if newest else [],
    )


def _sum(version: PreferenceVersion, last: datetime.date | None) -> Sum:
    if last is None:
        return Sum()
    return figures.load(last - datetime.timedelta(days=FOUR_WEEKS - 1), last, Choice(version=version.pk)).total()


def _learned(pair: Pair) -> Panel:
    """Return what each purpose was learned from and how well."""
    rows = []
    for purpose, label in Purpose.choices:
        found = [_found(version).get(purpose, {}) for version in pair]
        held_out = [one.get("held_out", {}) for one in found]
        of_purpose = (
            ("verdicts", [one.get("verdicts") for one in found]),
            ("likes", [one.get("likes") for one in found]),
            ("verdicts judged on", [one.get("verdicts") for one in held_out]),
            ("AUC, held out", [one.get("auc") for one in held_out]),
            ("AUC of likeness", [one.get("auc_of_likeness") for one in held_out]),
            ("threshold of a predicted like", [version.thresholds.get(purpose) for version in pair]),
        )
        rows += [_row(f"{label}: {name}", values) for name, values in of_purpose if values != [None, None]]
    about = "As each training found it. Held out are pairs that the model had not seen."
    return Panel("learned", "What each learned", about, columns("Figure"), rows)


def _row(name: str, values: Sequence[float | None]) -> tuple[Cell, ...]:
    earlier, later = values
    return name, earlier, later, None if earlier is None or later is None else later - earlier


def _against_likeness(pair: Pair) -> Panel:
    """Return by how much each was better than likeness, with the interval that decided."""
    cells: list[tuple[Cell, ...]] = [
        (str(label), *(_difference(_found(version).get(purpose, {}).get("held_out")) for version in pair))
        for purpose, label in Purpose.choices
    ]
    rows = [row for row in cells if any(one.n for one in row[1:] if isinstance(one, Estimate))]
    return Panel(
        "against-likeness",
        "Against likeness",
        "AUC on held-out pairs less that of likeness, with the 95 % interval of the difference; a purpose is learned"
        " only where all of it lies above 0.",
        (Column("Purpose", "text"), *BOTH),
        rows,
    )


def _difference(held_out: dict[str, Any] | None) -> Estimate:
    if held_out is None:
        return Estimate(None, None, None, 0)
    value, low, high = held_out["difference"]
    return Estimate(value, low, high, held_out["verdicts"])


def _gates(pair: Pair) -> Panel:
    """Return how each fared beside the model that was in use when it was trained."""
    found: dict[str, list[Cell]] = {}
    for i, version in enumerate(pair):
        for purpose, label in Purpose.choices:
            for gate in _found(version).get(purpose, {}).get("gates", []):
                cells = found.setdefault(f"{label}: {gate['name']}", [None] * 4)
                cells[2 * i : 2 * i + 2] = [gate["candidate"], gate["in_use"]]
    names = ("Earlier", "Its predecessor", "Later", "Its predecessor then")
    return Panel(
        "gates",
        "Beside the model that each followed",
        "Judged on the same verdicts when each was trained.",
        (Column("Figure", "text"), *(Column(name, "number") for name in names)),
        [(name, *cells) for name, cells in sorted(found.items())],
    )


def _weights(pair: Pair) -> Panel:
    """Return, for each purpose, the terms that count most in either version and how they changed."""
    found = [{(one.purpose, one.term): one.value for one in reports.weights_of(version)} for version in pair]
    rows: list[Sequence[Cell]] = []
    for purpose in dict.fromkeys(purpose for one in found for purpose, _ in one):
        keys = dict.fromkeys(key for one in found for key in one if key[0] == purpose)
        largest = sorted(keys, key=lambda key: -max(abs(one.get(key, 0.0)) for one in found))[:N_WEIGHTS]
        rows += [_row(f"{purpose}: {term}", [one.get((purpose, term)) for one in found]) for _, term in largest]
    about = f"The {N_WEIGHTS} largest weights of each purpose in either version, in logits of a like."
    return Panel("weights", "What counts most", about, columns("Term"), rows)
