"""One person's own picture: what the model in use makes of their answers."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from ml import norms
from ml.items import GLOBAL_FACTORS, SCALES, GlobalFactor, Scale
from ml.responses import quality_flags
from surveys.models import AnswerSheet, VisitorSheet
from surveys.services import models
from surveys.texts import MEANINGS, Text

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
    letter: str = ""
    """Of a scale; a global factor has none."""

    @property
    def sentences(self) -> tuple[Text, ...]:
        """What the position means and how it may show, as carefully as the interval asks for."""
        meaning = MEANINGS.get(self.letter)
        if meaning is None:
            return (self._in_short,)
        return meaning.high if self.low > MIDDLE else meaning.low if self.high < MIDDLE else meaning.middle

    @property
    def sentence(self) -> str:
        """The same in one piece."""
        return " ".join(str(sentence) for sentence in self.sentences)

    @property
    def _in_short(self) -> str:
        """One sentence from the words for both ends."""
        if self.low > MIDDLE:
            return _("Rather %(end)s.") % {"end": self.high_end}
        if self.high < MIDDLE:
            return _("Rather %(end)s.") % {"end": self.low_end}
        ends = {"low": self.low_end, "high": self.high_end}
        return _("Between two ways of being: %(low)s; and %(high)s.") % ends


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
    reliability: float
    """Share of the differences between people on the sixteen scales that is more than error, 0 to 1."""
    hints: tuple[str, ...]


def picture_of(*, sheet: AnswerSheet | VisitorSheet) -> Picture | None:
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
        reliability=float(np.clip(1 - np.mean(placed.scale_sd[0] ** 2), 0, 1)),
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
        Factor(of.name, float(percentile), float(low), float(high), of.low, of.high, getattr(of, "letter", ""))
        for of, percentile, low, high in zip(named, *percentiles, strict=True)
    ]
