"""Who gets an account."""

import datetime

import pytest
from django.contrib.auth import SESSION_KEY, authenticate
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


def test_a_newcomer_is_not_called_by_a_number(client: Client) -> None:
    sign_up(client, birth_date=datetime.date(1990, 5, 17))
    text = client.get(reverse("accounts:onboarding")).text
    assert "Confirmation email sent" in text
    assert str(User.objects.get().public_id) not in text


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


def test_a_minor_is_told_why_in_one_sentence(client: Client) -> None:
    form = {"email": "kim@example.org", "password1": PASSWORD, "display_name": "Kim", "birth_date": years_ago(17)}
    text = client.post(reverse("account_signup"), form).text
    assert "Kindred is for people of 18 and older. Nothing you typed here was kept." in text
    assert 'id="id_birth_date_error"' in text
    assert not User.objects.exists()


@pytest.mark.parametrize(("today", "may"), [("2022-02-28", False), ("2022-03-01", True)])
def test_who_was_born_on_29_february_signs_up_from_1_march(client: Client, monkeypatch, today: str, may: bool) -> None:
    day = datetime.date.fromisoformat(today)
    monkeypatch.setattr(timezone, "localdate", lambda *_: day)
    sign_up(client, birth_date=datetime.date(2004, 2, 29))
    assert User.objects.exists() is may


@pytest.mark.parametrize("text", ["1990-02-30", "17 May", "", "1899-12-31"])
def test_what_is_no_birth_date_is_refused(client: Client, text: str) -> None:
    form = {"email": "kim@example.org", "password1": PASSWORD, "display_name": "Kim", "birth_date": text}
    assert client.post(reverse("account_signup"), form).status_code == 200
    assert not User.objects.exists()


def test_an_address_that_is_taken_leaves_one_account(client: Client) -> None:
    make_member(email="ada@example.org", display_name="First")
    sign_up(client, birth_date=datetime.date(1990, 5, 17), email="ADA@example.org")
    assert [profile.display_name for profile in Profile.objects.all()] == ["First"]


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


def test_a_demo_member_is_refused_on_the_page_too(client: Client, settings) -> None:
    make_member(email="demo@example.org", password=PASSWORD, is_demo=True)
    form = {"login": "demo@example.org", "password": PASSWORD}
    assert client.post(reverse("account_login"), form)["location"] == reverse("account_inactive")
    assert SESSION_KEY not in client.session
    settings.DEMO = settings.DEBUG = True
    assert client.post(reverse("account_login"), form)["location"] == reverse("recommendations:next-step")
    assert SESSION_KEY in client.session


def test_a_demo_member_does_not_stay_signed_in_when_the_demo_ends(client: Client, settings) -> None:
    settings.DEMO = settings.DEBUG = True
    client.force_login(make_member(is_demo=True), backend="accounts.backends.MemberBackend")
    assert client.get(reverse("accounts:profile")).status_code == 200
    settings.DEMO = False
    assert client.get(reverse("accounts:profile"))["location"].startswith(reverse("account_login"))


@pytest.mark.parametrize(
    ("addresses", "source"),
    [
        (["/?source=poster-2026"], "poster-2026"),
        (["/?source=first", "/help/?source=second"], "first"),
        (["/?source=<b>x</b> y"], "bxby"),
        (["/?source=" + "a" * 200], "a" * 64),
        (["/?source=" + "%00"], ""),
        (["/"], ""),
    ],
)
def test_what_led_somebody_here_is_kept_with_the_account(client: Client, addresses: list[str], source: str) -> None:
    for address in addresses:
        client.get(address)
    sign_up(client, birth_date=datetime.date(1990, 5, 17))
    assert User.objects.get().signup_source == source


def test_a_visitor_without_a_source_gets_no_session(client: Client) -> None:
    client.get("/")
    assert "sessionid" not in client.cookies


def test_where_an_invitation_led_to_is_remembered(client: Client) -> None:
    client.get(reverse("accounts:join", args=["abcdefghjk"]))
    sign_up(client, birth_date=datetime.date(1990, 5, 17))
    assert User.objects.get().signup_source == "invitation"
