"""One person's own picture: what the model in use makes of their answers."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ml import norms
from ml.items import GLOBAL_FACTORS, SCALES, GlobalFactor, Scale
from ml.responses import quality_flags
from surveys.models import AnswerSheet
from surveys.services import models

MIDDLE = 50.0
# Standard deviations to either side of a normal distribution's mean that hold 90 % of it.
NINETY_PERCENT = 1.645


@dataclass(frozen=True)
class Factor:
    """Where a person stands on one factor, in percentiles of adults, with the 90 % interval."""

    name: str
    percentile: float
    low: float
    high: float
    low_end: str
    high_end: str

    @property
    def sentence(self) -> str:
        """What the position means, as carefully as the interval asks for."""
        if self.low > MIDDLE:
            return f"Rather {self.high_end}."
        if self.high < MIDDLE:
            return f"Rather {self.low_end}."
        return f"Between two ways of being: {self.low_end}; and {self.high_end}."


@dataclass(frozen=True)
class Picture:
    """Everything the picture page shows."""

    n_answered: int
    factors: list[Factor]
    globals: list[Factor]
    type_name: str
    type_description: str
    typicality: float
    sharpness: float
    hints: tuple[str, ...]


def picture_of(*, sheet: AnswerSheet) -> Picture | None:
    """Return the picture of a sheet, or None when nothing is answered or no model is in use."""
    version = models.active_version()
    if version is None or sheet.n_answered == 0:
        return None
    model = models.model_of(version)
    answers = np.frombuffer(bytes(sheet.answers), dtype=np.int8)
    placed = model.place(answers[None, :])
    name, description = model.type_names[int(placed.types[0])]
    return Picture(
        n_answered=sheet.n_answered,
        factors=_factors(SCALES, placed.scales[0], placed.scale_sd[0], model.scale_quantiles),
        globals=_factors(
            GLOBAL_FACTORS,
            placed.globals_[0],
            np.sqrt(model.global_weights**2 @ placed.scale_sd[0] ** 2),
            model.global_quantiles,
        ),
        type_name=name,
        type_description=description,
        typicality=float(placed.typicality[0]),
        sharpness=float(model.sharpness(answers > 0)),
        hints=quality_flags(answers, sheet.seconds or None),
    )


def _factors(
    named: Sequence[Scale | GlobalFactor],
    values: NDArray[np.float64],
    deviations: NDArray[np.float64],
    quantiles: NDArray[np.float64],
) -> list[Factor]:
    """Return factors with the interval that nine of ten repetitions of the survey would fall into."""
    rows = [values, values - NINETY_PERCENT * deviations, values + NINETY_PERCENT * deviations]
    percentiles = [norms.percentile_of(row[None, :], quantiles)[0] for row in rows]
    return [
        Factor(of.name, float(percentile), float(low), float(high), of.low, of.high)
        for of, percentile, low, high in zip(named, *percentiles, strict=True)
    ]
