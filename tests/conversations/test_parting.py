"""Ending a match, blocking, reporting, all at once; and the two private questions."""

import datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Block, Notification, Purpose, Report
from conversations.services import asking
from recommendations.models import Match, Verdict, VerdictValue
from recommendations.services import matches, verdicts
from tests.conversations.builders import at, signed_in, write
from tests.conversations.conftest import Pair
from tests.recommendations.builders import make_impression

pytestmark = pytest.mark.django_db
LIST = reverse("conversations:list")


def match_for_a_project(pair: Pair) -> Match:
    for actor, target in ((pair.ada, pair.ben), (pair.ben, pair.ada)):
        make_impression(actor, target, purpose=Purpose.PROJECT)
        verdicts.record(actor=actor, target=target, purpose=Purpose.PROJECT, value=VerdictValue.LIKE)
    return Match.objects.get(purpose=Purpose.PROJECT)


def test_unmatching_ends_it_for_both_for_that_purpose_and_tells_no_one(pair: Pair) -> None:
    other = match_for_a_project(pair)
    write(pair.ada, pair.match, "Hello")
    n_told = Notification.objects.count()
    ada, ben = signed_in(pair.ada), signed_in(pair.ben)
    assert "Nobody is told" in ada.get(at("part", pair.match)).text
    assert ada.post(at("part", pair.match))["location"] == LIST
    for client in (ada, ben):
        assert client.get(at("conversation", pair.match)).status_code == 404
        page = client.get(LIST).text
        assert at("conversation", pair.match) not in page
        assert at("conversation", other) in page
    assert Notification.objects.count() == n_told
    assert not Notification.objects.filter(subject_public_id=pair.match.public_id, read_at=None).exists()
    said = Verdict.objects.filter(actor=pair.ada, purpose=Purpose.FRIEND, is_current=True)
    assert said.get().value == VerdictValue.PASS
    assert ada.post(at("part", pair.match)).status_code == 404


def test_a_block_hides_both_everywhere(pair: Pair) -> None:
    other = match_for_a_project(pair)
    write(pair.ben, pair.match, "Hello")
    ada, ben = signed_in(pair.ada), signed_in(pair.ben)
    assert ada.post(at("block", pair.match))["location"] == LIST
    for client, name in ((ada, "Ben"), (ben, "Ada")):
        for match in (pair.match, other):
            assert client.get(at("conversation", match)).status_code == 404
        assert name not in client.get(LIST).text.split("<main")[1]
    assert matches.n_with_news(user=pair.ada) == matches.n_with_news(user=pair.ben) == 0


def test_a_report_keeps_what_was_written(pair: Pair) -> None:
    rude, kind = write(pair.ben, pair.match, "Something rude"), write(pair.ada, pair.match, "Please stop")
    client = signed_in(pair.ada)
    address = at("report", pair.match)
    page = client.get(address).text
    assert "Something rude" in page
    assert "Please stop" not in page
    assert "Choose what is wrong" in client.post(address, {"details": "kept"}).text
    assert client.post(address, {"reason": "rude", "about": kind.public_id}).status_code == 404
    client.post(address, {"reason": "rude", "details": "again and again", "about": rude.public_id})
    client.post(address, {"reason": "spam"})
    assert "Your line about moths" in page
    client.post(address, {"reason": "rude", "about": "note"})
    assert client.post(address, {"reason": "rude", "about": "nonsense"}).status_code == 200
    one, whole, note = Report.objects.order_by("pk")
    assert (note.kind, note.subject_public_id) == ("note", pair.match.public_id)
    assert (one.kind, one.subject_public_id, one.reason) == ("message", rude.public_id, "rude")
    assert (whole.kind, whole.subject_public_id) == ("match", pair.match.public_id)
    for report in (one, whole, note):
        assert report.frozen_copy["person"] == str(pair.ben.public_id)
        assert report.frozen_copy["display_name"] == "Ben"
        words = [(word["from"], word["text"]) for word in report.frozen_copy["words"]]
        assert words[0] == ("reported", "Your line about moths"), "the note that came with the like"
        assert words[1:] == [("reported", "Something rude"), ("reporter", "Please stop")]


def test_who_feels_unsafe_presses_one_button(pair: Pair) -> None:
    write(pair.ben, pair.match, "I know where you live")
    client = signed_in(pair.ada)
    assert "three things at once" in client.get(at("unsafe", pair.match)).text
    assert not Block.objects.exists()
    assert "1000" in client.post(at("unsafe", pair.match), {"details": "x" * 1001}).text
    response = client.post(at("unsafe", pair.match), {"details": ""}, follow=True)
    assert "You are apart" in response.text
    assert Match.objects.get().ended_at is not None
    assert Block.objects.get().blocker == pair.ada
    assert Report.objects.get().frozen_copy["words"][-1]["text"] == "I know where you live"
    assert client.get(at("conversation", pair.match)).status_code == 404
    assert "Ben" not in client.get(reverse("recommendations:judged")).text


# ---------------------------------------------------------------- two private questions


def match_of_two_weeks(pair: Pair) -> Match:
    write(pair.ada, pair.match)
    Match.objects.update(matched_at=timezone.now() - asking.ASKED_AFTER)
    return Match.objects.get()


def test_the_questions_come_after_two_weeks_and_a_word(pair: Pair) -> None:
    client = signed_in(pair.ada)
    address = at("how-it-went", pair.match)
    question = "Two questions, between you and Kindred."
    write(pair.ada, pair.match)
    Match.objects.update(matched_at=timezone.now() - asking.ASKED_AFTER + datetime.timedelta(hours=1))
    assert question not in client.get(at("conversation", pair.match)).text
    assert client.get(address).status_code == 404
    match_of_two_weeks(pair)
    assert question in client.get(at("conversation", pair.match)).text
    Match.objects.update(last_message_at=None)
    assert question not in client.get(at("conversation", pair.match)).text


def test_an_answer_is_kept_on_ones_own_side_unseen_and_revocable(pair: Pair) -> None:
    match = match_of_two_weeks(pair)
    ada, ben = signed_in(pair.ada), signed_in(pair.ben)
    address = at("how-it-went", pair.match)
    before = ben.get(at("conversation", match)).text.split("<main")[1]
    assert "Choose yes or no" in ada.post(address, {"again": "yes"}).text
    for form, kept in (
        ({"met": "yes", "again": "no"}, (True, False)),
        ({"met": "yes"}, (True, None)),
        ({"met": "no", "again": "yes"}, (False, None)),
        ({"done": "back"}, (None, None)),
    ):
        ada.post(address, form)
        match = Match.objects.get()
        assert (match.met(pair.ada.pk), match.again(pair.ada.pk)) == kept
        assert (match.met(pair.ben.pk), match.again(pair.ben.pk)) == (None, None)
        assert "Two questions" not in ada.get(at("conversation", match)).text
    ada.post(address, {"met": "yes", "again": "yes"})
    assert "You told us that you met and would again." in ada.get(at("conversation", match)).text
    after = ben.get(at("conversation", match)).text.split("<main")[1]
    assert strip_secrets(after) == strip_secrets(before)


def test_who_does_not_want_to_be_asked_is_not_asked_again(pair: Pair) -> None:
    match = match_of_two_weeks(pair)
    client = signed_in(pair.ada)
    client.post(at("how-it-went", match), {"done": "unasked"})
    page = client.get(at("conversation", match)).text
    assert "Two questions" not in page
    assert "Answer after all" in page
    assert "Two questions" in signed_in(pair.ben).get(at("conversation", match)).text


def strip_secrets(page: str) -> str:
    """Return a page without the tokens that differ each time."""
    lines = page.splitlines()
    return "\n".join(line for line in lines if "csrfmiddlewaretoken" not in line and 'name="token"' not in line)
