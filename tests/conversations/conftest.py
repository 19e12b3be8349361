"""Two people who matched."""

from typing import NamedTuple

import pytest

from accounts.models import Change, Purpose, User
from recommendations.models import Match, Verdict, VerdictValue
from recommendations.services import verdicts
from tests.population import make_active_versions, make_placed_member
from tests.recommendations.builders import make_impression


class Pair(NamedTuple):
    """Ada and Ben, and their match."""

    ada: User
    ben: User
    match: Match


@pytest.fixture
def pair(db: None) -> Pair:
    """Ada and Ben, who matched for friendship; each was told one thing of the other."""
    make_active_versions()
    ada, ben = make_placed_member(seed=1, display_name="Ada"), make_placed_member(seed=2, display_name="Ben")
    for actor, target in ((ada, ben), (ben, ada)):
        make_impression(actor, target)
        verdicts.record(actor=actor, target=target, purpose=Purpose.FRIEND, value=VerdictValue.LIKE)
    Verdict.objects.filter(actor=ben).update(note="Your line about moths")
    Change.objects.all().delete()
    return Pair(ada, ben, Match.objects.get())
