"""What a learning run found, for its page in admin."""

from dataclasses import dataclass, fields
from types import MappingProxyType
from typing import Any

from accounts.models import Purpose
from ml.items import SCALES
from recommendations.models import PreferenceVersion
from surveys.models import TrainingRun
from surveys.tables import Table

# What the parts of a population are about, in logits of a like.
WORDS = MappingProxyType(
    {
        "intercept": "Where everything else is average",
        "likeness": "Likeness of the pair",
        "level_out": "Who likes is higher",
        "level_in": "Who is judged is higher",
        "product": "Both high or both low",
        "difference": "Square of the difference",
        "taste_variance": "Spread of tastes",
    }
)
SPREAD = (("Spread of generosity", 0, 0), ("Spread of appeal", 1, 1), ("Generosity with appeal", 0, 1))


@dataclass(frozen=True)
class PurposeRow:
    """What was found for one purpose; without a comparison, where there was too little to compare."""

    purpose: str
    verdicts: int
    likes: int
    outcome: str
    auc: float | None = None
    auc_of_likeness: float | None = None
    difference: float | None = None
    low: float | None = None
    high: float | None = None
    n_compared: int | None = None
    gates: tuple[dict[str, Any], ...] = ()
    """How it fared beside the model in use."""


def purposes(run: TrainingRun) -> list[PurposeRow]:
    """Return what a run learned of each purpose; nothing for a run of another kind."""
    return [
        PurposeRow(
            purpose=str(Purpose(purpose).label),
            verdicts=found["verdicts"],
            likes=found["likes"],
            outcome=found.get("reason", "Learned."),
            gates=tuple(found.get("gates", ())),
            **_comparison(found.get("held_out")),
        )
        for purpose, found in run.report.get("purposes", {}).items()
    ]


def _comparison(held_out: dict[str, Any] | None) -> dict[str, Any]:
    """Return the figures of a comparison with likeness, by the names of the row."""
    if held_out is None:
        return {}
    difference, low, high = held_out["difference"]
    figures = {name: held_out[name] for name in ("auc", "auc_of_likeness")}
    return figures | {"difference": difference, "low": low, "high": high, "n_compared": held_out["verdicts"]}


@dataclass(frozen=True)
class Weight:
    """What one term of the model counts for one purpose."""

    purpose: str
    term: str
    value: float


def weights_of(version: PreferenceVersion) -> list[Weight]:
    """Return everything that a version's population shares, purpose by purpose."""
    return [
        Weight(str(Purpose(purpose).label), term, value)
        for purpose, stored in version.weights.items()
        for name, values in stored.items()
        for term, value in _terms(name, values)
    ]


def largest_weights(run: TrainingRun, n: int = 12) -> list[Weight]:
    """Return the largest weights that a run learned for each purpose; nothing for a run that made no version."""
    version = getattr(run, "preference_version", None)
    weights = [] if version is None else weights_of(version)
    purposes_ = dict.fromkeys(weight.purpose for weight in weights)
    return [
        weight
        for purpose in purposes_
        for weight in sorted((one for one in weights if one.purpose == purpose), key=lambda one: -abs(one.value))[:n]
    ]


def table(run: TrainingRun, slug: str) -> Table | None:
    """Return one table of what a run learned; None where it learned nothing of the kind."""
    if slug == "purposes":
        found = purposes(run)
        columns = [field.name.replace("_", " ").capitalize() for field in fields(PurposeRow) if field.name != "gates"]
        rows = [[value for name, value in vars(row).items() if name != "gates"] for row in found]
        return Table(slug, columns, rows) if rows else None
    if slug == "learned-gates":
        gates = [(row.purpose, gate) for row in purposes(run) for gate in row.gates]
        keys = ("name", "candidate", "in_use", "needed")
        outcomes = [(purpose, *(gate[key] for key in keys), _outcome(gate)) for purpose, gate in gates]
        return Table(slug, ("Purpose", "Figure", "Candidate", "In use", "At least", "Outcome"), outcomes)
    version = getattr(run, "preference_version", None)
    if slug == "weights" and version is not None:
        return Table(slug, ("Purpose", "Term", "Weight"), [(w.purpose, w.term, w.value) for w in weights_of(version)])
    return None


def _outcome(gate: dict[str, Any]) -> str:
    return "passed" if gate["is_passed"] else "refused"


def _terms(name: str, values: Any) -> list[tuple[str, float]]:
    """Return the numbers of one part of a population, each with words for it."""
    if name == "covariance":
        return [(word, values[i][j]) for word, i, j in SPREAD]
    if isinstance(values, list):
        return [(f"{WORDS[name]}: {trait}", value) for trait, value in zip(_traits(len(values)), values, strict=True)]
    return [(WORDS[name], values)]


def _traits(n: int) -> list[str]:
    """Return the names of the scales, or numbers where a version knew something else of people."""
    return [scale.name for scale in SCALES] if n == len(SCALES) else [f"factor {number}" for number in range(1, n + 1)]
