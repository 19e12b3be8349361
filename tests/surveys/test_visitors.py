"""Answers before signing up: kept for one browser, claimed once, dropped in time."""

import datetime

import pytest
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Consent, User
from ml.items import ITEMS, N_ITEMS
from surveys import tasks
from surveys.models import VisitorSheet
from surveys.services import answers, visitors
from tests.builders import make_member, make_sheet
from tests.population import make_active_versions

pytestmark = pytest.mark.django_db

FIRST, ANSWER, SURVEY = (reverse(f"surveys:{name}") for name in ("first-statements", "first-answer", "survey"))


@pytest.fixture(autouse=True)
def fresh_counts() -> None:
    cache.clear()


def say(client: Client, item: int, value: int = 4) -> None:
    assert client.post(ANSWER, {"item": item, "value": value})["location"] == FIRST


def answers_of(user: User) -> list[int]:
    return list(bytes(answers.current_sheet(user=user).answers))


def test_a_visitor_answers_and_goes_on_where_they_stopped(client: Client) -> None:
    assert ITEMS[0].text.replace("'", "&#x27;") in client.get(reverse("landing")).text
    client.get(FIRST)
    assert not VisitorSheet.objects.exists(), "looking leaves nothing behind"
    assert not Session.objects.exists()
    say(client, 0)
    page = client.get(FIRST).text
    assert "1 of the first 20 answered" in page
    assert ITEMS[1].text.replace("'", "&#x27;") in page
    assert "You have answered 1" in client.get(reverse("landing")).text
    assert "0 of the first 20" in Client().get(FIRST).text, "another browser knows nothing"


def test_the_secret_is_not_in_the_database_and_cannot_be_made_up(client: Client) -> None:
    say(client, 0)
    cookie = client.cookies["visitor"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert VisitorSheet.objects.get().token_digest not in cookie.value
    client.cookies["visitor"] = cookie.value.replace(cookie.value[0], "x" if cookie.value[0] != "x" else "y", 1)
    assert "0 of the first 20" in client.get(FIRST).text


def test_a_skipped_statement_is_asked_later_and_is_no_answer(client: Client) -> None:
    say(client, 0, 0)
    assert VisitorSheet.objects.get().n_answered == 0
    assert ITEMS[1].text.replace("'", "&#x27;") in client.get(FIRST).text


def test_after_twenty_there_is_a_picture_and_an_invitation(client: Client) -> None:
    make_active_versions()
    for item in range(visitors.MOST_ANSWERS + 1):
        say(client, item)
    assert VisitorSheet.objects.get().n_answered == visitors.MOST_ANSWERS
    page = client.get(FIRST).text
    assert "blurred picture" in page
    assert 'class="wheel' in page
    assert reverse("account_signup") in page


def test_the_first_view_of_the_survey_claims_them_once(client: Client) -> None:
    for item in range(3):
        say(client, item, 5)
    user = make_member()
    client.force_login(user)
    page = client.get(SURVEY)
    assert answers_of(user)[:4] == [5, 5, 5, 0]
    assert "The 3 answers you gave before are kept." in page.text
    assert not page.cookies["visitor"].value
    assert not VisitorSheet.objects.exists()


def test_own_answers_win_over_a_visitors(client: Client) -> None:
    say(client, 0, 1)
    say(client, 5, 1)
    user = make_member()
    make_sheet(user, answers=bytes([4] + [0] * (N_ITEMS - 1)))
    client.force_login(user)
    client.get(SURVEY)
    assert [answers_of(user)[item] for item in (0, 5)] == [4, 1]


def test_without_consent_nothing_is_claimed_yet(client: Client) -> None:
    say(client, 0)
    user = make_member()
    Consent.objects.filter(user=user).delete()
    client.force_login(user)
    assert client.get(SURVEY).status_code == 302
    assert VisitorSheet.objects.count() == 1


def test_nobody_else_can_claim_them(client: Client) -> None:
    say(client, 0)
    stranger = Client()
    other = make_member()
    stranger.force_login(other)
    stranger.get(SURVEY)
    assert answers_of(other) == [0] * N_ITEMS
    token = "made-up"
    assert visitors.claim(user=other, token=token) == 0


@pytest.mark.parametrize("form", [{"item": 163, "value": 3}, {"item": 0, "value": 6}, {"item": "x"}, {}])
def test_nonsense_is_told_and_kept_nowhere(client: Client, form: dict) -> None:
    assert "no answer to a statement" in client.post(ANSWER, form, follow=True).text
    assert not VisitorSheet.objects.exists()


def test_one_address_cannot_fill_the_table(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(visitors, "SHEETS_AN_HOUR", 2)
    for _ in range(2):
        Client().post(ANSWER, {"item": 0, "value": 3})
    response = Client().post(ANSWER, {"item": 0, "value": 3})
    assert response["location"] == reverse("account_signup")
    assert VisitorSheet.objects.count() == 2


def test_they_are_dropped_after_thirty_days(client: Client) -> None:
    say(client, 0)
    tasks.forget_visitors()
    assert VisitorSheet.objects.count() == 1
    VisitorSheet.objects.update(started_at=timezone.now() - datetime.timedelta(days=30))
    assert "0 of the first 20" in client.get(FIRST).text
    tasks.forget_visitors()
    assert not VisitorSheet.objects.exists()


def test_members_answer_in_the_survey_itself(client: Client) -> None:
    client.force_login(make_member())
    assert client.get(FIRST)["location"] == SURVEY
    assert client.post(ANSWER, {"item": 0, "value": 3})["location"] == SURVEY
    assert not VisitorSheet.objects.exists()
