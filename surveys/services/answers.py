"""Saving answers: one byte at a time, under the sheet's lock, so that nothing is overwritten and nothing lost."""

import logging

from django.db import transaction

from accounts.models import User
from accounts.services import changes
from ml.items import N_ITEMS
from surveys.models import AnswerSheet
from surveys.services import placing

logger = logging.getLogger(__name__)

MISSED = 0
HIGHEST_ANSWER = 5
# A pause longer than this was not spent on the question.
LONGEST_PAUSE = 300


class AnswerRefusedError(ValueError):
    """The answer is none that the survey has."""


def current_sheet(*, user: User) -> AnswerSheet:
    """Return the sheet that a person is filling in; the first call makes it."""
    return AnswerSheet.objects.get_or_create(user=user, is_current=True)[0]


def save_answer(*, user: User, item: int, value: int, seconds: int = 0) -> AnswerSheet:
    """Save one answer; 0 takes it back.

    Raises
    ------
    AnswerRefusedError
        When there is no such item or no such answer.
    """
    if not 0 <= item < N_ITEMS:
        raise AnswerRefusedError("There is no such question.")
    if not MISSED <= value <= HIGHEST_ANSWER:
        raise AnswerRefusedError("An answer is a number from 1 to 5, or 0 to take it back.")
    current_sheet(user=user)
    with transaction.atomic():
        sheet = AnswerSheet.objects.select_for_update().get(user=user, is_current=True)
        answers = bytearray(sheet.answers)
        if answers[item] == value:
            return sheet
        answers[item] = value
        sheet.answers = bytes(answers)
        sheet.n_answered = N_ITEMS - answers.count(MISSED)
        sheet.seconds += min(max(seconds, 0), LONGEST_PAUSE)
        sheet.revision += 1
        sheet.save(update_fields=["answers", "n_answered", "seconds", "revision", "changed_at"])
    _place_now(sheet)
    return sheet


def retake(*, user: User) -> AnswerSheet:
    """Begin a new sheet; the former one stays the person's own."""
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)
        AnswerSheet.objects.filter(user=user, is_current=True).update(is_current=False)
        changes.note(user.pk)
        return AnswerSheet.objects.create(user=user)


def _place_now(sheet: AnswerSheet) -> None:
    """Place a sheet at once; the answer is saved whatever comes of it, and the sweep finds a stale place."""
    try:
        placing.place_sheet(sheet=sheet)
    except Exception:
        logger.exception("Sheet %s was saved but not placed; the sweep will do it.", sheet.pk)
