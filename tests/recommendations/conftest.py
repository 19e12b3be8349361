"""Fixtures for people and matches."""

import pytest

from surveys.models import MeasurementVersion
from tests.population import make_active_versions


@pytest.fixture
def version(db: None) -> MeasurementVersion:
    """The published measurement version: the reference model."""
    return make_active_versions()
