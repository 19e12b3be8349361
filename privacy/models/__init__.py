"""Exports that people asked for, and who was told that their account will go."""

from privacy.models.dormancy import Dormancy
from privacy.models.export import Export

__all__ = ["Dormancy", "Export"]
