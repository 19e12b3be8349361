"""Answers, models and places, one file for each idea."""

from surveys.models.answers import AnswerSheet
from surveys.models.measurement import MeasurementVersion, Placement
from surveys.models.seed import Respondent, SeedImport
from surveys.models.sharing import Comparison, SharedPicture
from surveys.models.training import TrainingRun
from surveys.models.visitor import VisitorSheet

__all__ = [
    "AnswerSheet",
    "Comparison",
    "MeasurementVersion",
    "Placement",
    "Respondent",
    "SeedImport",
    "SharedPicture",
    "TrainingRun",
    "VisitorSheet",
]
