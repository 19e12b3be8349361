"""Who gets an account."""

import datetime

import pytest
from django.contrib.auth import authenticate
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Profile, User, adult_on
from tests.builders import make_member

pytestmark = pytest.mark.django_db

PASSWORD = "a long enough phrase 42"


def sign_up(client: Client, *, birth_date: datetime.date, email: str = "ada@example.org") -> int:
    form = {"email": email, "password1": PASSWORD, "display_name": "Ada", "birth_date": birth_date.isoformat()}
    return client.post(reverse("account_signup"), form).status_code


def years_ago(years: int, *, days: int = 0) -> datetime.date:
    today = timezone.localdate()
    return today.replace(year=today.year - years, day=min(today.day, 28)) + datetime.timedelta(days=days)


def test_a_grown_up_gets_an_account_with_a_profile(client: Client) -> None:
    assert sign_up(client, birth_date=datetime.date(1990, 5, 17)) == 302
    user = User.objects.get()
    assert user.email == "ada@example.org"
    assert user.adult_on == datetime.date(2008, 5, 17)
    assert Profile.objects.get(user=user).display_name == "Ada"


def test_who_is_18_today_gets_an_account(client: Client) -> None:
    today = timezone.localdate()
    birth_date = datetime.date(today.year - 18, today.month, min(today.day, 28))
    sign_up(client, birth_date=birth_date)
    assert User.objects.count() == 1


def test_who_is_18_tomorrow_leaves_no_row(client: Client) -> None:
    tomorrow = timezone.localdate() + datetime.timedelta(days=1)
    birth_date = tomorrow.replace(year=tomorrow.year - 18)
    assert sign_up(client, birth_date=birth_date) == 200
    assert User.objects.count() == 0
    assert Profile.objects.count() == 0


def test_a_birth_date_in_the_future_is_refused(client: Client) -> None:
    assert sign_up(client, birth_date=timezone.localdate() + datetime.timedelta(days=2)) == 200
    assert User.objects.count() == 0


def test_who_was_born_on_29_february_comes_of_age_on_1_march() -> None:
    assert adult_on(datetime.date(2004, 2, 29)) == datetime.date(2022, 3, 1)


def test_the_database_itself_refuses_a_minor() -> None:
    user = make_member()
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.filter(pk=user.pk).update(adult_on=timezone.localdate() + datetime.timedelta(days=1))


def test_the_database_itself_refuses_a_member_without_birth_date() -> None:
    user = make_member()
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.filter(pk=user.pk).update(birth_date=None, adult_on=None)


def test_staff_need_no_birth_date() -> None:
    assert User.objects.create_superuser("root@example.org", PASSWORD).age_on(timezone.localdate()) is None


def test_age_counts_whole_years() -> None:
    user = make_member(birth_date=datetime.date(1990, 5, 17))
    assert user.age_on(datetime.date(2026, 5, 16)) == 35
    assert user.age_on(datetime.date(2026, 5, 17)) == 36


@pytest.mark.parametrize(("demo", "debug", "may"), [(True, True, True), (True, False, False), (False, True, False)])
def test_a_demo_member_signs_in_only_where_a_demo_is_developed(settings, demo, debug, may) -> None:
    make_member(email="demo@example.org", password=PASSWORD, is_demo=True)
    settings.DEMO, settings.DEBUG = demo, debug
    assert (authenticate(email="demo@example.org", password=PASSWORD) is not None) is may


def test_where_an_invitation_led_to_is_remembered(client: Client) -> None:
    client.get(reverse("accounts:join", args=["abcdefghjk"]))
    sign_up(client, birth_date=datetime.date(1990, 5, 17))
    assert User.objects.get().signup_source == "invitation"
