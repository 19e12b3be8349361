"""Answering before signing up: the answers hang on a secret of the browser until an account claims them."""

import datetime
import hashlib
import secrets

from django.core.cache import cache
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from ml.items import N_ITEMS
from surveys.models import VisitorSheet
from surveys.models.visitor import LASTS
from surveys.services import answers
from surveys.services.answers import HIGHEST_ANSWER, LONGEST_PAUSE, MISSED, AnswerRefusedError

# So much tells a visitor what the survey is like; for more they sign up.
MOST_ANSWERS = 20
SHEETS_AN_HOUR = 30
TOKEN_BYTES = 24


class TooManySheetsError(Exception):
    """One address has begun too many sheets within an hour."""


class EnoughAnswersError(Exception):
    """A visitor has answered as much as can be kept without an account."""


def sheet_of(token: str | None) -> VisitorSheet:
    """Return the sheet of a visitor's secret; an empty one that is not saved for who has none."""
    if token:
        since = timezone.now() - LASTS
        found = VisitorSheet.objects.filter(token_digest=_digest(token), started_at__gt=since).first()
        if found is not None:
            return found
    return VisitorSheet()


def begun(*, token: str | None, address: str) -> str:
    """Return the secret of a sheet that is there: the one given, or that of a new sheet.

    Raises
    ------
    TooManySheetsError
        When too many sheets were begun from one address.
    """
    if token is not None and sheet_of(token).pk is not None:
        return token
    _count_sheet(address)
    token = secrets.token_urlsafe(TOKEN_BYTES)
    VisitorSheet.objects.create(token_digest=_digest(token))
    return token


def save_answer(*, token: str | None, item: int, value: int, seconds: int, address: str) -> str:
    """Save one answer and return the secret, a new one with the first answer; 0 takes an answer back.

    Raises
    ------
    AnswerRefusedError
        When there is no such item or no such answer.
    EnoughAnswersError
        When this would be one answer more than a visitor may give.
    TooManySheetsError
        When too many sheets were begun from one address.
    """
    if not 0 <= item < N_ITEMS or not MISSED <= value <= HIGHEST_ANSWER:
        raise AnswerRefusedError("There is no such statement or no such answer.")
    token = begun(token=token, address=address)
    with transaction.atomic():
        sheet = VisitorSheet.objects.select_for_update().get(token_digest=_digest(token))
        given = bytearray(sheet.answers)
        if not given[item] and value and sheet.n_answered >= MOST_ANSWERS:
            raise EnoughAnswersError
        given[item] = value
        sheet.answers, sheet.n_answered = bytes(given), N_ITEMS - given.count(MISSED)
        sheet.seconds += min(max(seconds, 0), LONGEST_PAUSE)
        sheet.save(update_fields=["answers", "n_answered", "seconds"])
    return token


def claim(*, user: User, token: str) -> int:
    """Move a visitor's answers to a person's sheet, where that has none yet; return how many came over.

    A second time there is nothing left to claim.
    """
    with transaction.atomic():
        since = timezone.now() - LASTS
        waiting = VisitorSheet.objects.select_for_update().filter(token_digest=_digest(token), started_at__gt=since)
        sheet = waiting.first()
        if sheet is None:
            return 0
        own = bytes(answers.current_sheet(user=user).answers)
        given = {item: value for item, value in enumerate(bytes(sheet.answers)) if value and own[item] == MISSED}
        answers.save_answers(user=user, values=given, seen=dict.fromkeys(given, MISSED), seconds=sheet.seconds)
        sheet.delete()
    return len(given)


def forget(*, now: datetime.datetime) -> int:
    """Drop what nobody claimed in time; return how many sheets that were."""
    return VisitorSheet.objects.filter(started_at__lte=now - LASTS).delete()[0]


def _digest(token: str) -> str:
    """Return what the database keeps of a secret."""
    return hashlib.sha256(token.encode()).hexdigest()


def _count_sheet(address: str) -> None:
    """Count a new sheet of an address, which is kept for an hour and only as a digest.

    Raises
    ------
    TooManySheetsError
        When it is one too many.
    """
    key = f"surveys.visitors.{_digest(address)}"
    cache.add(key, 0, timeout=3600)
    try:
        n_begun = cache.incr(key)
    except ValueError:  # The hour ended between the two lines.
        return
    if n_begun > SHEETS_AN_HOUR:
        raise TooManySheetsError
