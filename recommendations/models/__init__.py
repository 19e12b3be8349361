"""Who was shown to whom, what they said, and what came of it, one file for each idea."""

from recommendations.models.deferral import Deferral
from recommendations.models.experiment import Arm, Experiment
from recommendations.models.exposure import Exposure
from recommendations.models.impression import Impression, Interest, Label, SlotPolicy, Surface
from recommendations.models.match import Match
from recommendations.models.preference_version import PreferenceVersion
from recommendations.models.taste import Taste
from recommendations.models.verdict import SampleVerdict, Verdict, VerdictValue

__all__ = [
    "Arm",
    "Deferral",
    "Experiment",
    "Exposure",
    "Impression",
    "Interest",
    "Label",
    "Match",
    "PreferenceVersion",
    "SampleVerdict",
    "SlotPolicy",
    "Surface",
    "Taste",
    "Verdict",
    "VerdictValue",
]
