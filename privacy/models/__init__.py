"""Exports that people asked for."""

from privacy.models.export import Export

__all__ = ["Export"]
