"""Saving answers: one byte at a time, under the sheet's lock, so that nothing is overwritten and nothing lost."""

import logging
from collections.abc import Mapping

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


class AnsweredElsewhereError(Exception):
    """The statement was answered otherwise since the page was shown."""


def current_sheet(*, user: User) -> AnswerSheet:
    """Return the sheet that a person is filling in; the first call makes it."""
    return AnswerSheet.objects.get_or_create(user=user, is_current=True)[0]


def save_answer(*, user: User, item: int, value: int, seen: int | None = None, seconds: int = 0) -> AnswerSheet:
    """Save one answer; 0 takes it back. With `seen` it is saved only over what the page had shown.

    Raises
    ------
    AnswerRefusedError
        When there is no such item or no such answer.
    AnsweredElsewhereError
        When another answer was given since, on another device or in another tab; that one is kept.
    """
    known = {} if seen is None else {item: seen}
    sheet, elsewhere = save_answers(user=user, values={item: value}, seen=known, seconds=seconds)
    if elsewhere:
        raise AnsweredElsewhereError
    return sheet


def save_answers(
    *, user: User, values: Mapping[int, int], seen: Mapping[int, int] | None = None, seconds: int = 0
) -> tuple[AnswerSheet, list[int]]:
    """Save several answers at once, all that can be saved; return the sheet and what was answered elsewhere since.

    Raises
    ------
    AnswerRefusedError
        When there is no such item or no such answer; then nothing is saved.
    """
    if not all(0 <= item < N_ITEMS for item in values):
        raise AnswerRefusedError(f"Items are numbered from 0 to {N_ITEMS - 1}.")
    if not all(MISSED <= value <= HIGHEST_ANSWER for value in values.values()):
        raise AnswerRefusedError("An answer is a number from 1 to 5, or 0 to take it back.")
    current_sheet(user=user)
    with transaction.atomic():
        sheet = AnswerSheet.objects.select_for_update().get(user=user, is_current=True)
        answers, known = bytearray(sheet.answers), seen or {}
        changed = {item: value for item, value in values.items() if answers[item] != value}
        elsewhere = [item for item in changed if answers[item] != known.get(item, answers[item])]
        for item in changed.keys() - set(elsewhere):
            answers[item] = changed[item]
        if len(elsewhere) == len(changed):
            return sheet, elsewhere
        sheet.answers = bytes(answers)
        sheet.n_answered = N_ITEMS - answers.count(MISSED)
        sheet.seconds += min(max(seconds, 0), LONGEST_PAUSE)
        sheet.revision += 1
        sheet.save(update_fields=["answers", "n_answered", "seconds", "revision", "changed_at"])
    _place_now(sheet)
    return sheet, elsewhere


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
        # A savepoint: within a larger transaction its error must not take the answer along.
        with transaction.atomic():
            placing.place_sheet(sheet=sheet)
    except Exception:
        logger.exception("Sheet %s was saved but not placed; the sweep will do it.", sheet.pk)
