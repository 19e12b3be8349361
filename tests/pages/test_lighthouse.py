"""What Lighthouse says of main pages: accessibility, best practices, and what search engines read of public ones."""

from pathlib import Path

import pytest
from pytest_django.live_server_helper import LiveServer

from bench import lighthouse
from tests.pages.pages import PAGES
from tests.pages.world import make_world

pytestmark = [pytest.mark.long, pytest.mark.django_db(transaction=True)]

LEAST = 0.95
PUBLIC = ("landing", "how-it-works", "help", "account_signup")
MEMBERS = ("surveys:statement", "recommendations:people", "conversations:conversation", "accounts:settings")


def test_main_pages_reach_95(live_server: LiveServer, transactional_db: None, tmp_path: Path) -> None:
    if sentence := lighthouse.lacking():
        pytest.skip(sentence)
    world = make_world()
    below: dict[str, dict[str, float]] = {}
    for page in PAGES:
        if page.name not in (*PUBLIC, *MEMBERS):
            continue
        categories = ("accessibility", "best-practices", *(("seo",) if page.is_public else ()))
        cookies = "; ".join(f"{name}={one.value}" for name, one in page.browser(world).cookies.items())
        address, headers = live_server.url + page.address(world), {"Cookie": cookies} if cookies else {}
        found = lighthouse.report(address, headers=headers, categories=categories, directory=tmp_path)["categories"]
        scores = {name: found[name]["score"] for name in categories}
        if min(scores.values()) < LEAST:
            below[page.name] = scores
    assert below == {}
