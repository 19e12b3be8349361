"""What a learning run found, for its page in admin."""

from dataclasses import dataclass
from typing import Any

from accounts.models import Purpose
from surveys.models import TrainingRun


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
