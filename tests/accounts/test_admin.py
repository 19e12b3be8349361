"""Accounts in Django admin."""

import pytest
from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Consent, Photo, Preference, Purpose, Report, User, WantedGender
from accounts.services import bans, changes, notices, notifications, safety, visits
from tests.builders import make_circle, make_member, make_preference

pytestmark = pytest.mark.django_db

MODELS = sorted(model._meta.model_name or "" for model in apps.get_app_config("accounts").get_models())
PASSWORD = "a long enough phrase 42"


@pytest.fixture
def administrator(client: Client) -> User:
    user = User.objects.create_superuser("root@example.org", PASSWORD)
    client.force_login(user)
    return user


@pytest.fixture
def rows() -> User:
    ada, ben = make_member(display_name="Ada"), make_member(display_name="Ben")
    make_circle(ada, ben)
    ada.profile.languages.create(code="de")
    ada.notification_choices.create(kind="match", frequency="daily")
    Photo.objects.create(user=ada, **dict.fromkeys(("small", "middle", "large"), "photos/none.webp"))
    preference: Preference = make_preference(ada, purpose=Purpose.DATE)
    WantedGender.objects.create(preference=preference, gender="woman")
    safety.block(blocker=ada, blocked=ben)
    safety.report(reporter=ada, subject=ben, reason="spam", details="")
    visits.record_request(user=ada, now=timezone.now())
    changes.note(ada.pk)
    notices.say(user=ada, text="Mind your words")
    bans.ban(email="gone@example.org")
    notifications.notify(user_id=ada.pk, kind="match", subject_public_id=ben.public_id)
    return ada


@pytest.mark.parametrize("name", MODELS)
def test_each_model_is_listed_searched_and_opened(client: Client, administrator: User, rows: User, name: str) -> None:
    address = reverse(f"admin:accounts_{name}_changelist")
    assert client.get(address, {"q": "x"}).status_code == 200
    model = apps.get_model("accounts", name)
    found = model.objects.first()
    assert client.get(reverse(f"admin:accounts_{name}_change", args=[found.pk])).status_code == 200
    assert admin.site._registry[model].search_fields
    assert admin.site._registry[model].list_filter or name == "group"


@pytest.mark.parametrize("name", MODELS)
def test_a_member_gets_none_of_it(client: Client, rows: User, name: str) -> None:
    client.force_login(rows)
    assert client.get(reverse(f"admin:accounts_{name}_changelist")).status_code in {302, 403}


def test_history_cannot_be_rewritten(client: Client, administrator: User, rows: User) -> None:
    consent = Consent.objects.first()
    assert consent is not None
    assert client.post(reverse("admin:accounts_consent_change", args=[consent.pk]), {}).status_code == 403
    assert client.get(reverse("admin:accounts_consent_add")).status_code == 403


def test_an_account_made_here_is_staff(client: Client, administrator: User) -> None:
    form = {"email": "second@example.org", "password1": PASSWORD, "password2": PASSWORD, "usable_password": "true"}
    client.post(reverse("admin:accounts_user_add"), form)
    assert User.objects.get(email="second@example.org").is_staff


def test_an_administrator_changes_a_password(client: Client, administrator: User, rows: User) -> None:
    address = reverse("admin:auth_user_password_change", args=[rows.pk])
    assert client.get(address).status_code == 200
    form = {"usable_password": "true", "password1": "another long phrase 43", "password2": "another long phrase 43"}
    assert client.post(address, form).status_code == 302
    rows.refresh_from_db()
    assert rows.check_password("another long phrase 43")


def test_an_account_is_found_by_address_name_and_public_id(client: Client, administrator: User, rows: User) -> None:
    for words in (rows.email, "Ada", str(rows.public_id)):
        text = client.get(reverse("admin:accounts_user_changelist"), {"q": words}).text
        assert rows.email in text
        assert "root@example.org" not in text.partition('id="result_list"')[2]


def test_an_account_without_birth_date_stays_staff(client: Client, administrator: User) -> None:
    address = reverse("admin:accounts_user_change", args=[administrator.pk])
    response = client.post(address, {"email": "root@example.org", "is_active": "on"})
    assert "can only be staff" in response.text
    administrator.refresh_from_db()
    assert administrator.is_staff


def test_what_the_law_of_the_house_rests_on_cannot_be_changed(client: Client, administrator: User, rows: User) -> None:
    before = (rows.birth_date, rows.joined_on, rows.is_demo, rows.public_id)
    form = {"email": rows.email, "is_active": "on", "birth_date": "2020-01-01", "is_demo": "on"}
    assert client.post(reverse("admin:accounts_user_change", args=[rows.pk]), form).status_code == 302
    rows.refresh_from_db()
    assert (rows.birth_date, rows.joined_on, rows.is_demo, rows.public_id) == before


def test_a_report_can_only_be_looked_at(client: Client, administrator: User, rows: User) -> None:
    report = Report.objects.get()
    address = reverse("admin:accounts_report_change", args=[report.pk])
    assert client.get(address).status_code == 200
    assert client.post(address, {"status": "upheld", "reason": "rude"}).status_code == 403
    assert client.post(reverse("admin:accounts_report_delete", args=[report.pk]), {"post": "yes"}).status_code == 403
    report.refresh_from_db()
    assert (report.status, report.reason) == ("open", "spam"), "what becomes of it is decided with a note"


def test_nobody_can_take_a_session_or_confirm_an_address_here(client: Client, administrator: User) -> None:
    ada = make_member()
    row = UserSession.objects.create(user=ada, session_key="the-key-of-ada", ip="192.0.2.1", user_agent="A browser")
    email = EmailAddress.objects.create(user=ada, email="elsewhere@example.org", verified=False)
    lists = [reverse(f"admin:{name}_changelist") for name in ("usersessions_usersession", "account_emailaddress")]
    shown = [client.get(lists[0]), client.get(lists[1]), client.get(lists[0], {"q": f"{ada.public_id}"})]
    shown.append(client.get(reverse("admin:usersessions_usersession_change", args=[row.pk])))
    assert [page.status_code for page in shown] == [200] * 4
    assert "A browser" in shown[2].text
    assert not any("the-key-of-ada" in page.text for page in shown)
    client.post(lists[1], {"action": "make_verified", "_selected_action": [email.pk]})
    form = {"user": ada.pk, "email": email.email, "verified": "on"}
    client.post(reverse("admin:account_emailaddress_change", args=[email.pk]), form)
    email.refresh_from_db()
    assert not email.verified


def test_who_may_change_accounts_gets_no_further_rights_by_it(client: Client, administrator: User, rows: User) -> None:
    clerk = User.objects.create_user("clerk@example.org", "x", is_staff=True)
    clerk.user_permissions.set(Permission.objects.filter(codename__in=("view_user", "change_user", "delete_user")))
    client.force_login(clerk)
    address = reverse("admin:accounts_user_change", args=[rows.pk])
    form = {"email": rows.email, "is_active": "on", "is_staff": "on", "is_superuser": "on"}
    assert client.post(address, form).status_code == 302
    rows.refresh_from_db()
    assert (rows.is_staff, rows.is_superuser) == (False, False)
    for colleague in (clerk, administrator):
        word = {"password1": "a long enough phrase 42", "password2": "a long enough phrase 42"}
        for name, sent in (("change", form), ("delete", {"post": "yes"})):
            place = reverse(f"admin:accounts_user_{name}", args=[colleague.pk])
            assert client.post(place, sent).status_code == 403, name
        assert client.post(reverse("admin:auth_user_password_change", args=[colleague.pk]), word).status_code == 403
    many = {"action": "delete_selected", "_selected_action": [administrator.pk], "post": "yes"}
    client.post(reverse("admin:accounts_user_changelist"), many)
    assert User.objects.filter(pk=administrator.pk, is_superuser=True).exists()


@pytest.mark.parametrize("name", ["user", "profile", "preference", "consent", "visit", "block", "circlemembership"])
def test_lists_take_the_same_queries_however_long_they_are(
    client: Client, administrator: User, rows: User, django_assert_max_num_queries, name: str
) -> None:
    for _ in range(8):
        ada = make_member()
        make_circle(ada)
        make_preference(ada)
        safety.block(blocker=ada, blocked=rows)
        visits.record_request(user=ada, now=timezone.now())
    with django_assert_max_num_queries(9):
        client.get(reverse(f"admin:accounts_{name}_changelist"))
