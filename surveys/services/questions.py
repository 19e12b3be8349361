"""Which statement comes next, and how far a person is."""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from allauth.account.models import EmailAddress
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from ml.items import ITEMS, N_ITEMS, Item
from ml.responses import quality_flags
from surveys.models import AnswerSheet, VisitorSheet
from surveys.services import models

ANSWER_WORDS = (
    _("strongly disagree"),
    _("disagree"),
    _("neither agree nor disagree"),
    _("agree"),
    _("strongly agree"),
)
# Until a person's own pace is known.
USUAL_SECONDS = 6.0
# So many statements stand on the page that asks several at once, and so far ahead is said how sharp the picture gets.
STEP = 10
ENOUGH_FOR_A_PACE = 10


@dataclass(frozen=True)
class Progress:
    """How far a person is, as the survey page says it."""

    n_answered: int
    n_items: int
    n_until_sketch: int
    n_until_shown: int
    minutes_left: int
    sharpness: float | None
    sharpness_soon: float | None
    """After the next ten answers; None where no ten are left."""
    hints: tuple[str, ...]
    """What is unusual about the answers, for this person alone."""


def item(index: int) -> Item:
    """Return a statement by its index."""
    return ITEMS[index]


def next_item(*, sheet: AnswerSheet | VisitorSheet, skipped: Collection[int] = ()) -> int | None:
    """Return the statement to ask next, or None when all are answered."""
    return next(iter(next_items(sheet=sheet, skipped=skipped, n=1)), None)


def next_items(*, sheet: AnswerSheet | VisitorSheet, skipped: Collection[int] = (), n: int) -> list[int]:
    """Return up to n statements to ask next.

    The most informative ones for the model in use, else the next of the bank; what was skipped comes last.
    """
    answered = answered_mask(sheet)
    is_skipped = np.zeros(N_ITEMS, dtype=bool)
    is_skipped[list(skipped)] = True
    version, n_skipped = models.active_version(), int((is_skipped & ~answered).sum())
    if version is None:
        ranked = np.flatnonzero(~answered)
    else:
        # Skipped ones tell the model nothing, but must not be asked again yet: as many more are ranked.
        ranked = models.model_of(version).next_items(answered, n=min(n + n_skipped, int((~answered).sum())))
    order = np.argsort(is_skipped[ranked], kind="stable")
    return [int(index) for index in ranked[order][:n]]


def progress_of(*, sheet: AnswerSheet) -> Progress:
    """Return how far a person is, in minutes of their own pace."""
    version = models.active_version()
    answered, n_left = answered_mask(sheet), N_ITEMS - sheet.n_answered
    pace = sheet.seconds / sheet.n_answered if sheet.n_answered >= ENOUGH_FOR_A_PACE else USUAL_SECONDS
    sharpness = soon = None
    if version is not None:
        model = models.model_of(version)
        sharpness = model.sharpness(answered)
        if n_left >= STEP:
            later = answered.copy()
            later[model.next_items(answered, n=STEP)] = True
            soon = model.sharpness(later)
    return Progress(
        n_answered=sheet.n_answered,
        n_items=N_ITEMS,
        n_until_sketch=max(settings.SKETCH_FROM_ANSWERS - sheet.n_answered, 0),
        n_until_shown=max(settings.SHOWN_FROM_ANSWERS - sheet.n_answered, 0),
        minutes_left=round(n_left * pace / 60),
        sharpness=sharpness,
        sharpness_soon=soon,
        hints=quality_flags(np.frombuffer(bytes(sheet.answers), dtype=np.int8), sheet.seconds or None),
    )


def may_sketch(*, user: User) -> bool:
    """Whether a person may see a first list before others can find them: 20 answers and a confirmed e-mail address."""
    enough = AnswerSheet.objects.filter(
        user=user, is_current=True, n_answered__gte=settings.SKETCH_FROM_ANSWERS
    ).exists()
    return enough and EmailAddress.objects.filter(user=user, verified=True).exists()


def answered_mask(sheet: AnswerSheet | VisitorSheet) -> np.ndarray:
    """Return which statements are answered."""
    return np.frombuffer(bytes(sheet.answers), dtype=np.int8) > 0
