"""Mails: as often as chosen, naming nobody, and ended with one click."""

import datetime
import re
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.mail.backends import locmem
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Notification, User
from accounts.services import mails, notifications
from tests.builders import make_reader

pytestmark = pytest.mark.django_db

MATCH, MESSAGE, PEOPLE = Notification.Kind.MATCH, Notification.Kind.MESSAGE, Notification.Kind.PEOPLE
HOUR, DAY = datetime.timedelta(hours=1, minutes=1), datetime.timedelta(days=1)


@pytest.fixture
def ada() -> User:
    return make_reader(display_name="Ada", email="ada@example.org")


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime.timedelta], None]:
    """Let time pass."""
    clock = [timezone.now()]

    def forward(by: datetime.timedelta) -> None:
        clock[0] += by
        monkeypatch.setattr(timezone, "now", lambda: clock[0])

    return forward


def the_mail() -> Any:
    (message,) = mail.outbox
    return message


def tell(user: User, kind: str) -> Notification:
    return notifications.notify(user_id=user.pk, kind=kind, subject_public_id=uuid.uuid4())


def test_messages_wait_an_hour_and_then_come_once_a_day(ada: User, later) -> None:
    tell(ada, MESSAGE)
    assert notifications.send_unsent() == 0, "there is time to read it on the site"
    later(HOUR)
    assert notifications.send_unsent() == 1
    tell(ada, MESSAGE)
    later(2 * HOUR)
    assert notifications.send_unsent() == 0
    later(22 * HOUR)
    assert notifications.send_unsent() == 1
    assert len(mail.outbox) == 2


def test_what_was_read_meanwhile_is_not_mailed(ada: User, later) -> None:
    tell(ada, MESSAGE)
    notifications.mark_read(user_id=ada.pk, kind=MESSAGE)
    later(HOUR)
    assert notifications.send_unsent() == 0
    assert not Notification.objects.filter(sent_at=None).exists()


def test_one_mail_tells_everything_that_is_due(ada: User, later) -> None:
    for kind in (MESSAGE, MESSAGE, PEOPLE, MATCH):
        tell(ada, kind)
    later(HOUR)
    assert notifications.send_unsent() == 1
    message = the_mail()
    html = message.alternatives[0].content
    for text in (message.body, html):
        assert "would like to meet you too" in text
        assert "2 conversations" in text
        assert "new people" in text
    assert not Notification.objects.filter(sent_at=None).exists()


def test_what_is_wanted_once_a_week_comes_no_sooner_beside_other_news(ada: User, later) -> None:
    tell(ada, PEOPLE)
    later(HOUR)
    assert notifications.send_unsent() == 1
    tell(ada, PEOPLE)
    later(DAY)
    tell(ada, MATCH)
    assert notifications.send_unsent() == 1
    assert "new people" not in mail.outbox[1].body
    later(7 * DAY)
    assert notifications.send_unsent() == 1


def test_never_is_never_and_a_new_choice_holds_for_what_waits(ada: User, later) -> None:
    notifications.choose(user=ada, kind=MATCH, frequency="never")
    tell(ada, MATCH)
    tell(ada, MESSAGE)
    notifications.choose(user=ada, kind=MESSAGE, frequency="now")
    assert notifications.send_unsent() == 1
    assert "would like to meet" not in mail.outbox[0].body
    tell(ada, PEOPLE)
    notifications.choose(user=ada, kind=PEOPLE, frequency="never")
    later(30 * DAY)
    assert notifications.send_unsent() == 0


def test_no_mail_comes_to_an_address_that_nobody_confirmed(ada: User) -> None:
    EmailAddress.objects.update(verified=False)
    tell(ada, MATCH)
    assert notifications.send_unsent() == 0
    assert not Notification.objects.filter(sent_at=None).exists()


def test_a_lost_connection_holds_nobody_else_up_and_is_tried_again(
    ada: User, later, monkeypatch: pytest.MonkeyPatch
) -> None:
    send = locmem.EmailBackend.send_messages
    tell(ada, MATCH)
    tell(make_reader(email="ben@example.org"), MATCH)

    def lose_one(backend: locmem.EmailBackend, messages: list) -> int:
        if messages[0].to == [ada.email]:
            raise TimeoutError
        return int(send(backend, messages))

    with monkeypatch.context() as patched:
        patched.setattr(locmem.EmailBackend, "send_messages", lose_one)
        assert notifications.send_unsent() == 1
        assert notifications.send_unsent() == 0, "put off, so that nobody waits behind it"
    later(HOUR)
    assert notifications.send_unsent() == 1
    assert [message.to for message in mail.outbox] == [["ben@example.org"], [ada.email]]


def test_a_sweep_ends_in_time(ada: User, monkeypatch: pytest.MonkeyPatch) -> None:
    tell(ada, MATCH)
    monkeypatch.setattr(mails, "SECONDS_FOR_A_SWEEP", -1.0)
    assert notifications.send_unsent() == 0
    monkeypatch.undo()
    assert notifications.send_unsent() == 1


def test_the_subject_tells_nothing_and_the_mail_names_nobody(ada: User, settings) -> None:
    settings.SITE_URL = "https://kindred.example"
    tell(ada, MATCH)
    notifications.send_unsent()
    message = the_mail()
    assert message.subject == "News on Kindred"
    everything = message.message().as_string() + message.alternatives[0].content
    assert "Ada" not in everything
    addresses = re.findall(r"https?://[^\s\"<>]+", message.body + message.alternatives[0].content)
    assert addresses
    assert all(address.startswith("https://kindred.example/") for address in addresses), "no picture from elsewhere"


class TestUnsubscribing:
    @pytest.fixture
    def address(self, ada: User) -> str:
        tell(ada, MATCH)
        notifications.send_unsent()
        found: str = mail.outbox[0].extra_headers["List-Unsubscribe"].strip("<>")
        return "/" + found.partition("//")[2].partition("/")[2]

    def test_programs_end_it_with_one_post(self, ada: User, address: str) -> None:
        assert mail.outbox[0].extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        strict = Client(enforce_csrf_checks=True)
        assert strict.post(address, {"List-Unsubscribe": "One-Click"}).status_code == 200
        assert notifications.frequencies(user=ada) == {MATCH: "never", MESSAGE: "daily", PEOPLE: "weekly"}

    def test_people_are_asked_once_and_need_not_sign_in(self, ada: User, address: str) -> None:
        page = Client().get(address).text
        assert "A new match" in page
        assert ada.email not in page + address
        assert notifications.frequencies(user=ada)[MATCH] == "now", "following a link changes nothing"
        assert "Done" in Client().post(address).text

    def test_a_link_made_up_ends_nothing(self, ada: User, address: str) -> None:
        assert Client().post(reverse("accounts:unsubscribe", args=["made-up"])).status_code == 404
        ada.bury()
        assert Client().get(address).status_code == 404


def test_the_confirmation_comes_as_text_and_as_a_page(client: Client) -> None:
    form = {
        "display_name": "Ada",
        "email": "new@example.org",
        "birth_date": "1990-05-17",
        "password1": "a long enough phrase 42",
    }
    client.post(reverse("account_signup"), form)
    message = the_mail()
    assert message.subject == "Confirm your address"
    link = re.search(r"https?://\S+", message.body)
    assert link
    assert link[0] in message.alternatives[0].content
    assert "Ada" not in message.body
