"""One person's own picture: what the model in use makes of their answers."""

from dataclasses import dataclass

import numpy as np

from ml.items import GLOBAL_FACTORS, SCALES, GlobalFactor, Scale
from ml.responses import quality_flags
from surveys.models import AnswerSheet
from surveys.services import models

MIDDLE = 50.0


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
        factors=[
            _factor(scale, *numbers)
            for scale, *numbers in zip(SCALES, placed.percentile[0], placed.low[0], placed.high[0], strict=True)
        ],
        globals=[
            _factor(factor, *numbers)
            for factor, *numbers in zip(
                GLOBAL_FACTORS, placed.global_percentile[0], placed.global_low[0], placed.global_high[0], strict=True
            )
        ],
        type_name=name,
        type_description=description,
        typicality=float(placed.typicality[0]),
        sharpness=float(model.sharpness(answers > 0)),
        hints=quality_flags(answers, sheet.seconds or None),
    )


def _factor(of: Scale | GlobalFactor, percentile: float, low: float, high: float) -> Factor:
    """Return one factor with its numbers."""
    return Factor(of.name, float(percentile), float(low), float(high), of.low, of.high)
