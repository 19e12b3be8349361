"""Deletion takes everything of a person at once, and leaves others whole."""

from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.core.files.storage import default_storage
from django.core.serializers import serialize
from django.db import connection
from django.db.models import Q
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoCaptureOnCommitCallbacks

from accounts.models import Circle, Report, User
from privacy.inventory import INVENTORY, Fate
from privacy.models import Export
from privacy.services import deletion
from recommendations.models import Match
from recommendations.services import matches
from surveys.models import Placement, TrainingRun
from tests.builders import make_member
from tests.privacy.conftest import SECRETS, Pair
from tests.privacy.test_exports import signed_in

pytestmark = pytest.mark.django_db


def rows_about(user: User, entry: Any) -> Any:
    mentions = Q()
    for path in (*entry.owners, *entry.others):
        mentions |= Q(**{path: user.pk})
    return entry.model._default_manager.filter(mentions)


def test_nothing_that_is_to_go_stays(pair: Pair) -> None:
    gone = [entry for entry in INVENTORY if entry.fate in {Fate.DELETED, Fate.WITH_ITS_OWNER, Fate.LET_GO}]
    assert sum(rows_about(pair.leaver, entry).exists() for entry in gone) == len(gone) - 2
    deletion.delete(user=pair.leaver)
    assert [entry.name for entry in gone if rows_about(pair.leaver, entry).exists()] == []


def test_no_word_of_the_person_is_left_in_any_table(pair: Pair) -> None:
    deletion.delete(user=pair.leaver)
    for entry in INVENTORY:
        content = serialize("json", entry.model._default_manager.all())
        assert not [secret for secret in SECRETS if secret in content], entry.name


def test_what_is_left_of_the_account_is_empty(pair: Pair) -> None:
    deletion.delete(user=pair.leaver)
    left = User.objects.get(pk=pair.leaver.pk)
    assert (left.is_active, left.is_member, left.birth_date, left.last_login, left.signup_source) == (
        False,
        False,
        None,
        None,
        "",
    )
    assert left.deleted_at is not None
    assert not left.has_usable_password()
    assert left.public_id == pair.leaver.public_id
    assert not User.objects.members().filter(pk=left.pk).exists()


def test_the_address_can_sign_up_again(pair: Pair) -> None:
    deletion.delete(user=pair.leaver)
    assert make_member(email=SECRETS[0]).pk != pair.leaver.pk


def test_the_match_ends_and_the_other_keeps_everything_else(pair: Pair) -> None:
    deletion.delete(user=pair.leaver)
    assert not matches.of(user=pair.other).exists()
    match = Match.objects.between(pair.leaver.pk, pair.other.pk).get()
    assert match.ended_at is not None
    assert (match.met(pair.leaver.pk), match.met(pair.other.pk)) == (None, False)
    assert [message.text for message in match.messages.all()] == ["What the other wrote"]
    assert Placement.objects.filter(sheet__user=pair.other).exists()
    assert pair.other.profile.display_name


def test_a_circle_is_handed_on(pair: Pair) -> None:
    deletion.delete(user=pair.leaver)
    assert Circle.objects.get().owner == pair.other


def test_reports_and_training_runs_stay_without_a_name(pair: Pair) -> None:
    deletion.delete(user=pair.leaver)
    assert Report.objects.get().reporter is None
    assert TrainingRun.objects.filter(asked_by=None, status="succeeded").exists()


def test_files_and_sessions_go_too(
    pair: Pair, client: Client, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    name = Export.objects.get(user=pair.leaver).file.name
    other = Client()
    other.force_login(pair.other)
    client.force_login(pair.leaver)
    with django_capture_on_commit_callbacks(execute=True):
        deletion.delete(user=pair.leaver)
    assert not default_storage.exists(name)
    assert Session.objects.count() == 1
    assert reverse("account_login") in client.get(reverse("privacy:own-data"))["Location"]
    assert other.get(reverse("privacy:own-data")).status_code == 200


def test_deleting_takes_the_word(client: Client, pair: Pair) -> None:
    signed_in(client, pair.leaver)
    page = client.get(reverse("privacy:delete")).content.decode()
    assert "What stays" in page
    refused = client.post(reverse("privacy:delete"), {"word": "yes"})
    assert "nothing has been deleted" in refused.content.decode()
    assert User.objects.get(pk=pair.leaver.pk).is_active
    done = client.post(reverse("privacy:delete"), {"word": " Delete "}, follow=True)
    assert "It is done" in done.content.decode()
    assert not User.objects.get(pk=pair.leaver.pk).is_active


def test_a_deletion_that_fails_half_way_deletes_nothing(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(self: User) -> None:
        raise RuntimeError

    monkeypatch.setattr(User, "bury", fail)
    with pytest.raises(RuntimeError):
        deletion.delete(user=pair.leaver)
    assert pair.leaver.answer_sheets.exists()
    export = Export.objects.get(user=pair.leaver)
    assert default_storage.exists(export.file.name)
    assert connection.in_atomic_block
