"""Who wants to know is told that somebody like them has come, and nothing else."""

import datetime
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.db.models import F
from django.utils import timezone

from accounts.models import Consent, Notification, NotificationChoice, Preference, User
from accounts.services import consents, notifications, safety
from recommendations.models import Impression
from recommendations.services import newcomers
from surveys.models import AnswerSheet, MeasurementVersion
from surveys.services import placing
from tests.recommendations.builders import answer_like, make_impression, make_people

pytestmark = pytest.mark.django_db

DAY = datetime.timedelta(days=1)


@pytest.fixture
def people(version: MeasurementVersion) -> list[User]:
    """Return people who have long been here; the first was here a while after all others and wants mail."""
    people = make_people(version, 4)
    _have_come(people, timezone.now() - 30 * DAY)
    for person in people:
        person.visits.create(started_at=timezone.now() - 3 * DAY, last_seen_at=timezone.now() - 3 * DAY)
    EmailAddress.objects.create(user=people[0], email=people[0].email, verified=True, primary=True)
    consents.decide(user=people[0], kind=Consent.Kind.MAIL, is_given=True)
    return people


def _have_come(people: list[User], moment: datetime.datetime) -> None:
    AnswerSheet.objects.filter(user__in=people).update(changed_at=moment)
    Preference.objects.filter(user__in=people).update(updated_at=moment)


def _somebody_like(reader: User, version: MeasurementVersion, **fields: Any) -> User:
    (new,) = make_people(version, 1, seed=99)
    User.objects.filter(pk=new.pk).update(**fields)
    answer_like(version, new, reader)
    return new


def _notes() -> list[int]:
    return list(Notification.objects.filter(kind=Notification.Kind.PEOPLE).values_list("user_id", flat=True))


def tell(later: datetime.timedelta = datetime.timedelta(0)) -> int:
    return newcomers.tell(now=timezone.now() + later)


def test_who_wants_it_is_told_once_a_week_and_shown_nothing(
    people: list[User], version: MeasurementVersion, settings: Any
) -> None:
    assert tell() == 0, "nobody has come since the last visit"
    _somebody_like(people[0], version)
    assert tell() == 1
    assert _notes() == [people[0].pk], "the others agreed to no mail"
    assert not Impression.objects.exists()
    Notification.objects.update(due_at=F("created_at"))
    assert notifications.send_unsent() == 1
    assert "new people" in mail.outbox[0].body
    _somebody_like(people[0], version)
    assert tell(2 * DAY) == 0, "too soon"
    assert tell(7 * DAY) == 1
    assert _notes() == [people[0].pk], "one row that is renewed"


def test_a_choice_of_days_is_kept_and_never_is_never(people: list[User], version: MeasurementVersion) -> None:
    choice = NotificationChoice.objects.create(user=people[0], kind=Notification.Kind.PEOPLE, frequency="never")
    _somebody_like(people[0], version)
    assert tell() == 0
    NotificationChoice.objects.filter(pk=choice.pk).update(frequency="daily")
    assert tell() == 1
    _somebody_like(people[0], version)
    assert tell(DAY) == 1


@pytest.mark.parametrize("why", ["unlike", "blocked", "shown", "demo", "seen", "paused"])
def test_nobody_is_told_of_who_is_no_news(
    people: list[User], version: MeasurementVersion, why: str, settings: Any
) -> None:
    reader = people[0]
    settings.DEMO = True
    new = _somebody_like(reader, version, is_demo=why == "demo")
    if why == "unlike":
        mirrored = bytes(6 - answer for answer in bytes(AnswerSheet.objects.get(user=reader).answers))
        AnswerSheet.objects.filter(user=new).update(answers=mirrored, revision=2)
        placing.place_everyone(version=version)
    elif why == "blocked":
        safety.block(blocker=new, blocked=reader)
    elif why == "shown":
        make_impression(reader, new)
    elif why == "seen":
        reader.visits.update(last_seen_at=timezone.now())
    elif why == "paused":
        type(reader.profile).objects.filter(user=reader).update(is_paused=True)
    assert tell() == 0


def test_time_that_has_run_out_tells_nobody_and_the_next_day_does(
    people: list[User], version: MeasurementVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    _somebody_like(people[0], version)
    monkeypatch.setattr(newcomers, "SECONDS_FOR_A_SWEEP", -1.0)
    assert tell() == 0
    monkeypatch.undo()
    assert tell() == 1


def test_a_visit_meanwhile_makes_the_mail_needless(people: list[User], version: MeasurementVersion) -> None:
    _somebody_like(people[0], version)
    assert tell() == 1
    Notification.objects.update(due_at=F("created_at"))
    people[0].visits.update(last_seen_at=timezone.now() + datetime.timedelta(minutes=1))
    assert notifications.send_unsent() == 0
    assert Notification.objects.get(kind=Notification.Kind.PEOPLE).read_at is not None
