"""Whatever decides whom somebody meets leaves a change when it is written."""

import datetime
from collections.abc import Callable

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import tasks
from accounts.models import Change, Circle, CircleMembership, Consent, Preference, Profile, Purpose, User, WantedGender
from accounts.services import changes, circles, consents, profiles, purposes
from tests.accounts.filled_forms import profile_form, purposes_form
from tests.builders import make_circle, make_member, make_preference

pytestmark = pytest.mark.django_db


def noted() -> set[int]:
    """Return who is noted now."""
    return {user_id for _, user_id in changes.since(timezone.now() - datetime.timedelta(minutes=1))}


WRITERS: dict[str, Callable[[User], object]] = {
    "purpose": lambda user: purposes.keep(preference=Preference(user=user, purpose=Purpose.FRIEND, is_active=True)),
    "purpose closed": lambda user: purposes.keep(
        preference=Preference(user=user, purpose=Purpose.FRIEND, is_active=False)
    ),
    "wanted genders": lambda user: purposes.keep(
        preference=Preference(user=user, purpose=Purpose.DATE), wanted=["woman"]
    ),
    "profile": lambda user: profiles.keep(profile=user.profile),
    "pause": lambda user: profiles.pause(user=user, is_paused=True),
    "consent": lambda user: consents.decide(user=user, kind=Consent.Kind.TRAINING, is_given=True),
    "consent taken back": lambda user: consents.decide(user=user, kind=Consent.Kind.MATCHING, is_given=False),
    "circle founded": lambda user: circles.found(user=user, name="Readers"),
    "circle joined": lambda user: circles.join(user=user, code=make_circle(make_member()).code),
    "circle left": lambda user: circles.leave(user=user, circle=make_circle(user, make_member())),
    "circle closed": lambda user: circles.leave(user=user, circle=make_circle(user)),
}


@pytest.mark.parametrize("name", WRITERS)
def test_each_service_notes_whom_it_changed_and_nobody_else(name: str) -> None:
    user = make_member()
    make_preference(make_member())
    assert noted() == set()
    WRITERS[name](user)
    assert noted() == {user.pk}


def test_a_decision_that_repeats_the_last_one_is_no_change() -> None:
    consents.decide(user=make_member(), kind=Consent.Kind.MATCHING, is_given=True)
    assert noted() == set()


def test_own_pages_note_who_changed_them(client: Client, ada: User) -> None:
    for name, form in (("edit-profile", profile_form()), ("purposes", purposes_form(**{"friend-is_active": "on"}))):
        Change.objects.all().delete()
        client.post(reverse(f"accounts:{name}"), form)
        assert noted() == {ada.pk}, name


# ---------------------------------------------------------------- what administrators write


@pytest.fixture
def administrator(client: Client) -> User:
    user = User.objects.create_superuser("root@example.org", "a long enough phrase 42")
    client.force_login(user)
    return user


def save(client: Client, row: User | Profile | Preference | Circle | CircleMembership, **values: object) -> None:
    address = reverse(f"admin:accounts_{row._meta.model_name}_change", args=[row.pk])
    assert client.post(address, values).status_code == 302


def delete(client: Client, *rows: User | Preference | Circle | CircleMembership) -> None:
    address = reverse(f"admin:accounts_{rows[0]._meta.model_name}_changelist")
    form = {"action": "delete_selected", "_selected_action": [row.pk for row in rows], "post": "yes"}
    assert client.post(address, form).status_code == 302


def test_an_account_that_an_administrator_ends_is_noted(client: Client, administrator: User, ada: User) -> None:
    client.force_login(administrator)
    save(client, ada, email=ada.email)
    ada.refresh_from_db()
    assert not ada.is_active
    assert noted() == {ada.pk}


def test_what_an_administrator_saves_of_somebody_is_noted(client: Client, ada: User, administrator: User) -> None:
    save(client, ada.profile, display_name="Ada", gender="man")
    assert noted() == {ada.pk}
    ben = make_member()
    preference = make_preference(ada)
    rules = {"purpose": "friend", "visibility": "everyone", "youngest": 18, "oldest": 99, "reach": "city", "room": 3}
    Change.objects.all().delete()
    save(client, preference, user=ben.pk, **rules)
    assert noted() == {ada.pk, ben.pk}, "whose row it was and whose it is"


def test_what_an_administrator_deletes_is_noted(client: Client, ada: User, administrator: User) -> None:
    ben, eve = make_member(), make_member()
    staff = User.objects.create_superuser("second@example.org", "a long enough phrase 42")
    for rows, people in (
        ([make_preference(ada)], {ada.pk}),
        ([make_circle(ada, ben), make_circle(eve)], {ada.pk, ben.pk, eve.pk}),
        ([CircleMembership.objects.get(circle=make_circle(ben), user=ben)], {ben.pk}),
        ([staff], {staff.pk}),
    ):
        Change.objects.all().delete()
        delete(client, *rows)
        assert noted() == people
    assert not User.objects.filter(email="second@example.org").exists()


def test_one_row_deleted_on_its_own_page_is_noted(client: Client, ada: User, administrator: User) -> None:
    preference = make_preference(ada)
    client.post(reverse("admin:accounts_preference_delete", args=[preference.pk]), {"post": "yes"})
    assert not Preference.objects.exists()
    assert noted() == {ada.pk}


# ---------------------------------------------------------------- how long, and with what


def test_a_change_is_undone_with_what_it_belongs_to() -> None:
    user = make_member()
    with transaction.atomic():
        purposes.keep(preference=Preference(user=user, purpose=Purpose.DATE), wanted=["man"])
        transaction.set_rollback(True)
    assert not WantedGender.objects.exists()
    assert noted() == set()


def test_a_change_outlives_the_person() -> None:
    user = make_member()
    pk = user.pk
    profiles.pause(user=user, is_paused=True)
    user.delete()
    assert noted() == {pk}


def test_changes_are_seen_from_a_moment_on_in_their_order(django_assert_num_queries) -> None:
    now = timezone.now()
    for user_id, ago in ((7, 30), (8, 20), (9, 10)):
        Change.objects.create(user_id=user_id, changed_at=now - datetime.timedelta(seconds=ago))
    with django_assert_num_queries(1):
        seen = changes.since(now - datetime.timedelta(seconds=20))
    assert [user_id for _, user_id in seen] == [8, 9]


def test_many_are_noted_by_one_statement_and_nobody_by_none(django_assert_num_queries) -> None:
    with django_assert_num_queries(1):
        changes.note(1, 2, 3)
    with django_assert_num_queries(0):
        changes.note()


def test_changes_of_more_than_a_day_ago_are_forgotten() -> None:
    now = timezone.now()
    for user_id, hours in ((1, 25), (2, 23)):
        Change.objects.create(user_id=user_id, changed_at=now - datetime.timedelta(hours=hours))
    tasks.forget_changes()
    assert list(Change.objects.values_list("user_id", flat=True)) == [2]
