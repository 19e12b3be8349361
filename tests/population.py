"""Builders that need a published model: people whose place was found by the reference model."""

from typing import Any

import numpy as np

from accounts.models import Purpose, User
from ml import artifacts, synthetic
from recommendations.services import publishing
from surveys.models import MeasurementVersion
from surveys.services import placing, training
from tests.builders import make_member, make_preference, make_sheet


def make_active_versions() -> MeasurementVersion:
    """Return the reference model, installed and published with a preference version of likeness only."""
    version = training.install_reference()
    publishing.publish(measurement_version=version)
    version.refresh_from_db()
    return version


def make_placed_member(*, seed: int = 0, n_answered: int = 163, purpose: str = Purpose.FRIEND, **fields: Any) -> User:
    """Return a member with one purpose whose answers, drawn from the reference model, have a place."""
    user = make_member(**fields)
    make_preference(user, purpose=purpose)
    answers = synthetic.sample_answers(artifacts.load_reference(), 1, np.random.default_rng(seed))[0]
    answers[n_answered:] = 0
    placing.place_sheet(sheet=make_sheet(user, answers=answers.tobytes()))
    return user
