"""A training run's report as an administrator reads it: the JSON of the run, in the order of the page."""

from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from ml.items import ITEMS
from surveys import loadings
from surveys.charts import LineChart, line_chart
from surveys.loadings import HeatMap
from surveys.models import TrainingRun

CRITERIA = MappingProxyType(
    {
        "kaiser": "Kaiser’s criterion: eigenvalues above 1",
        "parallel": "Parallel analysis: eigenvalues above those of random answers",
        "map": "Velicer’s minimum average partial correlation",
        "halves": "The last number whose factors all come back in two halves of the people",
    }
)
# The eigenvalues beyond this many say nothing more, and are folded away.
SHOWN_EIGENVALUES = 40


@dataclass(frozen=True)
class LeftOut:
    """How many rows one cleaning rule left out."""

    reason: str
    respondents: int
    members: int


@dataclass(frozen=True)
class Factor:
    """One eigenvalue and what as many factors retain."""

    number: int
    eigenvalue: float
    common: float
    total: float
    is_kaiser: bool
    is_space: bool


@dataclass(frozen=True)
class TypeShare:
    """A personality type and how many belong to it, in percent."""

    name: str
    sentence: str
    percent: float


@dataclass(frozen=True)
class DataPage:
    """What was learnt from."""

    facts: tuple[tuple[str, str], ...]
    left_out: tuple[LeftOut, ...]

    @property
    def all_left_out(self) -> LeftOut:
        """All rows that were left out."""
        of_respondents = sum(row.respondents for row in self.left_out)
        return LeftOut("Together", of_respondents, sum(row.members for row in self.left_out))


@dataclass(frozen=True)
class Criterion:
    """What one criterion says about the number of factors; nothing when it could not be asked."""

    name: str
    number: int | None


@dataclass(frozen=True)
class FlaggedItem:
    """An item that works otherwise in some groups: shares of its variance, in percent."""

    text: str
    uniform: float
    other: float
    is_large: bool


@dataclass(frozen=True)
class Division:
    """What people were divided by, how many were in each group, and the items that work otherwise."""

    name: str
    sizes: tuple[tuple[str, str], ...]
    flagged: tuple[FlaggedItem, ...]


@dataclass(frozen=True)
class FactorsPage:
    """How many factors there are, and why."""

    kaiser: int
    k_space: int
    common: float
    total: float
    adequacy: float
    factors: tuple[Factor, ...]
    scree: LineChart
    criteria: tuple[Criterion, ...]
    halves: list[dict[str, Any]]

    @property
    def shown(self) -> tuple[Factor, ...]:
        """The factors that the page shows at once."""
        return self.factors[:SHOWN_EIGENVALUES]

    @property
    def folded(self) -> tuple[Factor, ...]:
        """The other factors."""
        return self.factors[SHOWN_EIGENVALUES:]


@dataclass(frozen=True)
class TypesPage:
    """How many types there are, and why."""

    k: int
    sentence: str
    per_k: list[dict[str, Any]]
    silhouette: LineChart
    sse: LineChart
    types: tuple[TypeShare, ...]


@dataclass(frozen=True)
class LoadingsPage:
    """What loads on what, or why that is not known."""

    items: HeatMap | None
    why_not: str
    globals_: HeatMap | None
    congruences: tuple[float, ...]


@dataclass(frozen=True)
class ReportPage:
    """The whole report; a run that ended early has only its first parts."""

    how: str
    data: DataPage | None
    factors: FactorsPage | None
    loadings: LoadingsPage | None
    types: TypesPage | None
    scales: list[dict[str, Any]]
    divisions: tuple[Division, ...]
    cut: float
    gates: list[dict[str, Any]]
    timings: tuple[tuple[str, float], ...]
    seconds: float


def page(run: TrainingRun) -> ReportPage:
    """Return what a run's report shows."""
    report = run.report
    timings = tuple(report.get("timings", {}).items())
    return ReportPage(
        how=report.get("how", ""),
        data=data(run),
        factors=_factors(report) if "eigenvalues" in report else None,
        loadings=_loadings(run) if "eigenvalues" in report else None,
        types=_types(report["types"]) if "types" in report else None,
        scales=report.get("scales", []),
        divisions=_divisions(report.get("differential_functioning", {})),
        cut=100 * report.get("differential_functioning", {}).get("cut", 0),
        gates=report.get("gates", []),
        timings=timings,
        seconds=sum(seconds for _, seconds in timings),
    )


def data(run: TrainingRun) -> DataPage | None:
    """Return who a run learnt from and who was left out; None for one that never came so far."""
    return _data(run.report) if "data" in run.report else None


def _data(report: dict[str, Any]) -> DataPage:
    """Return who was learnt from; the reference model's report counts its rows under `cleaning`."""
    data, cleaning = report["data"], report.get("cleaning", {})
    facts = [
        (
            "Seed dataset",
            data.get("seed") or (f"The published dataset, {cleaning['published']:,} rows" if cleaning else ""),
        ),
        ("Respondents learnt from", _number(data.get("respondents", data.get("people")))),
        (
            "Respondents, if minors’ rows were learnt from too",
            _number(data.get("respondents_with_minors", cleaning.get("with_minors"))),
        ),
        ("Members learnt from", _number(data.get("members", 0))),
        ("Weight of a respondent, where a member's is 1", f"{data.get('respondent_weight', 1.0):.3g}"),
        ("Adults, whose answers are the norms", _number(data.get("norms"))),
        ("Complete sheets", _number(data.get("complete"))),
        ("Missed answers", _number(data.get("missed_answers"))),
    ]
    of_respondents = data.get("left_out_respondents", cleaning.get("left_out", {}))
    of_members = data.get("left_out_members", {})
    left_out = [
        LeftOut(reason, of_respondents.get(reason, 0), of_members.get(reason, 0))
        for reason in dict.fromkeys([*of_respondents, *of_members])
    ]
    return DataPage(tuple((name, value) for name, value in facts if value), tuple(left_out))


def _factors(report: dict[str, Any]) -> FactorsPage:
    """Return eigenvalues and variance retained side by side."""
    kaiser, k_space = report["kaiser"], report["space"]["k"]
    factors = tuple(
        Factor(
            number=row["k"],
            eigenvalue=eigenvalue,
            common=100 * row["common"],
            total=100 * row["total"],
            is_kaiser=row["k"] == kaiser,
            is_space=row["k"] == k_space,
        )
        for eigenvalue, row in zip(report["eigenvalues"], report["variance_retained"], strict=True)
    )
    retention = report.get("retention", {})
    criteria = tuple(Criterion(name, _criterion(retention.get(key))) for key, name in CRITERIA.items() if retention)
    return FactorsPage(
        kaiser=kaiser,
        k_space=k_space,
        common=factors[k_space - 1].common,
        total=factors[k_space - 1].total,
        adequacy=report["correlations"]["kmo"],
        factors=factors,
        scree=_scree(factors[:SHOWN_EIGENVALUES], retention, {"Kaiser": kaiser, "Space": k_space}),
        criteria=criteria,
        halves=retention.get("halves", {}).get("per_k", []),
    )


def _scree(factors: tuple[Factor, ...], retention: dict[str, Any], marks: dict[str, int]) -> LineChart:
    """Return the chart of the eigenvalues with what each criterion says."""
    title = "Eigenvalue by number; the dashed line marks 1, Kaiser’s criterion"
    if retention:
        title += ", the thin one what random answers give"
        found = {"Parallel": retention["parallel"], "MAP": retention["map"], "Halves": retention["halves"]}
        marks = marks | {name: row["number"] for name, row in found.items() if row["number"]}
    return line_chart(
        title=title,
        values=[(factor.number, factor.eigenvalue) for factor in factors],
        decimals=1,
        level=1,
        compared=retention.get("parallel", {}).get("eigenvalues", [])[: len(factors)],
        # The largest number first: its words stand on top, and those of smaller ones do not cross its line.
        marks=dict(sorted(marks.items(), key=lambda mark: -mark[1])),
    )


def _criterion(found: dict[str, Any] | int | None) -> int | None:
    """Return the number that a criterion found."""
    return found["number"] if isinstance(found, dict) else found


def _divisions(functioning: dict[str, Any]) -> tuple[Division, ...]:
    """Return the items that work otherwise in some groups."""
    return tuple(
        Division(
            name=name,
            sizes=_largest_first(found["sizes"]),
            flagged=tuple(_flagged(item, found, functioning["large"]) for item in found["flagged"]),
        )
        for name, found in functioning.get("groups", {}).items()
    )


def _largest_first(sizes: dict[str, int]) -> tuple[tuple[str, str], ...]:
    """Return groups with how many people each has; the database keeps names in an order of its own."""
    return tuple((group, f"{size:,}") for group, size in sorted(sizes.items(), key=lambda each: (-each[1], each[0])))


def _flagged(item: int, found: dict[str, Any], large: float) -> FlaggedItem:
    """Return one flagged item."""
    uniform, other = found["uniform"][item], found["other"][item]
    return FlaggedItem(ITEMS[item].text, 100 * uniform, 100 * other, uniform + other >= large)


def _loadings(run: TrainingRun) -> LoadingsPage:
    """Return the loadings of the version that a run made, and those of the scales from its report."""
    globals_ = run.report.get("globals", [])
    version, why_not = loadings.version_of(run), loadings.missing(run)
    return LoadingsPage(
        items=None if why_not or version is None else loadings.of_items(version),
        why_not=why_not,
        globals_=loadings.of_scales(globals_),
        congruences=tuple(found["congruence"] for found in globals_),
    )


def _types(types: dict[str, Any]) -> TypesPage:
    """Return what was found for each number of types."""
    per_k = types["per_k"]
    return TypesPage(
        k=types["k"],
        sentence=types.get("sentence", ""),
        per_k=per_k,
        silhouette=line_chart(
            title="Silhouette by number of types; the thin line is one cloud without any groups",
            values=[(row["k"], row["silhouette"]) for row in per_k],
            decimals=2,
            compared=[row["silhouette_of_one_cloud"] for row in per_k],
        ),
        sse=line_chart(
            title="Sum of squared errors by number of types",
            values=[(row["k"], row["sse"]) for row in per_k],
            decimals=0,
        ),
        types=tuple(
            TypeShare(name, sentence, 100 * share)
            for (name, sentence), share in zip(types["names"], types["shares"], strict=True)
        ),
    )


def _number(value: int | None) -> str:
    """Return a count with separators, or nothing when it is not known."""
    return "" if value is None else f"{value:,}"
