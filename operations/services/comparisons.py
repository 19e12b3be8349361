"""Two versions of the measurement model side by side: what they rest on, their factors, and where they place people."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db.models import Count

from ml import model_comparison, synthetic
from ml.correlations import Floats
from ml.items import ITEMS
from ml.measurement import MeasurementModel
from operations.services.panels import Cell, Column, Panel
from surveys import loadings
from surveys.models import MeasurementVersion, Placement
from surveys.services import models

# Sheets drawn to compare what two models say of the same answers: nobody's own answers are read.
N_DRAWN = 200
SEED = 20
# From here on two factors are called the same.
SAME_FACTOR = 0.95


@dataclass(frozen=True)
class Comparison:
    """Tables of two versions, and what could not be compared."""

    panels: tuple[Panel, ...]
    notes: tuple[str, ...]


def compare(earlier: MeasurementVersion, later: MeasurementVersion) -> Comparison:
    """Return two versions side by side; one query, and both stored models where they can be read."""
    notes = tuple(reason for one in (earlier, later) if (reason := loadings.why_unreadable(one)))
    reports = (earlier.training_run.report, later.training_run.report)
    figures = [_row(name, *(find(report) for report in reports)) for name, find in FIGURES]
    panels = [_scales(reports)]
    placed = _placed(earlier, later)
    if notes:
        notes += ("Factors, communalities and neighbours need both stored models, so they are left out.",)
    else:
        pair = (models.model_of(earlier), models.model_of(later))
        drawn = synthetic.sample_answers(pair[0], N_DRAWN, np.random.default_rng(SEED))
        agreed = model_comparison.agreement(*pair, drawn)
        figures += [
            _row("Mean communality in the space", *(float(_communalities(model).mean()) for model in pair)),
            _row("Mean communality on the axes of likeness", *(float(1 - model.uniquenesses.mean()) for model in pair)),
        ]
        panels = [_factors(pair), _agreement(agreed, placed, pair), _communality(pair), *panels]
        panels.append(_types(placed, pair))
    return Comparison((_figures(figures), *panels), notes)


def _retained(kind: str) -> Any:
    def find(report: dict[str, Any]) -> float | None:
        if "space" not in report:
            return None
        return float(report["variance_retained"][report["space"]["k"] - 1][kind])

    return find


def _chosen(key: str) -> Any:
    def find(report: dict[str, Any]) -> float | None:
        types = report.get("types", {})
        return next((float(row[key]) for row in types.get("per_k", []) if row["k"] == types["k"]), None)

    return find


def _criterion(key: str) -> Any:
    def find(report: dict[str, Any]) -> Any:
        found = report.get("retention", {}).get(key)
        return found["number"] if isinstance(found, dict) else found

    return find


def _at(*path: str) -> Any:
    def find(report: dict[str, Any]) -> Any:
        found: Any = report
        for key in path:
            found = found.get(key) if isinstance(found, dict) else None
        return found

    return find


def _mean_of_scales(key: str) -> Any:
    def find(report: dict[str, Any]) -> float | None:
        values = [scale[key] for scale in report.get("scales", [])]
        return sum(values) / len(values) if values else None

    return find


FIGURES = (
    ("People learnt from", _at("data", "people")),
    ("Members among them", lambda report: _at("data", "members")(report) or 0),
    ("Complete sheets", _at("data", "complete")),
    ("Factors by Kaiser’s criterion", _at("kaiser")),
    ("Factors by parallel analysis", _criterion("parallel")),
    ("Factors by Velicer’s criterion", _criterion("map")),
    ("Factors that come back in two halves", _criterion("halves")),
    ("Factors of the space", _at("space", "k")),
    ("Axes of likeness", _at("likeness", "axes")),
    ("Common variance retained", _retained("common")),
    ("All variance retained", _retained("total")),
    ("Sampling adequacy", _at("correlations", "kmo")),
    ("Mean Cronbach’s alpha", _mean_of_scales("alpha")),
    ("Mean omega", _mean_of_scales("omega")),
    ("Personality types", _at("types", "k")),
    ("Silhouette at that number", _chosen("silhouette")),
    ("SSE at that number", _chosen("sse")),
    ("Stability at that number", _chosen("stability")),
)


def _row(name: str, earlier: float | None, later: float | None) -> tuple[Cell, ...]:
    """Return a figure of both, and by how much the later is more."""
    return name, earlier, later, None if earlier is None or later is None else later - earlier


def columns(first: str) -> tuple[Column, ...]:
    """Return the columns of a table of two versions."""
    return (Column(first, "text"), Column("Earlier", "number"), Column("Later", "number"), Column("Change", "change"))


def _figures(rows: Sequence[Sequence[Cell]]) -> Panel:
    return Panel("figures", "Figures", "As they stand in the reports of both trainings.", columns("Figure"), rows)


def _scales(reports: tuple[dict[str, Any], dict[str, Any]]) -> Panel:
    found = [{scale["name"]: scale["omega"] for scale in report.get("scales", [])} for report in reports]
    rows = [_row(name, found[0].get(name), found[1].get(name)) for name in dict.fromkeys([*found[0], *found[1]])]
    return Panel("scales", "Reliability of the scales", "Omega total.", columns("Scale"), rows)


def _factors(pair: tuple[MeasurementModel, MeasurementModel]) -> Panel:
    """Return the factors of both, each beside the one that belongs to it."""
    found = model_comparison.pair_factors(pair[0].space_loadings, pair[1].space_loadings)
    rows = [(_number(one.first), _number(one.second), one.congruence, _verdict(one.congruence)) for one in found]
    same = sum((one.congruence or 0) >= SAME_FACTOR for one in found)
    return Panel(
        "factors",
        "Factor by factor",
        "Factors are paired so that Tucker’s congruences of their loadings add up to the most. From"
        f" {SAME_FACTOR} on two are called the same: {same} of {len(found)} are.",
        (
            Column("Earlier", "text"),
            Column("Later", "text"),
            Column("Congruence", "number"),
            Column("The same", "text"),
        ),
        rows,
        {
            "type": "bar",
            "labels": [row[0] if row[0] != NO_FACTOR else row[1] for row in rows],
            "series": [{"name": "Congruence", "values": [one.congruence for one in found], "hue": 1}],
            "marks": [{"name": f"{SAME_FACTOR}", "value": SAME_FACTOR}],
        },
    )


NO_FACTOR = "none"


def _number(factor: int | None) -> str:
    return NO_FACTOR if factor is None else f"Factor {factor + 1}"


def _verdict(congruence: float | None) -> str:
    if congruence is None:
        return "no partner"
    return "the same" if congruence >= SAME_FACTOR else "another"


def _communalities(model: MeasurementModel) -> Floats:
    return np.asarray((model.space_loadings**2).sum(axis=1))


def _communality(pair: tuple[MeasurementModel, MeasurementModel]) -> Panel:
    first, second = (_communalities(model) for model in pair)
    order = np.argsort(-np.abs(second - first), kind="stable")
    rows = [_row(ITEMS[item].text, float(first[item]), float(second[item])) for item in order]
    about = "Share of each item’s variance that the factors of the space explain; what changed most comes first."
    return Panel("communalities", "Communalities", about, columns("Item"), rows)


# How many people have which type under the earlier and the later version.
Pairs = dict[tuple[int, int], int]


def _placed(earlier: MeasurementVersion, later: MeasurementVersion) -> Pairs:
    """Return types of the people whom both versions have placed; one query, counted by the database."""
    both = Placement.objects.filter(version=earlier, sheet__is_current=True, sheet__placements__version=later)
    counts = both.order_by().values_list("type", "sheet__placements__type").annotate(n=Count("pk"))
    return {(first, second): n for first, second, n in counts}


def _agreement(
    agreed: model_comparison.Agreement, placed: Pairs, pair: tuple[MeasurementModel, MeasurementModel]
) -> Panel:
    """Return how far both say the same of people."""
    names = [[name for name, _ in model.type_names] for model in pair]
    n_placed = sum(placed.values())
    moved = sum(n for (first, second), n in placed.items() if names[0][first] != names[1][second])
    drawn_moved = sum(
        int(n) for (first, second), n in np.ndenumerate(agreed.types) if names[0][first] != names[1][second]
    )
    rows: list[Sequence[Cell]] = [
        ("Rank correlation of likeness", agreed.rank_correlation, N_DRAWN),
        ("Nearest ten that both name", agreed.neighbours, N_DRAWN),
        ("Drawn sheets of another type", drawn_moved / N_DRAWN, N_DRAWN),
        ("Members of another type", moved / n_placed if n_placed else None, n_placed),
    ]
    return Panel(
        "agreement",
        "What both say of people",
        f"Of {N_DRAWN} complete sheets drawn from the earlier model, so that nobody’s answers are read: how alike the"
        " orders are in which both put the others by likeness, and how many of the nearest ten stay. Types count as the"
        " same when their names are. Members are those whom both versions have placed; places of versions long out of"
        " use are not kept.",
        (Column("Figure", "text"), Column("Value", "number"), Column("n", "count")),
        rows,
    )


def _types(placed: Pairs, pair: tuple[MeasurementModel, MeasurementModel]) -> Panel:
    """Return how many members went from which type to which."""
    first, second = ([name for name, _ in model.type_names] for model in pair)
    rows: list[Sequence[Cell]] = [
        (name, *(placed.get((i, j), 0) for j in range(len(second)))) for i, name in enumerate(first)
    ]
    return Panel(
        "types",
        "From which type to which",
        "Members whom both versions have placed; earlier types down, later types across.",
        (Column("Type", "text"), *(Column(name, "count") for name in second)),
        rows if placed else [],
    )
