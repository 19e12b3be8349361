"""The list and the page of a conversation: what stands there, for whom, at what price."""

import datetime

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import Photo, Preference, Purpose, User
from conversations.models import Message, Reading
from conversations.services import openers
from privacy.services import deletion
from recommendations.models import Impression, Match, VerdictValue
from recommendations.services import verdicts
from tests.builders import make_circle, make_member
from tests.conversations.builders import at, signed_in, write, write_many
from tests.conversations.conftest import Pair
from tests.recommendations.builders import make_impression

pytestmark = pytest.mark.django_db
LIST = reverse("conversations:list")


def match_with(user: User, name: str, *, purpose: str = Purpose.FRIEND) -> Match:
    other = make_member(display_name=name)
    for actor, target in ((user, other), (other, user)):
        make_impression(actor, target, purpose=purpose)
        verdicts.record(actor=actor, target=target, purpose=purpose, value=VerdictValue.LIKE)
    return Match.objects.between(user.pk, other.pk).get()


def n_queries(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    return len(queries)


# ---------------------------------------------------------------- the list


def test_the_list_shows_what_moved_last_first_with_what_is_unread(pair: Pair) -> None:
    client = signed_in(pair.ada)
    quiet = match_with(pair.ada, "Cleo")
    assert client.get(LIST).text.index("Cleo") < client.get(LIST).text.index("Ben")
    write(pair.ben, pair.match, "First line")
    write(pair.ben, pair.match, "Last line " + "on and on " * 20)
    page = client.get(LIST).text
    assert page.index("Ben") < page.index("Cleo")
    assert "2 new messages" in page
    assert "Last line on and on" in page
    assert "First line" not in page
    assert "Nobody has written yet" in page
    assert page.count("on and on") < 15
    # What is new is counted in the navigation too, by conversations, until somebody looks.
    assert '<span class="count">1<' in page
    client.get(at("conversation", pair.match))
    page = client.get(LIST).text
    assert "new message" not in page
    assert '<span class="count">' not in page
    write(pair.ada, quiet, "Mine")
    assert "You:</span> Mine" in client.get(LIST).text


def test_the_list_is_narrowed_to_a_purpose_and_to_a_circle_of_both(pair: Pair) -> None:
    client = signed_in(pair.ada)
    match_with(pair.ada, "Cleo", purpose=Purpose.PROJECT)
    circle, strange = make_circle(pair.ada, pair.ben), make_circle(pair.ben, name="Strangers")
    make_circle(pair.ada, name="Mine alone")
    for query, seen in (
        ({"purpose": "project"}, ["Cleo"]),
        ({"purpose": "friend"}, ["Ben"]),
        ({"circle": str(circle.public_id)}, ["Ben"]),
        ({"circle": str(circle.public_id), "purpose": "project"}, []),
    ):
        page = client.get(LIST, query).text
        assert [name for name in ("Ben", "Cleo") if name in page] == seen
    assert "There is no match for what you chose" in page
    pair.ben.circle_memberships.filter(circle=circle).update(is_listed=False)
    assert "Ben" not in client.get(LIST, {"circle": str(circle.public_id)}).text
    assert "Ada" in signed_in(pair.ben).get(LIST, {"circle": str(circle.public_id)}).text
    for query in ({"circle": str(strange.public_id)}, {"circle": "none"}, {"purpose": "marriage"}):
        assert client.get(LIST, query).status_code == 404
    Preference.objects.filter(user=pair.ada).update(room=1)
    write(pair.ada, pair.match)
    assert "as many conversations for friendship as you want" in client.get(LIST, {"purpose": "friend"}).text


def test_the_number_of_queries_is_fixed(pair: Pair) -> None:
    client = signed_in(pair.ada)
    make_circle(pair.ada, pair.ben)
    write(pair.ada, pair.match)
    write(pair.ben, pair.match)
    client.get(LIST), client.get(at("conversation", pair.match))
    before = n_queries(client, LIST), n_queries(client, at("conversation", pair.match))
    for name in ("Cleo", "Dan", "Eve"):
        match = match_with(pair.ada, name)
        write(pair.ada, match)
        write_many(match.other(pair.ada.pk), match, 3)
        seen = {"state": Photo.State.PASSED, "audience": Photo.Audience.EVERYBODY}
        Photo.objects.create(user=match.other(pair.ada.pk), small="s.jpg", middle="m.jpg", large="l.jpg", **seen)
    write_many(pair.ben, pair.match, 60)
    client.get(LIST), client.get(at("conversation", pair.match))
    assert (n_queries(client, LIST), n_queries(client, at("conversation", pair.match))) == before
    assert before == (12, 20)
    assert client.get(LIST).text.count("<img") == 3


# ---------------------------------------------------------------- one conversation


def test_days_part_the_messages_and_the_newest_stands_last(pair: Pair) -> None:
    write(pair.ben, pair.match, "on Sunday")
    write(pair.ada, pair.match, "also on Sunday")
    sunday = timezone.make_aware(datetime.datetime(2026, 3, 1, 12))  # noqa: DTZ001
    Message.objects.update(written_at=sunday)
    write(pair.ada, pair.match, "today")
    page = signed_in(pair.ada).get(at("conversation", pair.match)).text
    assert page.count('class="day"') == 2
    assert "Sunday, 1 March 2026" in page
    assert page.index("Sunday, 1 March") < page.index("on Sunday") < page.index("also on") < page.index(">today<")
    assert page.count('class="message mine"') == 2
    assert page.index("Your line about moths") < page.index("on Sunday")


def test_earlier_messages_come_by_pages_and_join_without_a_seam(pair: Pair) -> None:
    write_many(pair.ben, pair.match, 120)
    client = signed_in(pair.ada)
    page = client.get(at("conversation", pair.match)).text
    assert "line 71<" in page
    assert "line 70<" not in page
    assert "moths" not in page
    address = at("earlier", pair.match, 71)
    assert address in page
    older = client.get(address).text
    assert "line 70<" in older
    assert "line 71<" not in older
    assert at("earlier", pair.match, 21) in older
    part = client.get(address, headers={"HX-Request": "true"}).text
    assert "<html" not in part
    # The day's heading moves up with the older lines.
    assert part.count('hx-swap-oob="delete"') == 1
    assert part.count('class="day"') == 1


def test_a_deleted_account_leaves_what_oneself_wrote_and_a_closed_box(pair: Pair) -> None:
    write(pair.ada, pair.match, "What Ada wrote")
    write(pair.ben, pair.match, "What Ben wrote")
    client = signed_in(pair.ben)
    deletion.delete(user=pair.ada)
    page = client.get(at("conversation", pair.match)).text
    assert "This account was deleted" in page
    assert "What Ben wrote" in page
    for gone in ("What Ada wrote", "<textarea", "Ada", "I feel unsafe", "Edit", "moths"):
        assert gone not in page.split("<main")[1], gone
    assert "A deleted account" in client.get(LIST).text
    assert client.post(at("send", pair.match), {"text": "Hello"}).status_code == 404
    assert client.get(at("news", pair.match), {"after": 0})["HX-Redirect"] == at("conversation", pair.match)
    client.post(at("part", pair.match))
    assert "A deleted account" not in client.get(LIST).text
    assert client.get(at("conversation", pair.match)).status_code == 404


def test_openers_say_only_what_the_viewer_was_shown(pair: Pair, django_assert_num_queries) -> None:
    Impression.objects.filter(viewer=pair.ada).update(agreements=[{"scale": "H", "side": 1}])
    Impression.objects.filter(viewer=pair.ben).update(agreements=[{"scale": "E", "side": -1}])
    make_circle(pair.ada, pair.ben, name="Moth watchers")
    make_circle(pair.ben, name="Secret")
    for user, codes in ((pair.ada, "en pt fr"), (pair.ben, "en pt de")):
        for code in codes.split():
            user.profile.languages.create(code=code)
    with django_assert_num_queries(3):
        found = {opener.key: opener.text for opener in openers.of_match(match=pair.match, user=pair.ada)}
    assert list(found) == ["H+", "circle", "language"]
    assert "Portuguese" in found["language"]
    client = signed_in(pair.ada)
    page = client.get(at("conversation", pair.match)).text
    assert "Which book, film or song" in page
    assert "Moth watchers" in page
    assert "Secret" not in page
    assert "quiet evening" not in page
    filled = client.get(at("conversation", pair.match), {"say": "circle"}).text
    assert "Moth watchers. How did you get there?</textarea>" in filled
    assert "</textarea>" in client.get(at("conversation", pair.match), {"say": "E-"}).text
    write(pair.ada, pair.match)
    assert "A way to begin" not in client.get(at("conversation", pair.match)).text


def test_reading_goes_forward_only(pair: Pair) -> None:
    write(pair.ben, pair.match)
    client = signed_in(pair.ada)
    client.get(at("conversation", pair.match))
    assert Reading.objects.get().up_to == 1
    client.get(at("news", pair.match), {"after": "0", "seen": "on"})
    assert Reading.objects.get().up_to == 1


def test_a_visitor_is_asked_to_sign_in(pair: Pair) -> None:
    for address in (LIST, at("conversation", pair.match), at("news", pair.match), reverse("conversations:apart")):
        assert Client().get(address)["location"].startswith(reverse("account_login"))


def test_the_administration_shows_that_people_write_and_not_what(pair: Pair, admin_client: Client) -> None:
    message = write(pair.ada, pair.match, "Between the two")
    address = reverse("admin:conversations_message_change", args=[message.pk])
    pages = admin_client.get(reverse("admin:conversations_message_changelist")), admin_client.get(address)
    assert [page.status_code for page in pages] == [200, 200]
    assert not [page for page in pages if "Between the two" in page.text]
    assert admin_client.post(address, {"text": "changed"}).status_code == 403


def test_a_conversation_with_somebody_who_paused_goes_on(pair: Pair) -> None:
    pair.ben.profile.is_paused = True
    pair.ben.profile.save()
    assert "Ben" in signed_in(pair.ada).get(LIST).text
