"""Accounts in Django admin."""

import pytest
from django.apps import apps
from django.contrib import admin
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Consent, Preference, Purpose, User, WantedGender
from accounts.services import notifications, safety, visits
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
    preference: Preference = make_preference(ada, purpose=Purpose.DATE)
    WantedGender.objects.create(preference=preference, gender="woman")
    safety.block(blocker=ada, blocked=ben)
    safety.report(reporter=ada, subject=ben, reason="spam", details="")
    visits.record_request(user=ada, now=timezone.now())
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
