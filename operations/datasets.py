"""Impressions, and what became of them, as arrays; members of the demo population are never among them."""

import datetime
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
from django.db.models import CharField, Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Cast
from numpy.typing import NDArray

from accounts.models import Purpose
from recommendations.models import Arm, Impression, Match, SlotPolicy, Surface, Verdict, VerdictValue

ANSWERED_WITHIN = datetime.timedelta(days=7)
CHUNK = 20_000
PURPOSES = tuple(Purpose.values)
_PLACE_OF = {purpose: place for place, purpose in enumerate(PURPOSES)}

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]
Truths = NDArray[np.bool_]


@dataclass(frozen=True)
class Shown:
    """Impressions of one day, one entry an impression, in the order of their ids."""

    ids: Integers
    viewer_ids: Integers
    shown_ids: Integers
    purposes: Integers
    """Places in `PURPOSES`."""
    version_ids: Integers
    is_warm: Truths
    is_explored: Truths
    score_out: Floats
    score_in: Floats
    lists: Integers
    """Which impressions stood in one list, numbered from 0."""

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True)
class Answers:
    """What became of impressions within 7 days, in the order of `Shown`."""

    liked: Truths
    passed: Truths
    mutual: Truths
    """Both liked each other by 7 days after the impression."""
    not_mutual: Truths
    """At least one of the two passed by then."""


@dataclass(frozen=True)
class Reputation:
    """How often people said something and how often it was a like, by purpose and id of the person."""

    n_given: Integers
    n_liked: Integers
    n_received: Integers
    n_liked_by: Integers
    """All of shape (purposes, ids)."""


def shown_between(start: datetime.datetime, end: datetime.datetime) -> Shown:
    """Return the impressions from one moment to before another; one query, read in pieces."""
    rows = (
        _impressions(start, end)
        .order_by("pk")
        .values_list(
            "pk",
            "viewer_id",
            "shown_id",
            "preference_version_id",
            "n_viewer_verdicts",
            "score_out",
            "score_in",
            "purpose",
            "slot_policy",
            Cast("list_id", CharField()),
        )
    )
    numbers_of_lists: dict[str, int] = {}
    pieces = [_piece(piece, numbers_of_lists) for piece in _pieces(rows.iterator(chunk_size=CHUNK))]
    columns = [np.concatenate(parts) for parts in zip(*(pieces or [_piece([], {})]), strict=True)]
    return Shown(*columns)


def answers_to(shown: Shown, start: datetime.datetime, end: datetime.datetime) -> Answers:
    """Return what became of the impressions of `shown_between`, by the last word within 7 days; three queries.

    A verdict answers the last impression of its pair before it. What was taken back within the 7 days is no answer.
    """
    last: dict[int, tuple[str, datetime.datetime]] = {}
    for impression_id, value, given_at, shown_at in _verdicts_on(start, end):
        if given_at <= shown_at + ANSWERED_WITHIN:
            last[impression_id] = (value, shown_at + ANSWERED_WITHIN)
    matched, refused = _matched_since(start), _refused(start, end)
    rows = np.searchsorted(shown.ids, np.fromiter(last, dtype=np.int64, count=len(last)))
    liked, passed, mutual, not_mutual = np.zeros((4, len(shown)), dtype=bool)
    pairs = zip(rows.tolist(), last.items(), strict=True)
    for row, (impression_id, (value, until)) in pairs:
        if value == VerdictValue.PASS:
            passed[row] = not_mutual[row] = True
        elif value == VerdictValue.LIKE:
            low, high = sorted((int(shown.viewer_ids[row]), int(shown.shown_ids[row])))
            began, ended = matched.get((PURPOSES[shown.purposes[row]], low, high), (None, None))
            liked[row] = True
            mutual[row] = began is not None and began <= until and (ended is None or ended > until)
            refused_at = refused.get(impression_id)
            not_mutual[row] = not mutual[row] and refused_at is not None and refused_at <= until
    return Answers(liked, passed, mutual, not_mutual)


def arms_of(shown: Shown, start: datetime.datetime, end: datetime.datetime) -> NDArray[np.str_]:
    """Return in which arm of an experiment an impression stood between two moments; empty for the rest. Two queries."""
    arms = np.zeros(len(shown), dtype="U10")
    for arm in (Arm.CHAMPION, Arm.CHALLENGER):
        rows = _impressions(start, end).filter(experiment_arm=arm).order_by().values_list("pk", flat=True)
        # What was committed since the impressions were read is counted the next time.
        arms[np.isin(shown.ids, np.fromiter(rows.iterator(CHUNK), dtype=np.int64))] = arm
    return arms


def reputation(moment: datetime.datetime, n_ids: int) -> Reputation:
    """Return how often people below an id liked and were liked before a moment; two queries."""
    before = Verdict.objects.filter(is_demo=False, given_at__lt=moment).exclude(value=VerdictValue.UNDONE).order_by()
    is_like = Count("pk", filter=Q(value=VerdictValue.LIKE))
    counts = np.zeros((4, len(PURPOSES), n_ids), dtype=np.int64)
    for place, who in ((0, "actor_id"), (2, "target_id")):
        rows = before.filter(**{f"{who}__lt": n_ids}).values_list("purpose", who).annotate(n=Count("pk"), likes=is_like)
        for purpose, user_id, n, likes in rows.iterator(CHUNK):
            counts[place : place + 2, _PLACE_OF[purpose], user_id] = n, likes
    return Reputation(*counts)


def after(former: Reputation, start: datetime.datetime, end: datetime.datetime) -> Reputation:
    """Return a reputation after what was said from one moment to before another; one query."""
    said = Verdict.objects.filter(is_demo=False, given_at__gte=start, given_at__lt=end)
    rows = said.exclude(value=VerdictValue.UNDONE).values_list("purpose", "actor_id", "target_id", "value")
    columns = np.array(
        [(_PLACE_OF[row[0]], row[1], row[2], row[3] == VerdictValue.LIKE) for row in rows.iterator(CHUNK)],
        dtype=np.int64,
    ).reshape(-1, 4)
    n_ids = former.n_given.shape[1]
    purposes, actors, targets, liked = columns[(columns[:, 1:3] < n_ids).all(axis=1)].T
    counts = np.stack([former.n_given, former.n_liked, former.n_received, former.n_liked_by])
    for place, ids in ((0, actors), (2, targets)):
        np.add.at(counts[place], (purposes, ids), 1)
        np.add.at(counts[place + 1], (purposes, ids), liked)
    return Reputation(*counts)


def _impressions(start: datetime.datetime, end: datetime.datetime) -> QuerySet[Impression]:
    # "More like this" is ordered by another's place, not by the model.
    by_model = Impression.objects.exclude(surface=Surface.LIKE_THIS)
    return by_model.filter(shown_at__gte=start, shown_at__lt=end, is_demo=False)


def _pieces(rows: Iterator[Any]) -> Iterator[list[Any]]:
    while piece := list(islice(rows, CHUNK)):
        yield piece


def _piece(rows: list[Any], numbers_of_lists: dict[str, int]) -> tuple[NDArray[Any], ...]:
    """Return rows as the columns of `Shown`."""
    columns: Iterable[Any] = zip(*rows, strict=True) if rows else ((),) * 10
    ids, viewers, shown, versions, n_verdicts, out, back, purposes, policies, lists = columns
    return (
        np.array(ids, dtype=np.int64),
        np.array(viewers, dtype=np.int64),
        np.array(shown, dtype=np.int64),
        np.array([_PLACE_OF[purpose] for purpose in purposes], dtype=np.int64),
        np.array(versions, dtype=np.int64),
        np.array(n_verdicts, dtype=np.int64) > 0,
        np.array([policy == SlotPolicy.EXPLORED for policy in policies], dtype=bool),
        np.array(out, dtype=np.float64),
        np.array(back, dtype=np.float64),
        np.array([numbers_of_lists.setdefault(one, len(numbers_of_lists)) for one in lists], dtype=np.int64),
    )


def _verdicts_on(start: datetime.datetime, end: datetime.datetime) -> Iterator[Any]:
    """Return what was said at impressions, in the order in which it was said, with when these were shown."""
    said = Verdict.objects.filter(impression__in=_impressions(start, end)).order_by("pk")
    return said.values_list("impression_id", "value", "given_at", "impression__shown_at").iterator(CHUNK)


def _matched_since(moment: datetime.datetime) -> dict[tuple[str, int, int], tuple[datetime.datetime, Any]]:
    """Return when matches began and ended; none begins before both were shown to each other."""
    matches = Match.objects.filter(matched_at__gte=moment, is_demo=False)
    rows = matches.values_list("purpose", "low_id", "high_id", "matched_at", "ended_at")
    return {(purpose, low, high): (began, ended) for purpose, low, high, began, ended in rows.iterator(CHUNK)}


def _refused(start: datetime.datetime, end: datetime.datetime) -> dict[int, datetime.datetime]:
    """Return when the other side passed, by impression that was liked."""
    back = Verdict.objects.filter(
        actor=OuterRef("target"),
        target=OuterRef("actor"),
        purpose=OuterRef("purpose"),
        is_current=True,
        value=VerdictValue.PASS,
    )
    likes = Verdict.objects.filter(impression__in=_impressions(start, end), value=VerdictValue.LIKE)
    rows = likes.order_by().values_list("impression_id", Subquery(back.values("given_at")[:1])).iterator(CHUNK)
    return {impression_id: refused_at for impression_id, refused_at in rows if refused_at is not None}
