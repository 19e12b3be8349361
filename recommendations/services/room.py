"""Room for conversations: how many more a person can have at once; who has none is shown to nobody."""

import datetime

import numpy as np
from django.db.models import Q
from django.utils import timezone
from numpy.typing import NDArray

from accounts.datasets import EligibilityFacts, find_rows
from accounts.models import Preference, User
from recommendations.models import Match

# A conversation that was silent for so long takes no room any more.
GOES_ON_FOR = datetime.timedelta(days=14)
# The conversations of so many people are asked for by name; for more, those of everybody.
MANY = 2000


def left(*, facts: EligibilityFacts, purpose: str, now: datetime.datetime) -> NDArray[np.uint8]:
    """Return how many more conversations people have room for, in the order of the facts; one query."""
    matches = Match.objects.all()
    if len(facts) <= MANY:
        ids = facts.user_ids.tolist()
        matches = matches.filter(Q(low__in=ids) | Q(high__in=ids))
    counts = matches.open_counts(purpose, now - GOES_ON_FOR)
    rows = find_rows(facts.user_ids, np.array(list(counts), dtype=np.int64), facts.order)
    taken = np.zeros(len(facts), dtype=np.int64)
    taken[rows[rows >= 0]] = np.array(list(counts.values()), dtype=np.int64)[rows >= 0]
    return np.asarray(np.maximum(facts.room - taken, 0), dtype=np.uint8)


def left_of(*, user: User, purpose: str) -> int:
    """Return how many more conversations one person has room for; two queries."""
    chosen = Preference.objects.filter(user=user, purpose=purpose).values_list("room", flat=True).first()
    counts = Match.objects.of(user.pk).open_counts(purpose, timezone.now() - GOES_ON_FOR)
    return max((chosen or 0) - counts.get(user.pk, 0), 0)
