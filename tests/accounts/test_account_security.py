"""Confirmation, reset, limits and the second factor, as somebody with a mailbox and an authenticator meets them."""

import re
from collections.abc import Iterator

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.contrib.auth import SESSION_KEY
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from accounts.models import User
from tests.builders import make_member

pytestmark = pytest.mark.django_db

PASSWORD = "a long enough phrase 42"
ANOTHER = "quite another phrase 43"


@pytest.fixture(autouse=True)
def fresh_limits() -> Iterator[None]:
    """Let no test use up what another may try."""
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def grace() -> User:
    """Return a member with a password and a confirmed address."""
    user = make_member(display_name="Grace")
    user.set_password(PASSWORD)
    user.save()
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def link_in(message: mail.EmailMessage) -> str:
    """Return the path of the one link in a mail."""
    (path,) = re.findall(r"https?://[^/\s]+(/accounts/\S+)", str(message.body))
    return str(path)


def sign_in(client: Client, user: User, password: str = PASSWORD) -> bool:
    client.post(reverse("account_login"), {"login": user.email, "password": password})
    return SESSION_KEY in client.session


def code_of(secret: str) -> str:
    """Return what an authenticator shows now."""
    return str(format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time())))))


def test_an_address_is_confirmed_by_the_link_that_was_sent_there(client: Client) -> None:
    form = {"email": "ada@example.org", "password1": PASSWORD, "display_name": "Ada", "birth_date": "1990-05-17"}
    client.post(reverse("account_signup"), form)
    (message,) = mail.outbox
    assert message.to == ["ada@example.org"]
    assert "Ada" not in message.subject
    address = EmailAddress.objects.get()
    assert not address.verified
    client.post(link_in(message))
    address.refresh_from_db()
    assert address.verified


def test_a_forgotten_password_is_replaced_by_the_link_that_was_sent(client: Client, grace: User) -> None:
    client.post(reverse("account_reset_password"), {"email": grace.email})
    path = link_in(mail.outbox[0])
    form_path = client.get(path)["location"]
    client.post(form_path, {"password1": ANOTHER, "password2": ANOTHER})
    assert not sign_in(Client(), grace)
    assert sign_in(Client(), grace, ANOTHER)
    used = Client()
    assert "no longer good" in used.get(path).text


def test_a_reset_tells_nobody_who_has_an_account(client: Client, grace: User) -> None:
    known = client.post(reverse("account_reset_password"), {"email": grace.email})
    unknown = client.post(reverse("account_reset_password"), {"email": "nobody@example.org"})
    assert (known.status_code, known["location"]) == (unknown.status_code, unknown["location"])
    assert not re.findall(r"/accounts/password/reset/key/", str(mail.outbox[1].body))


def test_whoever_guesses_is_stopped_even_with_the_right_phrase(client: Client, grace: User) -> None:
    for guess in range(10):
        assert not sign_in(client, grace, f"a wrong phrase {guess}")
    assert not sign_in(client, grace)
    assert sign_in(Client(REMOTE_ADDR="198.51.100.7"), make_known()), "others are not stopped"


def make_known() -> User:
    user = make_member()
    user.set_password(PASSWORD)
    user.save()
    return user


def test_too_many_resets_are_refused(client: Client, grace: User) -> None:
    codes = [client.post(reverse("account_reset_password"), {"email": grace.email}).status_code for _ in range(25)]
    assert codes[0] == 302
    assert codes[-1] == 429
    assert len(mail.outbox) < 25


def test_with_a_second_factor_the_password_alone_is_not_enough(client: Client, grace: User) -> None:
    secret = generate_totp_secret()
    TOTP.activate(grace, secret)
    assert not sign_in(client, grace)
    page = reverse("mfa_authenticate")
    assert client.get(page).status_code == 200
    client.post(page, {"code": "000000" if code_of(secret) != "000000" else "111111"})
    assert SESSION_KEY not in client.session
    client.post(page, {"code": code_of(secret)})
    assert SESSION_KEY in client.session


def test_a_member_sets_up_a_second_factor_after_saying_the_password_again(client: Client, grace: User) -> None:
    client.force_login(grace)
    page = reverse("mfa_activate_totp")
    asked = client.get(page)
    assert asked["location"].startswith(reverse("account_reauthenticate"))
    client.post(asked["location"], {"password": PASSWORD})
    assert "data:image/svg+xml" in client.get(page).text
    client.post(page, {"code": code_of(client.session["mfa.totp.secret"])})
    assert Authenticator.objects.filter(user=grace, type=Authenticator.Type.TOTP).count() == 1


def test_the_administration_has_no_door_of_its_own(client: Client) -> None:
    answer = client.get(reverse("admin:index"), follow=True)
    assert answer.redirect_chain[-1][0].startswith(reverse("account_login"))
