"""Forty impressions whose figures are worked out by hand; the arithmetic stands beside the numbers.

Twenty viewers see a list of two each; four people are shown. All scores lie on the centres of bins, and both sides of a
pair have the same score, so that their harmonic mean is that score too. The version's threshold is 0.5.

====== ===== ====== ========== ====== ======= =========
score  likes passes unanswered mutual refused predicted
====== ===== ====== ========== ====== ======= =========
0.9005     4      0          2      3       1 yes
0.7005     4      2          2      2       0 yes
0.5005     2      4          2      0       1 yes
0.3005     2      6          2      0       1 no
0.1005     0      6          2      0       0 no
total     12     18         10      5       3
====== ===== ====== ========== ====== ======= =========

AUC, over 12 x 18 pairs, a tie counting half:
    .9: 4 x 18, .7: 4 x (16 + 2/2), .5: 2 x (12 + 4/2), .3: 2 x (6 + 6/2): 72 + 68 + 28 + 18 = 186; 186 / 216 = .861
Precision, recall, F1 at 0.5: 10 likes and 6 passes are predicted, 2 likes missed:
    10 / 16 = .625, 10 / 12 = .833, 20 / (16 + 12) = .714
Mutual AUC: the negatives are the 18 passes and the 3 whom the other refused: .9: 1, .7: 2, .5: 5, .3: 7, .1: 6.
    .9: 3 x (20 + 1/2), .7: 2 x (18 + 2/2): 61.5 + 38 = 99.5; 99.5 / (5 x 21) = .948
Precision at 12: 12 likes in 20 lists of 12 slots, 12 / 240 = .05. Unanswered: 10 / 40 = .25. Mutual: 5 / 40 = .125.
Exposure: four people are shown 4, 8, 12 and 16 times, the 20 viewers never. Gini, n = 24, over i = 21 to 24:
    (17 x 4 + 19 x 8 + 21 x 12 + 23 x 16) / (24 x 40) = 840 / 960 = .875; never shown 20 / 24 = .833
Intervals of shares are quantiles of the binomial distribution: of Binomial(40, .25) 5 and 16, so .125 to .4;
    of Binomial(40, .125) 1 and 9, so .025 to .225.
"""

import datetime
import uuid
from typing import Any

from accounts.models import Purpose, User
from recommendations.models import Impression, Match, PreferenceVersion, SlotPolicy, Verdict
from tests.builders import make_member, make_preference
from tests.recommendations.builders import make_impression

# Score and answer: liked and liked back, liked and refused, liked without an answer, passed, left open.
MUTUAL, REFUSED, LIKED, PASSED, OPEN = "mutual", "refused", "liked", "passed", "open"
# A like that came too late and one that was taken back are none; a like that became a pass is a pass.
LATE, UNDONE, CHANGED = "late", "undone", "changed"
# Two lists with two likes, eight with one, ten with none.
LISTS = (
    ((0.9005, MUTUAL), (0.9005, MUTUAL)),
    ((0.9005, MUTUAL), (0.9005, REFUSED)),
    ((0.7005, MUTUAL), (0.7005, PASSED)),
    ((0.7005, MUTUAL), (0.7005, CHANGED)),
    ((0.7005, LIKED), (0.5005, PASSED)),
    ((0.7005, LIKED), (0.5005, PASSED)),
    ((0.5005, REFUSED), (0.5005, PASSED)),
    ((0.5005, LIKED), (0.5005, PASSED)),
    ((0.3005, REFUSED), (0.3005, PASSED)),
    ((0.3005, LIKED), (0.3005, PASSED)),
    *([((0.3005, PASSED), (0.1005, PASSED))] * 4),
    *([((0.1005, PASSED), (0.9005, OPEN))] * 1),
    ((0.1005, PASSED), (0.9005, LATE)),
    ((0.7005, OPEN), (0.7005, OPEN)),
    ((0.5005, OPEN), (0.5005, UNDONE)),
    ((0.3005, OPEN), (0.3005, OPEN)),
    ((0.1005, OPEN), (0.1005, OPEN)),
)
# Whom the lists show: the first 16 times, the second 12 times, the third 8 and the fourth 4 times.
PAIRS = (*((0, 1),) * 10, *((0, 2),) * 4, *((0, 3),) * 2, *((1, 2),) * 2, *((2, 3),) * 2)
WEEK = datetime.timedelta(days=7)
MINUTE = datetime.timedelta(minutes=1)
HOUR = datetime.timedelta(hours=1)


def make_forty(version: PreferenceVersion, at: datetime.datetime) -> list[User]:
    """Write the forty impressions and return the viewers, then the four who were shown."""
    viewers, shown = [make_open() for _ in LISTS], [make_open() for _ in range(4)]
    for viewer, pair, answers in zip(viewers, PAIRS, LISTS, strict=True):
        list_id = uuid.uuid4()
        for position, (person, (score, answer)) in enumerate(zip(pair, answers, strict=True)):
            impression = make_impression(
                viewer,
                shown[person],
                list_id=list_id,
                position=position,
                score_out=score,
                score_in=score,
                preference_version=version,
                slot_policy=SlotPolicy.RANKED,
                n_viewer_verdicts=1,
                shown_at=at,
            )
            make_answer(impression, answer)
    return [*viewers, *shown]


def make_open() -> User:
    """Return a member open for friendship."""
    user = make_member()
    make_preference(user)
    return user


def make_answer(impression: Impression, answer: str) -> None:
    """Write what one of the words above means."""
    words = {
        MUTUAL: [("like", HOUR)],
        REFUSED: [("like", HOUR)],
        LIKED: [("like", WEEK)],
        PASSED: [("pass", HOUR)],
        OPEN: [],
        LATE: [("like", WEEK + MINUTE)],
        UNDONE: [("like", HOUR), ("undone", 2 * HOUR)],
        CHANGED: [("like", HOUR), ("undone", 2 * HOUR), ("pass", 3 * HOUR)],
    }
    for number, (value, after) in enumerate(words[answer], start=1):
        is_current = number == len(words[answer])
        say(impression, value, impression.shown_at + after, is_current=is_current)
    both = (impression.viewer, impression.shown)
    if answer == MUTUAL:
        make_match(*both, at=impression.shown_at + HOUR)
    if answer == REFUSED:
        Verdict.objects.create(
            actor=both[1], target=both[0], purpose=impression.purpose, value="pass", given_at=impression.shown_at + HOUR
        )


def say(impression: Impression, value: str, at: datetime.datetime, **fields: Any) -> Verdict:
    """Return what a viewer said at an impression."""
    return Verdict.objects.create(
        actor=impression.viewer,
        target=impression.shown,
        purpose=impression.purpose,
        impression=impression,
        value=value,
        given_at=at,
        is_demo=impression.is_demo,
        **fields,
    )


def make_match(one: User, other: User, *, at: datetime.datetime, purpose: str = Purpose.FRIEND, **fields: Any) -> Match:
    """Return a match made at a moment."""
    low, high = sorted((one, other), key=lambda user: user.pk)
    return Match.objects.create(low=low, high=high, purpose=purpose, matched_at=at, **fields)
