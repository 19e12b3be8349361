"""Models that several tests look at; training them once is enough."""

import numpy as np
import pytest
from numpy.typing import NDArray

from ml import artifacts, pipeline
from ml.measurement import MeasurementModel
from tests.ml.planted import QUICK, planted_answers

Population = tuple[NDArray[np.int8], NDArray[np.float64]]


@pytest.fixture(scope="session")
def population() -> Population:
    """Two thousand people with known factors, a few answers missed."""
    return planted_answers(2_000, np.random.default_rng(7), missing=0.01)


@pytest.fixture(scope="session")
def planted_model(population: Population) -> MeasurementModel:
    """The model that the planted people give."""
    return pipeline.train_measurement(population[0], config=QUICK)


@pytest.fixture(scope="session")
def reference() -> MeasurementModel:
    """The model that ships with the project."""
    return artifacts.load_reference()
