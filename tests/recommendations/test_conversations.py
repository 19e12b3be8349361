"""Who is in how many conversations, and which answers, verdicts and matches leave a change."""

import datetime

import pytest
from django.utils import timezone

from accounts.models import Change, Purpose, User
from recommendations.models import Match, PreferenceVersion
from recommendations.services import publishing, safety, tastes, training, verdicts
from surveys.models import MeasurementVersion, TrainingRun
from surveys.services import answers, placing
from tests.builders import make_member, make_preference, make_sheet
from tests.recommendations.builders import make_people, show_each_other
from tests.recommendations.test_learning import say

pytestmark = pytest.mark.django_db

FRIEND = Purpose.FRIEND
NOW = timezone.now()
SINCE = NOW - datetime.timedelta(days=14)


def noted() -> set[int]:
    """Return who was noted since this was asked last."""
    found = set(Change.objects.values_list("user_id", flat=True))
    Change.objects.all().delete()
    return found


def make_match(one: User, other: User, *, days: float | None, purpose: str = FRIEND, is_ended: bool = False) -> Match:
    """Return a match with its last message some days ago, or without any."""
    low, high = sorted((one.pk, other.pk))
    return Match.objects.create(
        low_id=low,
        high_id=high,
        purpose=purpose,
        last_message_at=None if days is None else NOW - datetime.timedelta(days=days),
        ended_at=NOW if is_ended else None,
    )


# ---------------------------------------------------------------- conversations


def test_conversations_that_go_on_are_counted_on_both_sides(django_assert_num_queries) -> None:
    ada, ben, eve, tom = (make_member() for _ in range(4))
    make_match(ada, ben, days=0)
    make_match(eve, ada, days=14)
    make_match(ada, tom, days=14.1)
    make_match(ben, tom, days=None)
    make_match(ben, eve, days=1, is_ended=True)
    make_match(ben, eve, days=1, purpose=Purpose.DATE)
    with django_assert_num_queries(1):
        assert Match.objects.open_counts(FRIEND, SINCE) == {ada.pk: 2, ben.pk: 1, eve.pk: 1}
    assert Match.objects.open_counts(Purpose.DATE, SINCE) == {ben.pk: 1, eve.pk: 1}
    assert Match.objects.of(ben.pk).open_counts(FRIEND, SINCE) == {ada.pk: 1, ben.pk: 1}


def test_a_new_match_has_no_message_and_no_opinion() -> None:
    match = make_match(make_member(), make_member(), days=None)
    match.refresh_from_db()
    assert (match.low_wrote, match.high_wrote) == (False, False)
    assert (match.low_again, match.high_again) == (None, None)


# ---------------------------------------------------------------- changes


def test_a_place_under_the_version_in_use_is_noted(version: MeasurementVersion) -> None:
    ada, ben = make_member(), make_member()
    make_sheet(ada), make_sheet(ben)
    placing.place_stale()
    assert noted() == {ada.pk, ben.pk}
    placing.place_stale()
    assert noted() == set()
    answers.save_answer(user=ada, item=3, value=2)
    answers.save_answer(user=ada, item=3, value=1)
    assert noted() == {ada.pk}


def test_a_place_under_a_version_that_is_not_in_use_is_not(version: MeasurementVersion) -> None:
    make_sheet(make_member())
    candidate = MeasurementVersion.objects.get(pk=version.pk)
    candidate.is_active = False
    candidate.save()
    placing.place_everyone(version=candidate)
    assert candidate.placements.count() == 1
    assert noted() == set()


def test_who_answers_anew_is_noted() -> None:
    ada = make_member()
    make_sheet(ada)
    answers.retake(user=ada)
    assert noted() == {ada.pk}


def test_a_match_that_ends_or_is_taken_up_again_is_noted_for_both(version: MeasurementVersion) -> None:
    ada, ben = make_member(), make_member()
    for user in (ada, ben):
        make_preference(user)
    show_each_other(ada, ben)
    noted()

    def record(actor: User, target: User, value: str) -> set[int]:
        verdicts.record(actor=actor, target=target, purpose=FRIEND, value=value)
        return noted()

    assert record(ada, ben, "like") == record(ben, ada, "like") == set(), "a match without messages takes no room"
    assert record(ada, ben, "pass") == {ada.pk, ben.pk}
    assert record(ada, ben, "undone") == set(), "nothing is left that could end"
    assert record(ada, ben, "like") == {ada.pk, ben.pk}
    safety.block(blocker=ben, blocked=ada)
    assert noted() == {ada.pk, ben.pk}


def test_who_learned_something_is_noted(version: MeasurementVersion) -> None:
    crowd = make_people(version, 30)
    say(crowd)
    training.retrain(kind=TrainingRun.Kind.PREFERENCE)
    learned = publishing.active_preference_version()
    assert learned is not None
    assert learned.kind == PreferenceVersion.Kind.LEARNED
    noted()
    tastes.follow_sample(actor_id=crowd[0].pk, purpose=FRIEND)
    assert noted() == {crowd[0].pk}
    tastes.follow_sample(actor_id=crowd[0].pk, purpose=Purpose.DATE)
    assert noted() == set(), "nothing is learned for this purpose"
