"""Pages that belong to no app, and what holds for every page."""

import re

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from django.urls import reverse

from accounts.models import User
from matchsite import guards
from matchsite.cache import JSONSerializer
from surveys.models import SeedImport
from surveys.services import seed
from tests.builders import make_member

pytestmark = pytest.mark.django_db

PAGES = (
    *("landing", "how-it-works", "privacy", "help", "terms", "safety", "operations:how-good"),
    *("account_login", "account_signup", "account_reset_password"),
)


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


def test_help_does_not_call_invented_people_respondents(client: Client) -> None:
    seed.ingest_synthetic()
    assert "people invented by its model" in client.get(reverse("help")).text
    SeedImport.objects.update(kind=SeedImport.Kind.PUBLISHED)
    assert "respondents of a public survey dataset" in client.get(reverse("help")).text


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


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_chosen_theme_is_sent_with_the_page(client: Client, theme: str) -> None:
    client.cookies["theme"] = theme
    assert f'<html lang="en" data-theme="{theme}">' in client.get(reverse("help")).text


@pytest.mark.parametrize("theme", ["", '"><script>', "system"])
def test_anything_else_follows_the_system(client: Client, theme: str) -> None:
    client.cookies["theme"] = theme
    assert '<html lang="en">' in client.get(reverse("help")).text


def test_navigation_says_where_one_is(client: Client) -> None:
    page = client.get(reverse("how-it-works")).text
    assert f'href="{reverse("how-it-works")}" aria-current="page"' in page


# Text and what it stands on; 4.5 to 1 is what WCAG 2.2 AA asks of text, 3 to 1 of the edges of what can be pressed.
TEXT_ON_GROUND = [
    *((text, ground) for text in ("ink", "soft", "pine", "ember") for ground in ("paper", "card", "sunk")),
    *(("ink", ground) for ground in ("pine-wash", "ember-wash", "gold-wash", "sunk")),
    ("ember-deep", "ember-wash"),
    ("soft", "pine-wash"),
    ("ember-ink", "ember"),
    ("ember-ink", "ember-deep"),
    ("pine-ink", "pine"),
    *(("hue-ink", f"hue-{hue}") for hue in ("pine", "ember", "ochre", "plum", "slate")),
]
EDGE_ON_GROUND = [("edge", "paper"), ("edge", "card")]


def colours(theme: int) -> dict[str, str]:
    """Return the colours of the light (0) or dark (1) theme by name."""
    text = (settings.BASE_DIR / "static" / "css" / "tokens.css").read_text()
    return {name: pair[theme] for name, *pair in re.findall(r"--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)", text)}


def luminance(colour: str) -> float:
    """Return WCAG's relative luminance of a colour."""
    channels = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Return WCAG's contrast ratio."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_contrast_is_computed_as_wcag_says() -> None:
    assert contrast("#ffffff", "#000000") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_everything_can_be_read(theme: int) -> None:
    named = colours(theme)
    ratios = {pair: contrast(named[pair[0]], named[pair[1]]) for pair in TEXT_ON_GROUND}
    assert {pair: ratio for pair, ratio in ratios.items() if ratio < 4.5} == {}
    assert all(contrast(named[edge], named[ground]) >= 3 for edge, ground in EDGE_ON_GROUND)
