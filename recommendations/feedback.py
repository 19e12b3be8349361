"""What people said of each other and what was learned of them, as arrays."""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from django.db.models import F, Q
from numpy.typing import NDArray

from accounts import datasets as people
from recommendations.models import Match, PreferenceVersion, Taste, Verdict, VerdictValue


@dataclass(frozen=True)
class Feedback:
    """Verdicts that stand, one entry a verdict, in the order in which they were given."""

    verdict_ids: NDArray[np.int64]
    actor_ids: NDArray[np.int64]
    target_ids: NDArray[np.int64]
    liked: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.verdict_ids)


@dataclass(frozen=True)
class LearnedTastes:
    """Rows of `Taste` as arrays, in the order of `user_ids`, which is ascending."""

    user_ids: NDArray[np.int64]
    generosity: NDArray[np.float64]
    generosity_variance: NDArray[np.float64]
    appeal: NDArray[np.float64]
    appeal_variance: NDArray[np.float64]
    taste: NDArray[np.float32]
    taste_variance: NDArray[np.float64]


def feedback(*, purpose: str, actor_id: int | None = None) -> Feedback:
    """Return the likes and passes that stand between people who are here and agreed to be matched."""
    here = people.participants().values("pk")
    verdicts = Verdict.objects.filter(purpose=purpose, is_current=True, actor__in=here, target__in=here)
    # Who opted out of being learned from teaches nothing, neither by what they say nor by what is said of them.
    verdicts = verdicts.filter(actor__profile__is_learned_from=True, target__profile__is_learned_from=True)
    verdicts = verdicts.exclude(actor__profile__tastes_since__gt=F("given_at"))
    if actor_id is not None:
        verdicts = verdicts.filter(actor=actor_id)
    rows = list(
        verdicts.exclude(value=VerdictValue.UNDONE).order_by("pk").values_list("pk", "actor_id", "target_id", "value")
    )
    regretted = _regretted(purpose)
    return Feedback(
        verdict_ids=np.array([row[0] for row in rows], dtype=np.int64),
        actor_ids=np.array([row[1] for row in rows], dtype=np.int64),
        target_ids=np.array([row[2] for row in rows], dtype=np.int64),
        liked=np.array([row[3] == VerdictValue.LIKE and row[1:3] not in regretted for row in rows], dtype=bool),
    )


def _regretted(purpose: str) -> set[tuple[int, int]]:
    """Return who would not meet whom again, as they said in private after two weeks; their like teaches as a pass."""
    said_no = Match.objects.filter(Q(low_again=False) | Q(high_again=False), purpose=purpose)
    pairs: set[tuple[int, int]] = set()
    for low, high, low_again, high_again in said_no.values_list("low_id", "high_id", "low_again", "high_again"):
        if low_again is False:
            pairs.add((low, high))
        if high_again is False:
            pairs.add((high, low))
    return pairs


def learned_tastes(
    *, version: PreferenceVersion, purpose: str, user_ids: Collection[int] | None = None
) -> LearnedTastes:
    """Return what a version has learned of people for a purpose; one query."""
    tastes = people.of_people(Taste.objects.filter(version=version, purpose=purpose), "user", user_ids)
    rows = list(
        tastes.order_by("user_id").values_list(
            "user_id",
            "generosity",
            "generosity_variance",
            "appeal",
            "appeal_variance",
            "taste_variance",
            "taste",
        )
    )
    numbers = np.array([row[1:6] for row in rows], dtype=np.float64).reshape(-1, 5)
    return LearnedTastes(
        user_ids=np.array([row[0] for row in rows], dtype=np.int64),
        generosity=numbers[:, 0],
        generosity_variance=numbers[:, 1],
        appeal=numbers[:, 2],
        appeal_variance=numbers[:, 3],
        taste=vectors([row[6] for row in rows]),
        taste_variance=numbers[:, 4],
    )


def vectors(stored: Collection[bytes | memoryview]) -> NDArray[np.float32]:
    """Return stored vectors of one length as the rows of a matrix."""
    if not stored:
        return np.empty((0, 0), dtype=np.float32)
    return np.frombuffer(b"".join(bytes(vector) for vector in stored), dtype="<f4").reshape(len(stored), -1)
