"""Which statement comes next, and how far a person is."""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from django.conf import settings

from ml.items import ITEMS, N_ITEMS, Item
from surveys.models import AnswerSheet
from surveys.services import models

ANSWER_WORDS = ("strongly disagree", "disagree", "neither agree nor disagree", "agree", "strongly agree")
# Until a person's own pace is known.
USUAL_SECONDS = 6.0
ENOUGH_FOR_A_PACE = 10


@dataclass(frozen=True)
class Progress:
    """How far a person is, as the survey page says it."""

    n_answered: int
    n_items: int
    n_until_shown: int
    minutes_left: int
    sharpness: float | None


def item(index: int) -> Item:
    """Return a statement by its index."""
    return ITEMS[index]


def next_item(*, sheet: AnswerSheet, skipped: Collection[int] = ()) -> int | None:
    """Return the statement to ask next, or None when all are answered.

    The most informative one for the model in use, else the next of the bank; what was skipped comes last.
    """
    answered = answered_mask(sheet)
    if answered.all():
        return None
    left_out = answered.copy()
    left_out[list(skipped)] = True
    if left_out.all():
        left_out = answered
    version = models.active_version()
    if version is None:
        return int(np.flatnonzero(~left_out)[0])
    # Skipped ones tell the model nothing, but must not be asked again yet: take the best of those that remain.
    ranked = models.model_of(version).next_items(answered, n=1 + int((left_out & ~answered).sum()))
    return next(int(index) for index in ranked if not left_out[index])


def progress_of(*, sheet: AnswerSheet) -> Progress:
    """Return how far a person is, in minutes of their own pace."""
    version = models.active_version()
    n_left = N_ITEMS - sheet.n_answered
    pace = sheet.seconds / sheet.n_answered if sheet.n_answered >= ENOUGH_FOR_A_PACE else USUAL_SECONDS
    return Progress(
        n_answered=sheet.n_answered,
        n_items=N_ITEMS,
        n_until_shown=max(settings.SHOWN_FROM_ANSWERS - sheet.n_answered, 0),
        minutes_left=round(n_left * pace / 60),
        sharpness=models.model_of(version).sharpness(answered_mask(sheet)) if version else None,
    )


def answered_mask(sheet: AnswerSheet) -> np.ndarray:
    """Return which statements are answered."""
    return np.frombuffer(bytes(sheet.answers), dtype=np.int8) > 0
