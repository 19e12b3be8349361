"""What nobody uses goes in time, and nobody is surprised by it."""

import datetime
import smtplib
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Consent, User
from matchsite.celery import app
from privacy import tasks
from privacy.models import Dormancy
from privacy.services import retention
from tests.builders import make_member

pytestmark = pytest.mark.django_db

DAY = datetime.timedelta(days=1)
TWO_YEARS, MONTH = 731 * DAY, 30 * DAY


@pytest.fixture
def now() -> datetime.datetime:
    return timezone.now()


def away(user: User, since: datetime.datetime) -> User:
    """Let somebody have joined, and last been here, at a moment."""
    User.objects.filter(pk=user.pk).update(joined_on=since.date() - DAY)
    user.visits.create(started_at=since, last_seen_at=since)
    return user


def dormant(now: datetime.datetime, *, is_confirmed: bool = True, email: str = "ada@example.org") -> User:
    user = away(make_member(email=email, display_name="Ada"), now - TWO_YEARS)
    EmailAddress.objects.create(user=user, email=user.email, verified=is_confirmed, primary=True)
    return user


def are_here(*people: User) -> list[bool]:
    return [User.objects.get(pk=person.pk).deleted_at is None for person in people]


def test_who_was_away_for_two_years_is_told_once_and_gone_a_month_later(now: datetime.datetime, settings) -> None:
    settings.SITE_URL = "https://kindred.example"
    ada, late = dormant(now), away(make_member(), now - TWO_YEARS + 2 * DAY)
    assert retention.tell_dormant(now=now) == 1
    assert retention.tell_dormant(now=now) == 0
    message: Any = mail.outbox[0]
    assert message.subject == "Your account on Kindred"
    ends_on = timezone.localdate(now + MONTH).strftime("%B")
    for text in (message.body, message.alternatives[0].content):
        assert ends_on in text
        assert "https://kindred.example" + reverse("account_login") in text
        assert "Ada" not in text
    assert retention.delete_dormant(now=now + MONTH - DAY) == 0
    assert retention.delete_dormant(now=now + MONTH) == 1
    assert are_here(ada, late) == [False, True]
    assert not Dormancy.objects.exists()


def test_a_visit_keeps_the_account(now: datetime.datetime, client: Client) -> None:
    ada = dormant(now)
    retention.tell_dormant(now=now - DAY)
    client.force_login(ada)
    client.get(reverse("accounts:profile"))
    assert retention.delete_dormant(now=now + 2 * MONTH) == 0
    assert are_here(ada) == [True]
    assert not Dormancy.objects.exists()


def test_staff_the_demo_and_new_people_without_a_visit_stay(now: datetime.datetime) -> None:
    root = away(User.objects.create_superuser("root@example.org", "a long enough phrase 42"), now - TWO_YEARS)
    staff, demo = dormant(now, email="staff@example.org"), dormant(now, email="demo@example.org")
    User.objects.filter(pk=staff.pk).update(is_staff=True)
    User.objects.filter(pk=demo.pk).update(is_demo=True)
    new = make_member()
    assert retention.tell_dormant(now=now) == 0
    assert retention.delete_dormant(now=now + 2 * MONTH) == 0
    assert are_here(root, staff, demo, new) == [True] * 4


def test_an_address_that_nobody_confirmed_gets_no_mail_and_the_account_goes_all_the_same(
    now: datetime.datetime,
) -> None:
    ada = dormant(now, is_confirmed=False)
    assert retention.tell_dormant(now=now) == 0
    assert not mail.outbox
    assert retention.delete_dormant(now=now + MONTH) == 1
    assert are_here(ada) == [False]


def test_a_refused_address_holds_nobody_up_and_a_lost_server_takes_nobodys_month(
    now: datetime.datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    dormant(now)
    dormant(now, email="ben@example.org")
    send = EmailBackend.send_messages

    def lose(self: EmailBackend, messages: list) -> int:
        raise ConnectionRefusedError

    def refuse_one(self: EmailBackend, messages: list) -> int:
        if messages[0].to == ["ada@example.org"]:
            raise smtplib.SMTPRecipientsRefused({})
        return int(send(self, messages))

    monkeypatch.setattr(EmailBackend, "send_messages", lose)
    with pytest.raises(ConnectionRefusedError):
        retention.tell_dormant(now=now)
    assert not Dormancy.objects.exists()
    monkeypatch.setattr(EmailBackend, "send_messages", refuse_one)
    assert retention.tell_dormant(now=now) == 1
    assert Dormancy.objects.count() == 2


def test_a_sign_up_that_was_never_finished_goes_after_a_week(now: datetime.datetime) -> None:
    unfinished, back, declined, finished = (away(make_member(), now - 8 * DAY) for _ in range(4))
    Consent.objects.filter(user__in=[unfinished, back]).delete()
    Consent.objects.filter(user=declined).update(is_given=False)
    back.visits.create(last_seen_at=now - DAY)
    assert retention.delete_unfinished(now=now) == 1
    assert are_here(unfinished, back, declined, finished) == [False, True, True, True]


def test_where_somebody_signed_in_is_forgotten_after_90_days(now: datetime.datetime, client: Client) -> None:
    client.force_login(make_member())
    client.get(reverse("accounts:profile"))
    Session.objects.create(session_key="over", session_data="", expire_date=now - DAY)
    (session,) = UserSession.objects.all()
    retention.forget_addresses(now=session.last_seen_at + 89 * DAY)
    assert UserSession.objects.exists()
    assert Session.objects.count() == 1, "a session that has run out is no use to anybody"
    retention.forget_addresses(now=session.last_seen_at + 90 * DAY)
    assert not UserSession.objects.exists()


def test_each_sweep_is_on_the_schedule_and_safe_to_run_twice() -> None:
    scheduled = {entry["task"] for entry in app.conf.beat_schedule.values()}
    for task in (tasks.tell_dormant, tasks.delete_dormant, tasks.delete_unfinished, tasks.forget_addresses):
        assert task.name in scheduled
        task()
        task()
