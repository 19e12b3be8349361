"""The conversations of the demo population, written many at a time as `writing` would have written them one by one."""

import datetime

import numpy as np
from django.db import transaction
from django.utils import timezone

from accounts.models import Notification
from accounts.services import changes
from conversations.models import Message, Reading
from conversations.services import asking, demo_words
from recommendations.models import Match

SEED = 2026
SHARE_SILENT, SHARE_ANSWERING = 0.25, 0.5
LONGEST_PAUSE_HOURS = 30
READ_AFTER = datetime.timedelta(days=5)


@transaction.atomic
def talk() -> int:
    """Let the demo population talk, unless it has, and return how many messages there are."""
    if Message.objects.filter(is_demo=True).exists():
        return 0
    rng, now = np.random.default_rng(SEED), timezone.now()
    matches = list(Match.objects.filter(is_demo=True, ended_at=None).order_by("matched_at", "pk"))
    written: list[Message] = []
    for match in matches:
        said = [] if rng.random() < SHARE_SILENT else _talk(match, rng, now)
        if said:
            _note(match, said, rng, now)
            written += said
    Message.objects.bulk_create(written)
    Match.objects.bulk_update(
        matches, ("last_message_at", "low_wrote", "high_wrote", "low_met", "high_met", "low_again", "high_again")
    )
    _leave_traces(written)
    return len(written)


def _talk(match: Match, rng: np.random.Generator, now: datetime.datetime) -> list[Message]:
    """Return what two people wrote in turns since they matched, as far as time has passed for it."""
    talks = demo_words.TALKS[match.purpose]
    lines = talks[int(rng.integers(len(talks)))]
    pair = (match.low_id, match.high_id) if rng.random() < 0.5 else (match.high_id, match.low_id)
    said, moment = [], match.matched_at
    for number, text in enumerate(lines[: int(rng.integers(1, len(lines) + 1))], start=1):
        moment += datetime.timedelta(hours=float(rng.uniform(0.2, LONGEST_PAUSE_HOURS)))
        if moment >= now:
            break
        who = pair[(number - 1) % 2]
        place = {"number": number, "revision": number}
        said.append(Message(match=match, sender_id=who, text=text, written_at=moment, is_demo=True, **place))
    return said


def _note(match: Match, said: list[Message], rng: np.random.Generator, now: datetime.datetime) -> None:
    """Write on a match what it keeps of a conversation, and of how it went."""
    wrote = {message.sender_id for message in said}
    match.low_wrote, match.high_wrote = match.low_id in wrote, match.high_id in wrote
    match.last_message_at = said[-1].written_at
    if len(wrote) < 2 or match.matched_at > now - asking.ASKED_AFTER:
        return
    has_met = bool(rng.random() < 0.6)
    for side in ("low", "high"):
        if rng.random() < SHARE_ANSWERING:
            setattr(match, f"{side}_met", has_met)
            setattr(match, f"{side}_again", bool(rng.random() < 0.75) if has_met else None)


def _leave_traces(written: list[Message]) -> None:
    """Let everybody have read all but the newest lines, and be told of these; note who has less room now."""
    last = {message.match_id: message for message in written}
    readings, told = [], []
    for message in last.values():
        match = message.match
        reader_id = match.other_id(message.sender_id)
        answered = [row.number for row in written if row.match_id == match.pk and row.sender_id == reader_id]
        readings.append(Reading(match=match, user_id=message.sender_id, up_to=message.number))
        is_read = message.written_at < timezone.now() - READ_AFTER
        up_to = message.number if is_read else max(answered, default=0)
        readings.append(Reading(match=match, user_id=reader_id, up_to=up_to))
        if not is_read:
            kind = Notification.Kind.MESSAGE
            told.append(Notification(user_id=reader_id, kind=kind, subject_public_id=match.public_id))
    Reading.objects.bulk_create(readings)
    Notification.objects.bulk_create(told)
    changes.note(*{user_id for message in last.values() for user_id in (message.match.low_id, message.match.high_id)})
