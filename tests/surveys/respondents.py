"""Builders of a seed dataset, and the training that tests can afford."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from accounts.models import Consent, User
from ml import artifacts, synthetic
from ml.pipeline import TrainingConfig
from surveys.models import Respondent, SeedImport
from tests.builders import make_member, make_sheet

SMALL = TrainingConfig(n_axes=(10,), n_types_fit=300, n_silhouette=100, n_bootstraps=1, n_label_pairs=100)


def draw_answers(n: int, *, seed: int = 0) -> NDArray[np.int8]:
    """Return answers as the reference model's people give them."""
    return synthetic.sample_answers(artifacts.load_reference(), n, np.random.default_rng(seed))


def make_respondents(
    n: int = 300, *, answers: NDArray[np.int8] | None = None, seed: int = 0, age: int = 30, elapsed: int = 900
) -> SeedImport:
    """Return an import of respondents who took care."""
    sheets = draw_answers(n, seed=seed) if answers is None else answers
    seed_import = SeedImport.objects.create(
        kind=SeedImport.Kind.SYNTHETIC, source="a test", sha256="0" * 64, n_respondents=len(sheets), counts={}
    )
    Respondent.objects.bulk_create(
        Respondent(
            seed_import=seed_import,
            row=row,
            answers=sheet.tobytes(),
            age=age,
            gender=2,
            accuracy=90,
            country="",
            source=1,
            elapsed=elapsed,
        )
        for row, sheet in enumerate(sheets, start=1)
    )
    return seed_import


def shuffled(answers: NDArray[np.int8]) -> NDArray[np.int8]:
    """Return answers of which each column was shuffled by itself: every item as before, and nothing related."""
    return np.random.default_rng(0).permuted(answers, axis=0)


def make_teacher(*, seed: int, n_answered: int = 163, **fields: Any) -> User:
    """Return a member who lets their answers help to train the model."""
    user = make_member(**fields)
    Consent.objects.create(user=user, kind=Consent.Kind.TRAINING, is_given=True)
    answers = draw_answers(1, seed=seed)[0]
    answers[n_answered:] = 0
    make_sheet(user, answers=answers.tobytes())
    return user
