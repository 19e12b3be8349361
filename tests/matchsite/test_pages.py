"""Pages that belong to no app, and what holds for every page."""

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from django.urls import reverse

from accounts.models import User
from matchsite import guards
from matchsite.cache import JSONSerializer
from tests.builders import make_member

pytestmark = pytest.mark.django_db

PAGES = ("landing", "how-it-works", "privacy", "help", "account_login", "account_signup", "account_reset_password")


@pytest.mark.parametrize("name", PAGES)
def test_visitors_may_read(client: Client, name: str) -> None:
    response = client.get(reverse(name))
    assert response.status_code == 200
    assert "not the 16PF Questionnaire, not a diagnosis" in response.text


@pytest.mark.parametrize("name", PAGES)
def test_no_page_carries_a_script_or_a_style_of_its_own(client: Client, name: str) -> None:
    response = client.get(reverse(name))
    policy = response["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "style=" not in response.text
    assert "<script>" not in response.text
    assert " onclick" not in response.text


def test_the_landing_page_draws_a_wheel(client: Client) -> None:
    page = client.get(reverse("landing")).text
    assert "<svg" in page
    assert "Imagination" in page


def test_who_is_signed_in_goes_on(client: Client) -> None:
    client.force_login(make_member())
    assert client.get(reverse("landing"))["location"] == reverse("recommendations:next-step")


def test_only_admin_has_the_wider_policy(client: Client) -> None:
    client.force_login(User.objects.create_superuser("root@example.org", "a long enough phrase 42"))
    assert "unsafe-eval" in client.get(reverse("admin:index")).headers["Content-Security-Policy"]
    assert "unsafe" not in client.get(reverse("help")).headers["Content-Security-Policy"]


def test_the_process_says_that_it_lives(client: Client) -> None:
    assert client.get(reverse("healthz")).text == "ok"


def test_what_is_not_there_has_a_page_of_its_own(client: Client, settings) -> None:
    settings.DEBUG = False
    response = client.get("/nowhere/")
    assert response.status_code == 404
    assert "Nothing here" in response.text


def test_a_public_site_needs_a_secret_of_its_own(settings) -> None:
    settings.DEBUG, settings.SECRET_KEY_IS_CONFIGURED = False, False
    with pytest.raises(ImproperlyConfigured, match="SECRET_KEY"):
        guards.refuse_unsafe_web_role()


@pytest.mark.parametrize("value", [7, True, "text", None, [1.5, "two"], {"three": [3]}])
def test_the_cache_keeps_json(value: object) -> None:
    serializer = JSONSerializer()
    stored = serializer.dumps(value)
    assert serializer.loads(str(stored).encode() if isinstance(stored, int) else stored) == value
