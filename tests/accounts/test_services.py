"""Visits, notifications, blocks and reports."""

import datetime

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import tasks
from accounts.models import Block, Consent, Notification, Visit
from accounts.services import consents, notifications, safety, visits
from tests.builders import make_member

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
    visits.record_request(user=user, now=now + datetime.timedelta(minutes=31))
    assert list(Visit.objects.values_list("n_requests", "is_demo")) == [(1, True), (1, True)]


def test_pages_of_members_count_and_those_of_visitors_do_not(client: Client) -> None:
    client.get(reverse("landing"))
    assert Visit.objects.count() == 0
    client.force_login(make_member())
    client.get(reverse("accounts:profile"))
    assert Visit.objects.get().n_requests == 1


def make_notification(user) -> Notification:
    return notifications.notify(
        user_id=user.pk, kind=Notification.Kind.MATCH, subject_public_id=make_member().public_id
    )


def test_mail_goes_to_who_wants_it_once() -> None:
    wants, does_not = make_member(email="wants@example.org"), make_member(email="not@example.org")
    consents.decide(user=wants, kind=Consent.Kind.MAIL, is_given=True)
    make_notification(wants)
    make_notification(does_not)
    tasks.send_notifications()
    assert notifications.send_unsent() == 0
    assert [message.to for message in mail.outbox] == [["wants@example.org"]]
    assert "/matches/" in mail.outbox[0].body
    assert not Notification.objects.filter(sent_at=None).exists()


def test_a_failed_mail_is_tried_again(settings) -> None:
    user = make_member()
    consents.decide(user=user, kind=Consent.Kind.MAIL, is_given=True)
    make_notification(user)
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
