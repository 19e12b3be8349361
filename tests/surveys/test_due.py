"""The measurement model is trained again once a week, or when people are five in a hundred more."""

import datetime

import pytest
from django.utils import timezone

from accounts.models import Consent
from recommendations import tasks
from surveys.models import SeedImport, TrainingRun
from surveys.services import due
from tests.builders import make_member, make_sheet

pytestmark = pytest.mark.django_db
NOW = timezone.now()


def make_run(status: str = "succeeded", *, days_ago: float = 1, n_members: int = 20, left_out: int = 1) -> TrainingRun:
    return TrainingRun.objects.create(
        kind=TrainingRun.Kind.MEASUREMENT,
        status=status,
        started_at=NOW - datetime.timedelta(days=days_ago),
        n_respondents=20,
        n_members=n_members,
        report={"data": {"left_out_members": {"too fast": left_out}}},
    )


def make_learned_from(n: int) -> None:
    for _ in range(n):
        member = make_member()
        Consent.objects.update_or_create(user=member, kind=Consent.Kind.TRAINING, defaults={"is_given": True})
        make_sheet(member)


def test_it_is_due_without_a_training_and_after_a_week_a_failed_one_does_not_count() -> None:
    assert due.is_due(now=NOW)
    make_run("failed", days_ago=0.5)
    assert due.is_due(now=NOW)
    make_run("refused", days_ago=6.9)
    assert not due.is_due(now=NOW)
    assert due.is_due(now=NOW + datetime.timedelta(days=0.1))


def test_it_is_due_when_people_are_five_in_a_hundred_more_than_were_learned_from() -> None:
    make_run(n_members=0, left_out=0)
    assert not due.is_due(now=NOW)
    make_learned_from(1)
    assert due.is_due(now=NOW)
    # Forty were learned from and one left out: two more are needed.
    make_run(n_members=20, left_out=1, days_ago=0.5)
    make_learned_from(21)
    assert not due.is_due(now=NOW)
    make_learned_from(1)
    assert due.is_due(now=NOW)


def test_a_new_dataset_is_learned_from_and_the_schedule_asks_only_when_due() -> None:
    make_run()
    tasks.request_retrain()
    assert not TrainingRun.objects.filter(status="waiting").exists()
    SeedImport.objects.create(kind="synthetic", sha256="0" * 64, n_respondents=0, counts={})
    tasks.request_retrain()
    assert TrainingRun.objects.filter(status="waiting").count() == 1
