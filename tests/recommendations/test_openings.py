"""After a match: both pictures, once both open them and as long as both do."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Block, Profile, Purpose, User
from ml.items import SCALES
from recommendations.models import Impression, Interest, Label, Match, VerdictValue
from recommendations.services import matches, openings, verdicts
from surveys.models import AnswerSheet, MeasurementVersion
from surveys.services import answers
from surveys.services.picture import Factor
from tests.recommendations.builders import make_impression, make_people

FRIEND = Purpose.FRIEND
WHEEL = "Your two wheels"
DIFFERENCES = "Where you differ"


@pytest.fixture
def pair(version: MeasurementVersion) -> tuple[User, User]:
    """Ada and Ben, matched."""
    ada, ben = make_people(version, 2)
    for user, name in ((ada, "Ada"), (ben, "Ben")):
        Profile.objects.filter(user=user).update(display_name=name)
    for actor, target, label, interest in ((ada, ben, Label.CLOSE, Interest.STRONG), (ben, ada, Label.SOME, "open")):
        make_impression(actor, target, label=label, interest=interest)
        verdicts.record(actor=actor, target=target, purpose=FRIEND, value=VerdictValue.LIKE)
    return ada, ben


@pytest.fixture
def match(pair: tuple[User, User]) -> Match:
    """The match of the two."""
    return Match.objects.get()


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def page(user: User, match: Match) -> str:
    return signed_in(user).get(reverse("conversations:conversation", args=[match.public_id])).text


def choose(user: User, match: Match, *, opens: bool) -> Any:
    form = {"opens": "on"} if opens else {}
    return signed_in(user).post(reverse("conversations:opening", args=[match.public_id]), form)


def open_both(pair: tuple[User, User], match: Match) -> None:
    for user in pair:
        choose(user, match, opens=True)


def factor(name: str, percentile: float, half: float = 5.0) -> Factor:
    return Factor(name, percentile, percentile - half, percentile + half, f"low {name}", f"high {name}")


# ---------------------------------------------------------------- who sees what, when


def test_nothing_is_open_before_both_say_yes(pair: tuple[User, User], match: Match) -> None:
    ada, ben = pair
    for user in pair:
        assert WHEEL not in page(user, match)
    assert choose(ada, match, opens=True).status_code == 302
    assert WHEEL not in page(ada, match)
    assert "You opened your picture" in page(ada, match)
    before = page(ben, match)
    assert WHEEL not in before
    assert "Open my picture" in before


def test_both_see_both_once_both_say_yes(pair: tuple[User, User], match: Match) -> None:
    open_both(pair, match)
    ada, ben = pair
    for user, other in ((ada, "Ben"), (ben, "Ada")):
        text = page(user, match)
        assert f"{WHEEL}, in percentiles, You and {other}: " in text
        assert DIFFERENCES in text
        assert f"<br>{other}: " in text
    assert Match.objects.get().both_open


def test_one_no_closes_both_at_once(pair: tuple[User, User], match: Match) -> None:
    open_both(pair, match)
    choose(pair[1], match, opens=False)
    for user in pair:
        assert WHEEL not in page(user, match)
        assert DIFFERENCES not in page(user, match)


def test_an_ended_match_begins_again_closed(pair: tuple[User, User], match: Match) -> None:
    open_both(pair, match)
    ada, ben = pair
    verdicts.record(actor=ada, target=ben, purpose=FRIEND, value=VerdictValue.UNDONE)
    assert signed_in(ben).get(reverse("conversations:conversation", args=[match.public_id])).status_code == 404
    assert choose(ben, match, opens=True).status_code == 404
    verdicts.record(actor=ada, target=ben, purpose=FRIEND, value=VerdictValue.LIKE)
    assert WHEEL not in page(ben, match)
    assert (Match.objects.get().low_opens, Match.objects.get().high_opens) == (False, False)


def test_a_stranger_gets_nothing_and_opens_nothing(
    pair: tuple[User, User], match: Match, version: MeasurementVersion
) -> None:
    open_both(pair, match)
    stranger = make_people(version, 1, seed=7)[0]
    assert signed_in(stranger).get(reverse("conversations:conversation", args=[match.public_id])).status_code == 404
    assert choose(stranger, match, opens=False).status_code == 404
    assert choose(stranger, match, opens=True).status_code == 404
    assert Match.objects.get().both_open
    visitor = Client().post(reverse("conversations:opening", args=[match.public_id]), {"opens": "on"})
    assert visitor["location"].startswith(reverse("account_login"))


@pytest.mark.parametrize("method", ["get", "put", "delete"])
def test_only_a_post_chooses(pair: tuple[User, User], match: Match, method: str) -> None:
    address = reverse("conversations:opening", args=[match.public_id])
    assert getattr(signed_in(pair[0]), method)(address).status_code == 405


def test_a_block_closes_it(pair: tuple[User, User], match: Match) -> None:
    open_both(pair, match)
    Block.objects.create(blocker=pair[0], blocked=pair[1])
    for user in pair:
        assert signed_in(user).get(reverse("conversations:conversation", args=[match.public_id])).status_code == 404


def test_another_match_of_the_same_two_stays_closed(pair: tuple[User, User], match: Match) -> None:
    open_both(pair, match)
    other = Match.objects.create(low_id=match.low_id, high_id=match.high_id, purpose=Purpose.PROJECT)
    assert WHEEL not in page(pair[0], other)


# ---------------------------------------------------------------- what is said


def test_the_introduction_of_each_side_is_what_its_list_said(pair: tuple[User, User], match: Match) -> None:
    open_both(pair, match)
    ada, ben = pair
    assert "When you were shown Ben, Kindred said: close. Ben may well be interested in meeting you." in page(
        ada, match
    )
    told = "When Ben was shown you, Kindred said: some common ground, and it is open whether you would be interested."
    assert told in page(ada, match)
    assert "When you were shown Ada, Kindred said: some common ground." in page(ben, match)
    Impression.objects.all().delete()
    assert "How you were introduced" not in page(ada, match)


def test_only_clear_differences_are_named_the_widest_first() -> None:
    mine = [factor("A", 20), factor("B", 50), factor("C", 90), factor("D", 10, half=30)]
    theirs = [factor("A", 60), factor("B", 58), factor("C", 15), factor("D", 60, half=30)]
    found = openings.differences(mine, theirs)
    assert [(one.name, one.mine, one.theirs) for one in found] == [("C", "high C", "low C"), ("A", "low A", "high A")]


def test_at_most_five_differences_are_named() -> None:
    names = [scale.name for scale in SCALES]
    found = openings.differences([factor(name, 10) for name in names], [factor(name, 90) for name in names])
    assert len(found) == 5


def test_without_a_picture_nothing_is_drawn(pair: tuple[User, User], match: Match) -> None:
    open_both(pair, match)
    answers.retake(user=pair[1])
    text = page(pair[0], match)
    assert "One of you has no picture at the moment" in text
    assert WHEEL not in text
    AnswerSheet.objects.all().delete()
    assert "One of you has no picture at the moment" in page(pair[0], match)


def test_what_makes_answers_doubtful_stays_with_their_owner(pair: tuple[User, User], match: Match) -> None:
    AnswerSheet.objects.filter(user=pair[1]).update(answers=bytes([3] * 163), seconds=1)
    open_both(pair, match)
    assert "haste" not in page(pair[0], match)


def test_the_service_gives_nothing_of_a_match_that_ended(pair: tuple[User, User], match: Match) -> None:
    open_both(pair, match)
    match.refresh_from_db()
    assert openings.of_match(match=match, user=pair[0]) is not None
    matches.end_between(one=pair[0], other=pair[1])
    match.refresh_from_db()
    assert openings.of_match(match=match, user=pair[0]) is None


def test_a_closed_match_reads_no_answers(pair: tuple[User, User], match: Match) -> None:
    choose(pair[0], match, opens=True)
    with CaptureQueriesContext(connection) as queries:
        page(pair[0], match)
    assert not [query for query in queries if "surveys_answersheet" in query["sql"]]
