"""A copy holds everything of oneself, nothing of others, and goes after two days."""

import csv
import datetime
import io
import json
import secrets
import zipfile
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core.files.storage import default_storage
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks

from accounts.models import User
from privacy import tasks
from privacy.inventory import INVENTORY
from privacy.models import Export
from privacy.services import exports
from recommendations.models import Match
from surveys.models import AnswerSheet
from tests.builders import make_member
from tests.privacy.conftest import SECRETS, Pair

pytestmark = pytest.mark.django_db

MATCHES = next(entry for entry in INVENTORY if entry.model is Match)


def archive_of(user: User) -> zipfile.ZipFile:
    export = exports.of(user=user)
    assert export is not None
    with export.file.open("rb") as file:
        return zipfile.ZipFile(io.BytesIO(file.read()))


def everything(user: User) -> dict[str, list[dict[str, Any]]]:
    parts: dict[str, list[dict[str, Any]]] = json.loads(archive_of(user).read(exports.JSON_NAME))
    return parts


def age(export: Export, hours: float) -> None:
    Export.objects.filter(pk=export.pk).update(created_at=timezone.now() - datetime.timedelta(hours=hours))


def test_a_copy_holds_a_row_of_everything_that_is_kept(pair: Pair) -> None:
    parts = everything(pair.leaver)
    assert set(parts) == {entry.name for entry in INVENTORY if entry.exported}
    assert [row["email"] for row in parts["users"]] == [SECRETS[0]]
    assert parts["profiles"][0]["bio"] == "Ask me about moths"
    assert parts["verdicts"][0]["target__public_id"] == str(pair.other.public_id)
    assert parts["matches"][0]["purpose"] == "friend"
    # Of what either of the two answered or opened, only one's own.
    assert [row["met"] for row in parts["matches"]] == [True]
    assert [row["met"] for row in exports.rows_of(MATCHES, pair.other)] == [False]
    assert [row["text"] for row in parts["messages"]] == [SECRETS[5]]
    empty = {name for name, rows in parts.items() if not rows}
    assert empty == {"authenticators", "sample_verdicts", "exports"}


def test_answers_are_written_as_they_were_given(pair: Pair) -> None:
    sheet = AnswerSheet.objects.get(user=pair.leaver)
    (row,) = everything(pair.leaver)["answer_sheets"]
    assert bytes(answer or 0 for answer in row["answers"]) == bytes(sheet.answers)
    (place,) = everything(pair.leaver)["placements"]
    assert len(place["scales"]) == 16


def test_the_tables_hold_the_same_rows(pair: Pair) -> None:
    archive, parts = archive_of(pair.leaver), everything(pair.leaver)
    for name, rows in parts.items():
        if rows:
            table = list(csv.DictReader(io.StringIO(archive.read(f"{name}.csv").decode())))
            assert len(table) == len(rows)
            assert list(table[0]) == list(rows[0])


def test_nothing_of_others_is_in_it(pair: Pair) -> None:
    content = archive_of(pair.leaver).read(exports.JSON_NAME).decode()
    assert pair.other.email not in content
    assert pair.other.profile.display_name not in content
    assert [row["value"] for row in everything(pair.leaver)["verdicts"]] == ["like"]
    others = {row["blocked__public_id"] for row in everything(pair.leaver)["blocks"]}
    assert str(pair.leaver.public_id) not in others


def test_a_cell_that_a_spreadsheet_would_compute_is_text(pair: Pair) -> None:
    pair.leaver.profile.bio = "=1+1"
    pair.leaver.profile.save()
    exports.make(user=pair.leaver)
    (row,) = csv.DictReader(io.StringIO(archive_of(pair.leaver).read("profiles.csv").decode()))
    assert row["bio"] == "'=1+1"


def test_a_new_copy_takes_the_place_of_the_one_before(
    pair: Pair, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    before = Export.objects.get(user=pair.leaver)
    with django_capture_on_commit_callbacks(execute=True):
        exports.make(user=pair.leaver)
    assert Export.objects.get(user=pair.leaver) != before
    assert not default_storage.exists(before.file.name)


def test_after_two_days_the_copy_is_gone(
    pair: Pair, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    export = Export.objects.get(user=pair.leaver)
    age(export, 47)
    tasks.remove_expired_exports()
    assert exports.of(user=pair.leaver) == export
    age(export, 49)
    assert exports.of(user=pair.leaver) is None
    assert Export.objects.get(pk=export.pk).is_expired
    with django_capture_on_commit_callbacks(execute=True):
        tasks.remove_expired_exports()
    assert not Export.objects.exists()
    assert not default_storage.exists(export.file.name)


def signed_in(client: Client, user: User) -> None:
    """Sign in and give the password once more, as the pages ask for it."""
    password = secrets.token_urlsafe()
    user.set_password(password)
    user.save()
    EmailAddress.objects.get_or_create(user=user, email=user.email, verified=True, primary=True)
    client.post(reverse("account_login"), {"login": user.email, "password": password})
    client.post(reverse("account_reauthenticate"), {"password": password})


def test_ones_own_copy_can_be_fetched_after_the_password(client: Client, pair: Pair) -> None:
    signed_in(client, pair.leaver)
    page = client.post(reverse("privacy:make-copy"), follow=True)
    export = exports.of(user=pair.leaver)
    assert export is not None
    link = reverse("privacy:fetch-copy", args=[export.public_id])
    assert link in page.content.decode()
    response = client.get(link)
    assert response["Content-Disposition"] == 'attachment; filename="kindred.zip"'
    assert zipfile.ZipFile(io.BytesIO(b"".join(response.streaming_content))).testzip() is None  # type: ignore[attr-defined]
    response.close()


@pytest.mark.parametrize("name", ["make-copy", "delete"])
def test_without_the_password_just_given_it_is_asked_for(client: Client, pair: Pair, name: str) -> None:
    before = exports.of(user=pair.leaver)
    pair.leaver.set_password(secrets.token_urlsafe())
    pair.leaver.save()
    client.force_login(pair.leaver)
    response = client.post(reverse(f"privacy:{name}"), {"word": "delete"})
    assert reverse("account_reauthenticate") in response["Location"]
    assert exports.of(user=pair.leaver) == before
    assert User.objects.get(pk=pair.leaver.pk).is_active


def test_a_stranger_gets_nothing(client: Client, pair: Pair) -> None:
    export = exports.of(user=pair.leaver)
    assert export is not None
    link = reverse("privacy:fetch-copy", args=[export.public_id])
    assert client.get(link).status_code == 302
    stranger = make_member()
    signed_in(client, stranger)
    assert client.get(link).status_code == 404
    exports.make(user=stranger)
    assert client.get(link).status_code == 404


def test_the_page_lists_every_part(client: Client, pair: Pair) -> None:
    client.force_login(pair.leaver)
    page = client.get(reverse("privacy:own-data")).content.decode()
    for entry in INVENTORY:
        assert (str(entry.title) in page) == bool(entry.exported)
