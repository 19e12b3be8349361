"""Visits, notifications, blocks and reports."""

import datetime
import smtplib

import pytest
from django.core import mail
from django.core.mail import EmailMessage
from django.core.mail.backends import locmem
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import tasks
from accounts.models import Block, Consent, Notification, Profile, User, Visit
from accounts.services import consents, notifications, safety, visits
from tests.builders import make_member, make_reader
from tests.database_plugin import partly_unique

pytestmark = pytest.mark.django_db


def test_requests_within_thirty_minutes_are_one_visit() -> None:
    user, now = make_member(), timezone.now()
    for minutes in (0, 20, 50):
        visits.record_request(user=user, now=now + datetime.timedelta(minutes=minutes))
    visit = Visit.objects.get()
    assert visit.n_requests == 3
    assert visit.last_seen_at - visit.started_at == datetime.timedelta(minutes=50)


def test_a_longer_pause_begins_a_new_visit() -> None:
    user, now = make_member(is_demo=True), timezone.now()
    visits.record_request(user=user, now=now)
    visits.record_request(user=user, now=now + datetime.timedelta(minutes=30, seconds=1))
    assert list(Visit.objects.values_list("n_requests", "is_demo")) == [(1, True), (1, True)]


def test_a_request_of_a_visit_is_one_update(django_assert_num_queries) -> None:
    user, now = make_member(), timezone.now()
    visits.record_request(user=user, now=now)
    with django_assert_num_queries(1) as captured:
        visits.record_request(user=user, now=now)
    assert captured.captured_queries[0]["sql"].startswith("UPDATE")


def test_the_visits_of_two_people_are_two() -> None:
    one, other = make_member(), make_member()
    for user in (one, other, one):
        visits.record_request(user=user, now=timezone.now())
    assert set(Visit.objects.values_list("user", "n_requests")) == {(one.pk, 2), (other.pk, 1)}


def test_a_request_of_an_account_that_is_gone_counts_nothing() -> None:
    user = make_member()
    User.objects.filter(pk=user.pk).delete()
    visits.record_request(user=user, now=timezone.now())
    assert Visit.objects.count() == 0


def test_administrators_have_no_visits(client: Client) -> None:
    client.force_login(User.objects.create_superuser("root@example.org", "a long enough phrase 42"))
    client.get(reverse("landing"))
    assert Visit.objects.count() == 0


def test_pages_of_members_count_and_those_of_visitors_do_not(client: Client) -> None:
    client.get(reverse("landing"))
    assert Visit.objects.count() == 0
    client.force_login(make_member())
    client.get(reverse("accounts:profile"))
    assert Visit.objects.get().n_requests == 1


def make_notification(user: User, **subject: str) -> Notification:
    other = make_member(**subject)
    return notifications.notify(user_id=user.pk, kind=Notification.Kind.MATCH, subject_public_id=other.public_id)


def refuse_mail_to(monkeypatch, refused: str) -> None:
    """Let the mail server refuse one address, as real ones do."""
    send = locmem.EmailBackend.send_messages

    def send_others(backend: locmem.EmailBackend, messages: list[EmailMessage]) -> int:
        if messages[0].to == [refused]:
            raise smtplib.SMTPRecipientsRefused({refused: (550, b"no such person")})
        return send(backend, messages)

    monkeypatch.setattr(locmem.EmailBackend, "send_messages", send_others)


def test_mail_goes_to_who_wants_it_once() -> None:
    wants, does_not = make_reader(email="wants@example.org"), make_member(email="not@example.org")
    make_notification(wants)
    make_notification(does_not)
    tasks.send_notifications()
    assert notifications.send_unsent() == 0
    assert [message.to for message in mail.outbox] == [["wants@example.org"]]
    assert "/matches/" in mail.outbox[0].body
    assert not Notification.objects.filter(sent_at=None).exists()


def test_a_mail_names_nobody_and_says_how_to_end_it(settings) -> None:
    settings.SITE_URL = "https://kindred.example"
    make_notification(make_reader(email="wants@example.org"), display_name="Mallory")
    assert notifications.send_unsent() == 1
    text = f"{mail.outbox[0].subject} {mail.outbox[0].body}"
    assert "Mallory" not in text
    assert "https://kindred.example/matches/" in text
    assert "https://kindred.example/me/settings/" in text


@pytest.mark.parametrize("changes", [{"is_active": False}, {"is_demo": True}])
def test_nobody_writes_to_who_is_gone_or_never_was(changes: dict[str, bool]) -> None:
    user = make_reader(email="wants@example.org")
    User.objects.filter(pk=user.pk).update(**changes)
    make_notification(user)
    assert notifications.send_unsent() == 0
    assert not mail.outbox
    assert not Notification.objects.filter(sent_at=None).exists()


def test_a_consent_taken_back_before_the_sweep_holds() -> None:
    user = make_reader(email="wants@example.org")
    make_notification(user)
    consents.decide(user=user, kind=Consent.Kind.MAIL, is_given=False)
    assert notifications.send_unsent() == 0
    assert not mail.outbox


def test_an_address_that_refuses_keeps_nobody_else_waiting(monkeypatch, caplog) -> None:
    refuse_mail_to(monkeypatch, "gone@example.org")
    for email in ("gone@example.org", "wants@example.org"):
        make_notification(make_reader(email=email))
    assert notifications.send_unsent() == 1
    assert [message.to for message in mail.outbox] == [["wants@example.org"]]
    assert Notification.objects.get(sent_at=None).user.email == "gone@example.org"
    assert "gone@" not in caplog.text


def test_an_address_that_refuses_for_two_days_is_given_up(monkeypatch) -> None:
    refuse_mail_to(monkeypatch, "gone@example.org")
    make_notification(make_reader(email="gone@example.org"))
    notifications.send_unsent()
    assert Notification.objects.filter(sent_at=None).exists()
    Notification.objects.update(created_at=timezone.now() - datetime.timedelta(days=2, minutes=1))
    assert notifications.send_unsent() == 0
    assert not Notification.objects.filter(sent_at=None).exists()


def test_a_failed_mail_is_tried_again(settings) -> None:
    make_notification(make_reader())
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    with pytest.raises(OSError, match="refused"):
        notifications.send_unsent()
    assert Notification.objects.filter(sent_at=None).count() == 1


def test_a_notification_is_written_once_and_read() -> None:
    user, subject = make_member(), make_member().public_id
    for _ in range(2):
        notifications.notify(user_id=user.pk, kind=Notification.Kind.MATCH, subject_public_id=subject)
    assert notifications.unread(user_id=user.pk) == 1
    notifications.mark_read(user_id=user.pk, kind=Notification.Kind.MATCH)
    assert notifications.unread(user_id=user.pk) == 0


def test_a_block_holds_both_ways_until_it_is_taken_back() -> None:
    one, other = make_member(), make_member()
    safety.block(blocker=one, blocked=other)
    safety.block(blocker=one, blocked=other)
    assert Block.objects.ids_apart_from(one.pk) == {other.pk}
    assert Block.objects.ids_apart_from(other.pk) == {one.pk}
    safety.unblock(blocker=other, blocked=one)
    assert Block.objects.count() == 1
    safety.unblock(blocker=one, blocked=other)
    assert Block.objects.count() == 0


def test_nobody_blocks_themselves() -> None:
    user = make_member()
    with pytest.raises(IntegrityError), transaction.atomic():
        safety.block(blocker=user, blocked=user)


def test_a_report_outlives_what_it_is_about() -> None:
    reporter, subject = make_member(), make_member(display_name="Mallory")
    public_id = subject.public_id
    report = safety.report(reporter=reporter, subject=subject, reason="spam", details="sells things")
    subject.delete()
    report.refresh_from_db()
    assert report.subject_public_id == public_id
    assert report.frozen_copy["display_name"] == "Mallory"


def test_a_report_keeps_what_was_seen_and_nothing_else() -> None:
    subject = make_member(display_name="Mallory", email="mallory@example.org")
    Profile.objects.filter(user=subject).update(headline="Sells", contact="+351 555", gender="man", city=2267057)
    report = safety.report(reporter=make_member(), subject=subject, reason="fake", details="")
    Profile.objects.filter(user=subject).update(headline="Innocent")
    report.refresh_from_db()
    assert report.frozen_copy == {
        "display_name": "Mallory",
        "headline": "Sells",
        "bio": "",
        "city": "Lisbon, Portugal",
    }


def test_a_report_about_or_by_the_demo_population_says_so() -> None:
    member, demo = make_member(), make_member(is_demo=True)
    reports = [
        safety.report(reporter=reporter, subject=subject, reason="other", details="")
        for reporter, subject in ((member, demo), (demo, member), (member, make_member()))
    ]
    assert [report.is_demo for report in reports] == [True, True, False]


def test_the_newest_decision_of_a_kind_holds_however_it_is_written() -> None:
    user, other = make_member(), make_member()
    for is_given in (False, True, False):
        user.consents.create(kind=Consent.Kind.TRAINING, is_given=is_given)
    other.consents.create(kind=Consent.Kind.TRAINING, is_given=True)
    assert list(user.consents.order_by("pk").values_list("kind", "is_newest")) == [
        ("matching", True),
        ("training", False),
        ("training", False),
        ("training", True),
    ]
    assert consents.given_kinds(user=user) == {"matching"}
    assert consents.given_user_ids(kind=Consent.Kind.TRAINING) == {other.pk}


@partly_unique
def test_two_decisions_of_a_kind_are_never_both_the_newest() -> None:
    user = make_member()
    with pytest.raises(IntegrityError), transaction.atomic():
        Consent.objects.bulk_create([Consent(user=user, kind=Consent.Kind.MATCHING, is_given=False)])
