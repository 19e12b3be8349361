"""A training run's report as an administrator reads it: the JSON of the run, in the order of the page."""

from dataclasses import dataclass
from typing import Any

from surveys.charts import LineChart, line_chart
from surveys.models import TrainingRun

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
class ReportPage:
    """The whole report; a run that ended early has only its first parts."""

    how: str
    data: DataPage | None
    factors: FactorsPage | None
    types: TypesPage | None
    scales: list[dict[str, Any]]
    timings: tuple[tuple[str, float], ...]
    seconds: float


def page(run: TrainingRun) -> ReportPage:
    """Return what a run's report shows."""
    report = run.report
    timings = tuple(report.get("timings", {}).items())
    return ReportPage(
        how=report.get("how", ""),
        data=_data(report) if "data" in report else None,
        factors=_factors(report) if "eigenvalues" in report else None,
        types=_types(report["types"]) if "types" in report else None,
        scales=report.get("scales", []),
        timings=timings,
        seconds=sum(seconds for _, seconds in timings),
    )


def _data(report: dict[str, Any]) -> DataPage:
    """Return who was learnt from; the reference model's report counts its rows under `cleaning`."""
    data, cleaning = report["data"], report.get("cleaning", {})
    facts = [
        (
            "Seed dataset",
            data.get("seed") or (f"The published dataset, {cleaning['published']:,} rows" if cleaning else ""),
        ),
        ("Respondents learnt from", _number(data.get("respondents", data.get("people")))),
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
    return FactorsPage(
        kaiser=kaiser,
        k_space=k_space,
        common=factors[k_space - 1].common,
        total=factors[k_space - 1].total,
        adequacy=report["correlations"]["kmo"],
        factors=factors,
        scree=line_chart(
            title="Eigenvalue by number; the line marks 1, Kaiser's criterion",
            values=[(factor.number, factor.eigenvalue) for factor in factors[:SHOWN_EIGENVALUES]],
            decimals=1,
            level=1,
        ),
    )


def _types(types: dict[str, Any]) -> TypesPage:
    """Return what was found for each number of types."""
    per_k = types["per_k"]
    return TypesPage(
        k=types["k"],
        sentence=types.get("sentence", ""),
        per_k=per_k,
        silhouette=line_chart(
            title="Silhouette by number of types",
            values=[(row["k"], row["silhouette"]) for row in per_k],
            decimals=2,
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
