"""Every table of a training's report with all its digits, by the name under which it is downloaded."""

from collections.abc import Callable
from typing import Any

from ml.items import GLOBAL_FACTORS, ITEMS, SCALES
from surveys import loadings, reports
from surveys.models import TrainingRun
from surveys.tables import Table

Report = dict[str, Any]


def find(run: TrainingRun, slug: str) -> Table | None:
    """Return one table of a run; None when there is none of that name, or the run never came so far."""
    if slug == "loadings":
        version = loadings.version_of(run)
        return None if version is None or loadings.missing(run) else loadings.table_of_items(version)
    if slug in ("data", "left-out"):
        return _data(run, slug)
    part, make = TABLES.get(slug, ("", None))
    return make(slug, run.report) if make is not None and run.report.get(part) else None


def _data(run: TrainingRun, slug: str) -> Table | None:
    data = reports.data(run)
    if data is None:
        return None
    if slug == "data":
        return Table(slug, ("What", "Number"), data.facts)
    rows = [(row.reason, row.respondents, row.members) for row in (*data.left_out, data.all_left_out)]
    return Table(slug, ("Reason", "Respondents", "Members"), rows)


def _eigenvalues(slug: str, report: Report) -> Table:
    by_chance = report.get("retention", {}).get("parallel", {}).get("eigenvalues", [])
    rows = [
        (row["k"], value, by_chance[i] if i < len(by_chance) else None, row["common"], row["total"])
        for i, (value, row) in enumerate(zip(report["eigenvalues"], report["variance_retained"], strict=True))
    ]
    return Table(slug, ("Factors", "Eigenvalue", "Of random answers", "Common variance", "All variance"), rows)


def _criteria(slug: str, report: Report) -> Table:
    found = report["retention"]
    numbers = {key: one["number"] if isinstance(one, dict) else one for key, one in found.items()}
    return Table(slug, ("Criterion", "Factors"), [(name, numbers.get(key)) for key, name in reports.CRITERIA.items()])


def _halves(slug: str, report: Report) -> Table:
    rows = [(row["k"], row["least"], row["mean"]) for row in report["retention"].get("halves", {}).get("per_k", [])]
    return Table(slug, ("Factors", "Least congruence", "Mean congruence"), rows)


def _globals(slug: str, report: Report) -> Table:
    rows = [[scale.name, *(found["loadings"][i] for found in report["globals"])] for i, scale in enumerate(SCALES)]
    congruences = ["Congruence with theory", *(found["congruence"] for found in report["globals"])]
    return Table(slug, ["Scale", *(factor.name for factor in GLOBAL_FACTORS)], [*rows, congruences])


def _types(slug: str, report: Report) -> Table:
    keys = ("k", "silhouette", "silhouette_of_one_cloud", "sse", "stability")
    rows = [
        [*(row[key] for key in keys), "chosen" if row["k"] == report["types"]["k"] else None]
        for row in report["types"]["per_k"]
    ]
    return Table(slug, ("k", "Silhouette", "Silhouette of one cloud", "SSE", "Stability", "Chosen"), rows)


def _shares(slug: str, report: Report) -> Table:
    types = report["types"]
    rows = [(*words, share) for words, share in zip(types["names"], types["shares"], strict=True)]
    return Table(slug, ("Type", "Description", "Share"), rows)


def _scales(slug: str, report: Report) -> Table:
    rows = [(scale["letter"], scale["name"], scale["alpha"], scale["omega"]) for scale in report["scales"]]
    return Table(slug, ("Letter", "Scale", "Cronbach's alpha", "Omega total"), rows)


def _functioning(slug: str, report: Report) -> Table:
    rows = [
        (name, ITEMS[item].text, found["uniform"][item], found["other"][item])
        for name, found in report["differential_functioning"].get("groups", {}).items()
        for item in found["flagged"]
    ]
    return Table(slug, ("Divided by", "Item", "Level", "Strength"), rows)


def _gates(slug: str, report: Report) -> Table:
    rows = [
        (gate["name"], gate["candidate"], gate["in_use"], gate["needed"], "passed" if gate["is_passed"] else "refused")
        for gate in report["gates"]
    ]
    return Table(slug, ("Figure", "Candidate", "In use", "Needed", "Outcome"), rows)


def _timings(slug: str, report: Report) -> Table:
    return Table(slug, ("Step", "Seconds"), list(report["timings"].items()))


# By name: the part of the report that must be there, and what makes a table of it.
TABLES: dict[str, tuple[str, Callable[[str, Report], Table]]] = {
    "eigenvalues": ("eigenvalues", _eigenvalues),
    "criteria": ("retention", _criteria),
    "halves": ("retention", _halves),
    "global-loadings": ("globals", _globals),
    "number-of-types": ("types", _types),
    "types": ("types", _shares),
    "scales": ("scales", _scales),
    "items-in-groups": ("differential_functioning", _functioning),
    "gates": ("gates", _gates),
    "timings": ("timings", _timings),
}
