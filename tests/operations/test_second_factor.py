"""Administrators get in with two factors only, but while somebody develops."""

import subprocess
import sys

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.services import tokens
from tests.builders import make_member

pytestmark = pytest.mark.django_db

PASSWORD = "a long enough phrase 42"


@pytest.fixture
def root(settings) -> User:
    settings.STAFF_SECOND_FACTOR = True
    return User.objects.create_superuser("root@example.org", PASSWORD)


def sign_in(client: Client) -> str:
    form = {"login": "root@example.org", "password": PASSWORD}
    return str(client.post(reverse("account_login"), form, follow=True).text)


def code_for(secret: str) -> str:
    return str(format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time()))))


def test_an_administrator_enrols_at_the_first_sign_in_and_is_asked_at_the_next(client: Client, root: User) -> None:
    sign_in(client)
    for name in ("admin:index", "admin:accounts_user_changelist", "admin:operations_health"):
        answer = client.get(reverse(name))
        assert (answer.status_code, answer["Location"]) == (302, reverse("mfa_activate_totp")), name
    again = client.get(reverse("mfa_activate_totp"))["Location"]
    assert "Set up a second factor first" in client.get(again).text
    page = client.post(again, {"password": PASSWORD}, follow=True)
    secret = page.context["form"].secret
    client.post(reverse("mfa_activate_totp"), {"code": code_for(secret)})
    assert Authenticator.objects.filter(user=root, type="totp").exists()
    assert client.get(reverse("admin:index")).status_code == 200

    row = Authenticator.objects.get(user=root, type="totp")
    shown = client.get(reverse("admin:mfa_authenticator_change", args=[row.pk]))
    assert shown.status_code == 200
    assert secret not in shown.text

    other = Client()
    assert "code" in sign_in(other).lower()
    assert other.get(reverse("admin:index")).status_code == 302, "the password alone is not enough"


def test_a_forged_session_without_a_factor_does_not_help(client: Client, root: User) -> None:
    client.force_login(root)
    assert client.post(reverse("admin:accounts_user_add"), {"email": "x@example.org"}).status_code == 302
    assert not User.objects.filter(email="x@example.org").exists()


def test_a_session_that_a_password_opened_before_is_asked_when_a_factor_is_there(client: Client, root: User) -> None:
    sign_in(client)
    Authenticator.objects.create(user=root, type="totp", data={"secret": "JBSWY3DPEHPK3PXP"})
    answer = client.get(reverse("admin:index"))
    assert (answer.status_code, answer["Location"].partition("?")[0]) == (302, reverse("mfa_reauthenticate"))
    codes = RecoveryCodes.activate(root)
    page = client.post(answer["Location"], {"code": "000000"})
    assert page.status_code == 200, "a wrong code opens nothing"
    assert client.get(reverse("admin:index")).status_code == 302
    assert client.post(answer["Location"], {"code": codes.get_unused_codes()[0]})["Location"] == reverse("admin:index")
    assert client.get(reverse("admin:index")).status_code == 200

    # Neither a way in by mail nor a token of the API is one.
    other = Client()
    secret = tokens.issue(user=root).secret
    assert other.get(reverse("admin:index"), headers={"authorization": f"Bearer {secret}"}).status_code == 302
    other.force_login(root)
    assert other.get(reverse("admin:index"))["Location"].startswith(reverse("mfa_reauthenticate"))


def test_members_need_none(client: Client, root: User) -> None:
    client.force_login(make_member())
    assert client.get(reverse("accounts:profile")).status_code in {200, 302}
    assert client.get(reverse("admin:index"))["Location"].startswith(reverse("admin:login"))


def test_nobody_is_asked_while_somebody_develops(client: Client, root: User, settings) -> None:
    settings.STAFF_SECOND_FACTOR = False
    client.force_login(root)
    assert client.get(reverse("admin:index")).status_code == 200


def test_the_setting_follows_debug() -> None:
    ask = "from django.conf import settings; print(settings.STAFF_SECOND_FACTOR)"
    surroundings = {"DJANGO_SETTINGS_MODULE": "matchsite.settings", "SECRET_KEY": "x" * 50, "PATH": ""}
    said = {
        debug: subprocess.run(
            [sys.executable, "-c", ask], env=surroundings | {"DEBUG": debug}, capture_output=True, text=True, check=True
        ).stdout.strip()
        for debug in ("0", "1")
    }
    assert said == {"0": "True", "1": "False"}
