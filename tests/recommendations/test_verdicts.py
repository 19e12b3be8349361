"""Likes, passes and their taking back, and the matches that follow from them."""

import threading

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from accounts.models import Notification, Purpose, User
from accounts.services import safety as account_safety
from recommendations.models import Match, Verdict, VerdictValue
from recommendations.services import matches, safety, verdicts
from surveys.models import MeasurementVersion
from tests.builders import make_member, make_preference
from tests.database_plugin import partly_unique
from tests.population import make_active_versions
from tests.recommendations.builders import make_impression
from tests.threads import run_together

LIKE, PASS, UNDONE = VerdictValue.LIKE, VerdictValue.PASS, VerdictValue.UNDONE
FRIEND = Purpose.FRIEND

Pair = tuple[User, User]


def make_pair() -> Pair:
    """Return two people who are here for friendship and were shown to each other."""
    ada, ben = make_member(display_name="Ada"), make_member(display_name="Ben")
    for viewer, shown in ((ada, ben), (ben, ada)):
        make_preference(viewer)
        make_impression(viewer, shown)
    return ada, ben


@pytest.fixture
def pair(version: MeasurementVersion) -> Pair:
    return make_pair()


def say(actor: User, target: User, value: str, purpose: str = FRIEND) -> Verdict:
    return verdicts.record(actor=actor, target=target, purpose=purpose, value=value)


def test_a_verdict_points_to_the_last_impression_of_the_pair(pair: Pair) -> None:
    ada, ben = pair
    last = make_impression(ada, ben)
    assert say(ada, ben, LIKE).impression == last


def test_the_same_word_again_writes_nothing(pair: Pair) -> None:
    assert say(*pair, LIKE) == say(*pair, LIKE)
    assert Verdict.objects.count() == 1


def test_the_history_grows_and_one_row_is_current(pair: Pair) -> None:
    for value in (LIKE, PASS, UNDONE, LIKE):
        say(*pair, value)
    assert list(Verdict.objects.order_by("pk").values_list("value", "is_current")) == [
        ("like", False),
        ("pass", False),
        ("undone", False),
        ("like", True),
    ]


def test_what_was_taken_back_does_not_stand(pair: Pair) -> None:
    ada, ben = pair
    say(ada, ben, PASS)
    assert verdicts.current(actor=ada, target=ben, purpose=FRIEND) == Verdict.objects.get()
    say(ada, ben, UNDONE)
    assert verdicts.current(actor=ada, target=ben, purpose=FRIEND) is None


def test_a_note_goes_with_a_like_changes_until_the_match_and_goes_when_it_is_taken_back(pair: Pair) -> None:
    ada, ben = pair

    def note(value: str = LIKE, text: str | None = None) -> str:
        return verdicts.record(actor=ada, target=ben, purpose=FRIEND, value=value, note=text).note

    assert note(PASS, "Never kept") == ""
    assert note(LIKE, "Moths?") == "Moths?"
    assert note(LIKE) == "Moths?", "a like without a note leaves the one that stands"
    assert note(LIKE, "Or bats?") == "Or bats?"
    assert note(UNDONE) == ""
    assert set(Verdict.objects.values_list("note", flat=True)) == {""}
    note(LIKE, "Owls, then")
    n_rows = Verdict.objects.count()
    say(ben, ada, LIKE)
    assert note(LIKE, "Too late") == "Owls, then"
    assert Verdict.objects.filter(actor=ada).count() == n_rows


@partly_unique
def test_two_current_verdicts_are_refused_by_the_database(pair: Pair) -> None:
    verdict = say(*pair, LIKE)
    verdict.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        verdict.save(force_insert=True)


@pytest.mark.parametrize(("purpose", "value"), [("marriage", "like"), (FRIEND, "love"), (FRIEND, UNDONE)])
def test_what_cannot_be_said_is_refused(pair: Pair, purpose: str, value: str) -> None:
    with pytest.raises(verdicts.VerdictRefusedError):
        say(*pair, value, purpose)
    assert Verdict.objects.count() == 0


def test_nobody_judges_themselves(pair: Pair) -> None:
    with pytest.raises(verdicts.VerdictRefusedError, match="themselves"):
        say(pair[0], pair[0], LIKE)


def test_who_was_not_shown_for_a_purpose_cannot_be_judged_for_it(pair: Pair) -> None:
    with pytest.raises(verdicts.VerdictRefusedError):
        say(*pair, LIKE, Purpose.PROJECT)
    with pytest.raises(verdicts.VerdictRefusedError):
        say(pair[0], make_member(), LIKE)


@pytest.mark.parametrize("by_me", [True, False])
def test_a_block_on_either_side_forbids_it(pair: Pair, by_me: bool) -> None:
    ada, ben = pair
    account_safety.block(blocker=ada if by_me else ben, blocked=ben if by_me else ada)
    with pytest.raises(verdicts.VerdictRefusedError):
        say(ada, ben, LIKE)


def test_a_mutual_like_is_one_match_and_both_are_told(pair: Pair) -> None:
    ada, ben = pair
    say(ada, ben, LIKE)
    assert Match.objects.count() == 0
    say(ben, ada, LIKE)
    match = Match.objects.get()
    assert (match.low, match.high, match.purpose) == (ada, ben, FRIEND)
    told = Notification.objects.filter(subject_public_id=match.public_id)
    assert set(told.values_list("user_id", flat=True)) == {ada.pk, ben.pk}


def test_likes_for_different_purposes_are_no_match(pair: Pair) -> None:
    ada, ben = pair
    make_impression(ben, ada, purpose=Purpose.PROJECT)
    say(ada, ben, LIKE)
    say(ben, ada, LIKE, Purpose.PROJECT)
    assert Match.objects.count() == 0


def test_taking_a_like_back_ends_the_match_and_liking_again_takes_it_up(pair: Pair) -> None:
    ada, ben = pair
    say(ada, ben, LIKE)
    say(ben, ada, LIKE)
    match = Match.objects.get()
    for user in pair:
        matches.share_contact(user=user, public_id=match.public_id, shares=True)
    Notification.objects.update(sent_at=timezone.now(), read_at=timezone.now())
    say(ada, ben, UNDONE)
    assert not matches.of(user=ben).exists()
    say(ada, ben, LIKE)
    match.refresh_from_db()
    assert matches.of(user=ben).get() == match
    assert not match.both_share_contact
    assert Notification.objects.filter(sent_at=None, read_at=None).count() == 2


def test_contact_is_open_only_when_both_choose_so(pair: Pair) -> None:
    ada, ben = pair
    say(ada, ben, LIKE)
    say(ben, ada, LIKE)
    public_id = Match.objects.get().public_id
    assert not matches.share_contact(user=ada, public_id=public_id, shares=True).both_share_contact
    assert matches.share_contact(user=ben, public_id=public_id, shares=True).both_share_contact
    assert not matches.share_contact(user=ada, public_id=public_id, shares=False).both_share_contact
    with pytest.raises(Match.DoesNotExist):
        matches.share_contact(user=make_member(), public_id=public_id, shares=True)


def test_a_block_ends_the_match_for_both(pair: Pair) -> None:
    ada, ben = pair
    say(ada, ben, LIKE)
    say(ben, ada, LIKE)
    safety.block(blocker=ben, blocked=ada)
    assert Match.objects.get().ended_at is not None
    assert not matches.of(user=ada).exists()


def test_without_a_demo_its_members_are_not_here(version: MeasurementVersion) -> None:
    ada, demo = make_member(), make_member(is_demo=True)
    make_preference(ada)
    make_preference(demo)
    make_impression(ada, demo, is_demo=True)
    with pytest.raises(verdicts.VerdictRefusedError):
        say(ada, demo, LIKE)


def test_verdicts_with_a_demo_member_carry_the_mark(version: MeasurementVersion, settings) -> None:
    settings.DEMO = True
    ada, demo = make_member(), make_member(is_demo=True)
    for viewer, shown in ((ada, demo), (demo, ada)):
        make_preference(viewer)
        make_impression(viewer, shown, is_demo=True)
    say(ada, demo, LIKE)
    say(demo, ada, LIKE)
    assert not Verdict.objects.filter(is_demo=False).exists()
    assert Match.objects.get().is_demo


@pytest.mark.django_db(transaction=True)
def test_two_likes_at_the_same_moment_are_exactly_one_match() -> None:
    make_active_versions()
    ada, ben = make_pair()
    start = threading.Barrier(2)

    def like(actor: User, target: User) -> None:
        start.wait()
        say(actor, target, LIKE)
        connection.close()

    run_together([threading.Thread(target=like, args=pair) for pair in ((ada, ben), (ben, ada))])
    assert Match.objects.count() == 1
    assert Notification.objects.count() == 2
