"""A sweep notices what people should look at, acts on nobody, and says the same thing once."""

import datetime
import uuid

import numpy as np
import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Purpose, User
from accounts.services import tokens
from conversations.models import Message
from conversations.texts import BY_PURPOSE
from operations.models import Flag
from operations.services import flags
from operations.services.flags import Likes, within
from recommendations.models import Match, Verdict
from recommendations.services import verdicts
from tests.builders import make_member, make_sheet
from tests.population import make_active_versions
from tests.recommendations.builders import make_impression, make_people

pytestmark = pytest.mark.django_db

MINUTE = datetime.timedelta(minutes=1)


def write(sender: User, *texts: str, **fields: object) -> None:
    """Let somebody write one conversation's messages, one after the other, to somebody new."""
    low, high = sorted((sender, make_member()), key=lambda user: user.pk)
    match = Match.objects.create(low=low, high=high, purpose=Purpose.FRIEND)
    for number, text in enumerate(texts, start=1):
        Message.objects.create(match=match, sender=sender, text=text, number=number, revision=number, **fields)


def found() -> set[tuple[str, int]]:
    return set(Flag.objects.values_list("kind", "user_id"))


def test_the_same_first_words_to_five_people_are_noticed_and_those_of_the_site_are_not() -> None:
    spammer, copier, follower = make_member(), make_member(), make_member()
    for _ in range(5):
        write(spammer, "Earn money from home")
        write(copier, str(BY_PURPOSE[Purpose.FRIEND]))
        write(follower, uuid.uuid4().hex, "Earn money from home")
    for _ in range(4):
        write(make_member(), "Hello there")
    assert flags.sweep(now=timezone.now()) == 1
    assert found() == {("openers", spammer.pk)}
    assert Flag.objects.get().n == 5
    spammer.refresh_from_db()
    assert spammer.is_active, "a flag does nothing by itself"


def test_links_in_first_words_are_noticed_and_later_ones_are_not() -> None:
    linker, friend = make_member(), make_member()
    write(linker, "Look at HTTPS://example.org/")
    write(friend, "Hello", "Here is what I meant: https://example.org/")
    flags.sweep(now=timezone.now())
    assert found() == {("links", linker.pk)}


def test_a_decided_flag_comes_back_only_for_something_newer() -> None:
    linker, now = make_member(), timezone.now()
    write(linker, "https://example.org/", written_at=now - MINUTE)
    assert flags.sweep(now=now) == 1
    assert flags.sweep(now=now) == 0
    Flag.objects.update(status=Flag.Status.CLOSED)
    assert flags.sweep(now=now) == 0
    assert Flag.objects.get().status == Flag.Status.CLOSED
    write(linker, "https://example.org/", written_at=now)
    assert flags.sweep(now=now + MINUTE) == 1
    flag = Flag.objects.get()
    assert (flag.status, flag.n) == (Flag.Status.OPEN, 2)


def test_identical_complete_answers_are_noticed_on_both_sides() -> None:
    one, twin, other, half = (make_member() for _ in range(4))
    for user, seed in ((one, 1), (twin, 1), (other, 2)):
        make_sheet(user, seed=seed)
    for user in (half, make_member()):
        make_sheet(user, n_answered=30)
    make_sheet(make_member(is_demo=True), seed=2)
    flags.sweep(now=timezone.now())
    assert found() == {("same_answers", one.pk), ("same_answers", twin.pk)}


def test_bursts_are_found_at_any_moment() -> None:
    seconds = np.array([0.0, 500, 505, 510, 1000, 0, 10, 20])
    likes = Likes(actors=np.array([7, 7, 7, 7, 7, 8, 8, 9]), seconds=seconds)
    (burst,) = within(likes, n=3, span=datetime.timedelta(seconds=10))
    assert (burst.user_id, burst.n, burst.newest_at.timestamp()) == (7, 3, 510)
    assert within(likes, n=3, span=datetime.timedelta(seconds=9)) == []
    assert within(likes, n=9, span=datetime.timedelta(days=1)) == []
    assert [one.user_id for one in within(likes, n=2, span=datetime.timedelta(seconds=10))] == [7, 8]


def test_many_likes_are_noticed_and_further_ones_wait_with_a_sentence(client: Client) -> None:
    eager, last = make_people(make_active_versions(), 2)
    now = timezone.now()
    targets = [make_member() for _ in range(verdicts.MOST_LIKES_AN_HOUR)]
    Verdict.objects.bulk_create(
        Verdict(actor=eager, target=target, purpose=Purpose.FRIEND, value="like", given_at=now - 5 * MINUTE)
        for target in targets
    )
    make_impression(eager, last)
    client.force_login(eager)
    address = reverse("recommendations:verdict", args=[last.public_id])
    answer = client.post(address, {"purpose": "friend", "value": "like", "note": "Moths"})
    assert answer.status_code == 422
    assert "like more later" in answer.text
    assert "Moths" in answer.text
    assert not Verdict.objects.filter(target=last).exists()
    said = {"person": str(last.public_id), "purpose": "friend", "value": "like"}
    headers = {"authorization": f"Bearer {tokens.issue(user=eager).secret}"}
    by_api = client.post(reverse("api:verdicts"), said, "application/json", headers=headers)
    assert (by_api.status_code, "Retry-After" in by_api.headers) == (429, True)
    assert client.post(address, {"purpose": "friend", "value": "pass"}).status_code == 302, "passing is free"
    flags.sweep(now=now)
    assert found() == {("burst", eager.pk), ("mass_likes", eager.pk)}
    later = now + datetime.timedelta(hours=1)
    assert verdicts.record(actor=eager, target=last, purpose=Purpose.FRIEND, value="like", now=later)
