"""The demo population talks once, as marked, and leaves the traces that real messages leave."""

import datetime
import itertools

import pytest
from django.utils import timezone

from accounts.models import Notification, Purpose
from conversations.models import Message, Reading
from conversations.services import asking, demo, demo_words
from recommendations.models import Match
from tests.builders import make_member

pytestmark = pytest.mark.django_db


def make_matches(n: int, *, days_ago: float) -> None:
    people = [make_member(is_demo=True) for _ in range(n + 1)]
    for one, other in itertools.pairwise(people):
        then = timezone.now() - datetime.timedelta(days=days_ago)
        Match.objects.create(low=one, high=other, purpose=Purpose.FRIEND, is_demo=True, matched_at=then)


def test_the_demo_population_talks_once_and_consistently() -> None:
    make_matches(12, days_ago=40)
    make_matches(4, days_ago=2)
    one, other = make_member(), make_member()
    Match.objects.create(low=one, high=other, purpose=Purpose.FRIEND)
    n_messages = demo.talk()
    assert n_messages == Message.objects.filter(is_demo=True).count() == Message.objects.count() > 12
    assert demo.talk() == 0
    for match in Match.objects.all():
        said = list(match.messages.order_by("number"))
        assert [message.number for message in said] == list(range(1, len(said) + 1))
        assert match.last_message_at == (said[-1].written_at if said else None)
        assert match.low_wrote == any(message.sender_id == match.low_id for message in said)
        assert all(match.matched_at < message.written_at < timezone.now() for message in said)
        is_old = match.matched_at < timezone.now() - asking.ASKED_AFTER
        assert is_old or (match.low_met, match.high_met, match.low_again, match.high_again) == (None,) * 4
        if said:
            reader = match.other_id(said[-1].sender_id)
            is_read = said[-1].written_at < timezone.now() - demo.READ_AFTER
            unread = match.messages.unread_by(reader)  # type: ignore[attr-defined]
            assert bool(unread) != is_read
            assert not match.messages.unread_by(said[-1].sender_id)  # type: ignore[attr-defined]
    assert 0 < Notification.objects.filter(kind=Notification.Kind.MESSAGE).count() < Reading.objects.count() // 2
    assert Match.objects.exclude(low_met=None).exists()


def test_there_are_words_for_each_purpose() -> None:
    assert set(demo_words.TALKS) == set(Purpose)
