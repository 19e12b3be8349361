"""Writing to a match: once, in order, by the two alone, and without haste."""

import datetime
import threading
import uuid

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import Change, Notification, User
from conversations.models import Message, Reading
from conversations.services import news, reading, writing
from recommendations.models import Match
from recommendations.services import matches
from tests.conversations.builders import at, form_of, signed_in, write, write_many
from tests.conversations.conftest import Pair
from tests.population import make_placed_member
from tests.threads import run_together

pytestmark = pytest.mark.django_db
MESSAGE = Notification.Kind.MESSAGE


def told(pair: Pair) -> list[tuple[int, bool]]:
    rows = Notification.objects.filter(kind=MESSAGE, subject_public_id=pair.match.public_id)
    return [(row.user_id, row.read_at is None) for row in rows]


def test_a_message_is_kept_told_once_and_takes_room(pair: Pair) -> None:
    write(pair.ada, pair.match, "Good evening")
    last = write(pair.ada, pair.match, "And a question")
    match = Match.objects.get()
    assert match.last_message_at == last.written_at
    wrote = {match.low_id: match.low_wrote, match.high_id: match.high_wrote}
    assert wrote == {pair.ada.pk: True, pair.ben.pk: False}
    assert told(pair) == [(pair.ben.pk, True)]
    # Only the first one begins a conversation.
    assert set(Change.objects.values_list("user_id", flat=True)) == {pair.ada.pk, pair.ben.pk}
    assert Change.objects.count() == 2
    reading.mark_read(match=match, user=pair.ben, up_to=2)
    assert told(pair) == [(pair.ben.pk, False)]
    write(pair.ada, pair.match)
    assert told(pair) == [(pair.ben.pk, True)]


def test_a_form_sent_twice_is_one_message(pair: Pair) -> None:
    client, form = signed_in(pair.ada), form_of("Only once")
    for _ in range(2):
        assert client.post(at("send", pair.match), form)["location"] == at("conversation", pair.match)
    assert Message.objects.get().text == "Only once"


def test_what_cannot_be_sent_stays_in_the_box(pair: Pair) -> None:
    client = signed_in(pair.ada)
    for text, sentence in (("x" * 2001, "this has 2001"), (" \n ", "Write a word or two first")):
        for headers in ({}, {"HX-Request": "true"}):
            page = client.post(at("send", pair.match), form_of(text), headers=headers)
            assert sentence in page.text
            assert text.strip() in page.text
    assert "Send it once more" in client.post(at("send", pair.match), {"text": "kept", "token": "none"}).text
    assert not Message.objects.exists()
    # Line ends count once, though browsers send two characters.
    client.post(at("send", pair.match), form_of("\r\n".join(["x" * 999] * 2)))
    assert len(Message.objects.get().text) == 1999


def test_who_sends_too_much_waits_and_loses_nothing(pair: Pair) -> None:
    client = signed_in(pair.ada)
    write_many(pair.ada, pair.match, writing.MOST_A_MINUTE)
    client.post(at("send", pair.match), form_of("An hour later"))
    Message.objects.update(written_at=timezone.now() - datetime.timedelta(seconds=50))
    page = client.post(at("send", pair.match), form_of("One too many")).text
    assert "Wait a minute" in page
    assert "One too many" in page
    assert Message.objects.count() == writing.MOST_A_MINUTE + 1
    assert signed_in(pair.ben).post(at("send", pair.match), form_of("Mine is free")).status_code == 302


def test_ones_own_can_be_edited_and_deleted_and_the_other_sees_that(pair: Pair) -> None:
    message = write(pair.ada, pair.match, "A typpo")
    ada, ben = signed_in(pair.ada), signed_in(pair.ben)
    address = at("edit", pair.match, message.public_id)
    assert "A typpo" in ada.get(address).text
    assert "Write a word" in ada.post(address, {"text": ""}).text
    ada.post(address, {"text": "No typo"})
    page = ben.get(at("conversation", pair.match)).text
    assert "No typo" in page
    assert "edited" in page
    ada.post(at("take-away", pair.match, message.public_id))
    page = ben.get(at("conversation", pair.match)).text
    assert "This message was deleted." in page
    assert "No typo" not in page
    message.refresh_from_db()
    assert (message.text, message.is_deleted) == ("", True)
    assert ada.get(address).status_code == 404
    assert ada.post(at("take-away", pair.match, message.public_id)).status_code == 404


def test_nobody_else_writes_edits_reads_or_asks(pair: Pair) -> None:
    message = write(pair.ada, pair.match, "Between the two")
    stranger = signed_in(make_placed_member(seed=3))
    for name, args in (("conversation", ()), ("earlier", (2,)), ("edit", (message.public_id,)), ("news", ())):
        assert stranger.get(at(name, pair.match, *args), {"after": 0}).status_code == 404, name
    for name in ("part", "report", "unsafe", "how-it-went"):
        assert stranger.get(at(name, pair.match)).status_code == 404, name
    for name, args in (("edit", (message.public_id,)), ("take-away", (message.public_id,))):
        for client in (stranger, signed_in(pair.ben)):
            assert client.post(at(name, pair.match, *args), {"text": "changed"}).status_code == 404, name
    for name in ("send", "contact", "opening", "part", "block", "report", "unsafe", "how-it-went"):
        form = form_of("hello", reason="rude", met="yes", done="unasked", shares="on", opens="on")
        assert stranger.post(at(name, pair.match), form).status_code == 404, name
    assert Message.objects.get().text == "Between the two"
    match = Match.objects.get()
    assert match.ended_at is None
    assert not (match.low_opens)
    assert not (match.high_opens)
    assert not (match.low_shares_contact)
    assert not (match.high_shares_contact)


def test_news_come_in_order_once_and_say_what_changed(pair: Pair, django_assert_num_queries) -> None:
    first = write(pair.ada, pair.match, "one")
    write(pair.ben, pair.match, "two")
    with django_assert_num_queries(1):
        found = news.since(match=pair.match, after=0)
    assert [message.text for message in found.written] == ["one", "two"]
    assert not news.since(match=pair.match, after=found.revision)
    ids = {"match_id": pair.match.public_id, "public_id": first.public_id}
    writing.rewrite(user=pair.ada, **ids, text="uno")
    write(pair.ada, pair.match, "three")
    later = news.since(match=pair.match, after=found.revision)
    assert ([row.text for row in later.written], [row.text for row in later.changed]) == (["three"], ["uno"])
    # Written and changed since: it comes once, as it is now.
    assert [row.text for row in news.since(match=pair.match, after=1).written] == ["two", "three"]
    writing.rewrite(user=pair.ada, **ids, text="uno")
    assert not news.since(match=pair.match, after=later.revision)


def test_a_page_is_told_what_is_new_and_nothing_else(pair: Pair, django_assert_max_num_queries) -> None:
    client = signed_in(pair.ben)
    write(pair.ada, pair.match, "seen before")
    client.get(at("conversation", pair.match))
    with django_assert_max_num_queries(8):
        assert client.get(at("news", pair.match), {"after": "1", "seen": "on"}).status_code == 204
    write(pair.ada, pair.match, "<b>new</b>")
    unseen = client.get(at("news", pair.match), {"after": "1", "seen": ""})
    assert "&lt;b&gt;new&lt;/b&gt;" in unseen.text
    assert "seen before" not in unseen.text
    assert 'value="2"' in unseen.text
    assert 'class="day"' not in unseen.text
    assert Reading.objects.get(user=pair.ben).up_to == 1
    with django_assert_max_num_queries(13):
        client.get(at("news", pair.match), {"after": "1", "seen": "on"})
    assert Reading.objects.get(user=pair.ben).up_to == 2
    assert client.get(at("news", pair.match), {"after": "x"}).status_code == 404
    sent = client.post(at("send", pair.match), form_of("mine", after=1), headers={"HX-Request": "true"}).text
    assert sent.index("&lt;b&gt;new") < sent.index("mine")


def test_a_page_whose_conversation_is_over_leads_elsewhere(pair: Pair) -> None:
    matches.end_between(one=pair.ada, other=pair.ben)
    response = signed_in(pair.ben).get(at("news", pair.match), {"after": 0})
    assert (response.text, response["HX-Redirect"]) == ("", "/matches/")
    with pytest.raises(Match.DoesNotExist):
        writing.send(user=pair.ben, public_id=pair.match.public_id, text="late", token=uuid.uuid4())


@pytest.mark.django_db(transaction=True)
def test_who_writes_at_the_same_moment_gets_a_place_each_and_a_resend_none(pair: Pair) -> None:
    token = uuid.uuid4()

    def send(user: User, token: uuid.UUID) -> None:
        writing.send(user=user, public_id=pair.match.public_id, text="Now", token=token)
        connection.close()

    senders = [(pair.ada, token), (pair.ada, token), (pair.ben, uuid.uuid4()), (pair.ben, uuid.uuid4())]
    run_together([threading.Thread(target=send, args=sender) for sender in senders])
    sent = Message.objects.order_by("number").values_list("number", "revision")
    assert list(sent) == [(1, 1), (2, 2), (3, 3)]
    assert Message.objects.filter(sender=pair.ada).count() == 1
