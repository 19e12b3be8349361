"""No page keeps anybody out: axe finds nothing, nothing overflows, and little is loaded."""

from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page as BrowserPage
from pytest_django.live_server_helper import LiveServer

from tests.journeys.conftest import NewPage
from tests.pages.pages import PAGES, Page
from tests.pages.world import World, make_world

pytestmark = pytest.mark.django_db(transaction=True)

CORE = {
    *("landing", "recommendations:people", "conversations:conversation", "surveys:statement", "accounts:settings"),
}
RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
}
MOST_BYTES, MOST_REQUESTS, MOST_SCRIPT_BYTES = 150_000, 15, 20_000
SHIFTS = """new Promise(done => new PerformanceObserver(list => done(list.getEntries().reduce(
    (sum, entry) => sum + entry.value, 0))).observe({type: "layout-shift", buffered: true})
    || setTimeout(() => done(0), 150))"""


@pytest.fixture
def full(transactional_db: None) -> World:
    return make_world()


def opened(new_page: NewPage, live_server: LiveServer, world: World, page: Page, **how: Any) -> BrowserPage:
    """Open a tab in the browser of whom a page is for."""
    browser_page = new_page(**how)
    cookies = page.browser(world).cookies.items()
    browser_page.context.add_cookies(
        [{"name": name, "value": cookie.value, "url": live_server.url} for name, cookie in cookies]
    )
    return browser_page


def measured(browser_page: BrowserPage, live_server: LiveServer, address: str) -> Iterator[str]:
    """Open an address, and yield which budgets it breaks."""
    responses: list[Any] = []
    browser_page.on("response", lambda response: responses.append(response))  # noqa: PLW0108 - Playwright takes no builtin
    browser_page.goto(address, wait_until="networkidle")
    if elsewhere := [one.url for one in responses if not one.url.startswith((live_server.url, "data:"))]:
        yield f"asks other hosts: {elsewhere}"
    if len(responses) > MOST_REQUESTS:
        yield f"{len(responses)} requests"
    sizes = {one.url: len(one.body()) for one in responses if one.ok}
    if sum(sizes.values()) > MOST_BYTES:
        yield f"{sum(sizes.values())} bytes, not compressed"
    large = [url for url, size in sizes.items() if "/static/js/" in url and size > MOST_SCRIPT_BYTES]
    if large:
        yield f"large scripts: {large}"
    if browser_page.evaluate(SHIFTS) > 0:
        yield "the layout shifts"


def barriers(browser_page: BrowserPage) -> list[str]:
    """Return what axe finds, and whether something overflows."""
    found = Axe().run(browser_page, options=RULES).response["violations"]
    problems = [f"{one['id']}: {[node['target'] for node in one['nodes']][:3]}" for one in found]
    if browser_page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        problems.append("something overflows")
    return problems


def check(pages: list[Page], new_page: NewPage, live_server: LiveServer, world: World) -> dict[str, list[str]]:
    """Return the problems of each page: on a phone in the dark, and on a desk in the light with text twice as large."""
    found: dict[str, list[str]] = {}
    for browser in dict.fromkeys(page.browser for page in pages):
        some = [page for page in pages if page.browser is browser]
        for width, scheme in ((360, "dark"), (1280, "light")):
            browser_page = opened(new_page, live_server, world, some[0], width=width, color_scheme=scheme)
            for page in some:
                name = f"{page.name} at {width}, {scheme}"
                problems = list(measured(browser_page, live_server, page.address(world)))
                problems += barriers(browser_page)
                if width == 1280:
                    browser_page.evaluate("document.documentElement.style.fontSize = '200%'")
                    if browser_page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                        problems.append("overflows with text twice as large")
                if problems:
                    found[name] = problems
    return found


def test_the_main_pages_have_no_barriers(new_page: NewPage, live_server: LiveServer, full: World) -> None:
    assert check([page for page in PAGES if page.name in CORE], new_page, live_server, full) == {}


@pytest.mark.long
def test_no_page_has_barriers(new_page: NewPage, live_server: LiveServer, full: World) -> None:
    assert check(list(PAGES), new_page, live_server, full) == {}
