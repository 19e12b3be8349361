"""Pictures of every page, taken as a visitor and as a demo member see it; the documentation uses a few of them.

The few lie in docs/screenshots; all pages, at three widths in light and dark, go to data/screenshots, or to the
directory that is named: `python -m bench.screenshots /some/where`.
"""

import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, Page, sync_playwright

from bench.results import ROOT
from bench.site import running_site

PICTURES = ROOT / "docs" / "screenshots"
ALL = ROOT / "data" / "screenshots"
ARGUMENTS = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-quic", "--disable-background-networking"]
WIDTHS = (360, 768, 1280)
Scheme = Literal["light", "dark"]
SCHEMES: tuple[Scheme, ...] = ("light", "dark")

# Pages by name; what only members see is marked, and where a link leads there its pattern stands instead of a path.
VISITORS = {
    "landing": "/",
    "first-statements": "/survey/first/",
    "start-circle": "/me/circles/start/",
    "how-it-works": "/how-it-works/",
    "help": "/help/",
    "privacy": "/privacy/",
    "terms": "/terms/",
    "safety": "/safety/",
    "how-good": "/how-good/",
    "sign-up": "/accounts/signup/",
    "sign-in": "/accounts/login/",
    "reset": "/accounts/password/reset/",
    "not-found": "/nothing-is-here/",
}
MEMBERS = {
    "people": "/people/",
    "people-filtered": "/people/?youngest=18&oldest=19",
    "judged": "/people/judged/",
    "preview": "/people/preview/",
    "matches": "/matches/",
    "survey": "/survey/",
    "statement": "/survey/1/",
    "picture": "/survey/picture/",
    "retake": "/survey/again/",
    "comparisons": "/survey/compare/",
    "profile": "/me/",
    "edit-profile": "/me/edit/",
    "photo": "/me/photo/",
    "purposes": "/me/purposes/",
    "consents": "/me/consents/",
    "settings": "/me/settings/",
    "sessions": "/accounts/sessions/",
    "own-data": "/me/data/",
    "circles": "/me/circles/",
}
# Pages whose address holds a public id: where the first link to one stands, and what its address looks like.
LINKED = {
    "person": ("/people/", r"^/people/[0-9a-f-]{36}/"),
    "conversation": ("/matches/", r"^/matches/[0-9a-f-]{36}/$"),
    "circle": ("/me/circles/", r"^/me/circles/[0-9a-f-]{36}/$"),
}
FIRST_LINK = """pattern => [...document.querySelectorAll("main a")]
    .map(link => link.getAttribute("href")).find(address => new RegExp(pattern).test(address))"""


@dataclass(frozen=True)
class Shot:
    """One picture: of which page, how wide a screen, light or dark."""

    page: str
    width: int = 1280
    height: int = 860
    scheme: Scheme = "light"
    name: str = ""


# What the documentation shows.
USED = (
    Shot("landing", name="landing"),
    Shot("people", name="people"),
    Shot("picture", name="picture"),
    Shot("conversation", name="conversation"),
    Shot("settings", name="settings"),
    Shot("people", 360, 740, "dark", "people-phone-dark"),
    Shot("statement", 360, 740, "light", "survey-phone"),
)


def log_in(page: Page, address: str, email: str, password: str) -> None:
    """Log in through the form that everybody uses."""
    page.goto(f"{address}/accounts/login/")
    page.fill("input[name=login]", email)
    page.fill("input[name=password]", password)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(f"{address}/people/**")


def open_page(page: Page, address: str, name: str) -> None:
    """Open a page by its name."""
    if name in LINKED:
        start, pattern = LINKED[name]
        page.goto(address + start)
        found = page.evaluate(FIRST_LINK, pattern)
        if found is None:
            sys.exit(f"The demo population leaves no link to the page {name}.")
        page.goto(address + found)
    else:
        page.goto(address + (VISITORS | MEMBERS)[name])


def pages(browser: Browser, address: str, login: list[str], shot: Shot) -> Iterator[tuple[str, Page]]:
    """Yield every page by its name, in a browser that looks like a picture is meant to; visitors' pages first."""
    for names, is_member in ((VISITORS, False), ((*MEMBERS, *LINKED), True)):
        context = browser.new_context(
            viewport={"width": shot.width, "height": shot.height}, color_scheme=shot.scheme, reduced_motion="reduce"
        )
        page = context.new_page()
        if is_member:
            log_in(page, address, *login)
        for name in names:
            if shot.page in {"", name}:
                open_page(page, address, name)
                yield name, page
        context.close()


def take(browser: Browser, address: str, login: list[str], everything: Path) -> None:
    """Take the pictures of the documentation, and then every page at every width."""
    for shot in USED:
        for _, page in pages(browser, address, login, shot):
            page.screenshot(path=PICTURES / f"{shot.name}.png")
            print(f"docs/screenshots/{shot.name}.png")
    for width in WIDTHS:
        for scheme in SCHEMES:
            for name, page in pages(browser, address, login, Shot("", width, scheme=scheme)):
                page.screenshot(path=everything / f"{name}-{width}-{scheme}.png", full_page=True)
    print(f"Every page at {len(WIDTHS)} widths, light and dark: {everything}")


def main() -> None:
    """Start a site with the demo population, take the pictures, and stop it."""
    executable = shutil.which("chromium")
    if executable is None:
        sys.exit("No Chromium is installed; on Debian: apt install chromium.")
    everything = Path(sys.argv[1]) if len(sys.argv) > 1 else ALL
    for directory in (PICTURES, everything):
        directory.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="kindred-pictures-") as temporary:
        data = Path(temporary)
        with running_site(data) as address, sync_playwright() as playwright:
            login = (data / "demo-login").read_text().split()
            browser = playwright.chromium.launch(executable_path=executable, args=ARGUMENTS)
            take(browser, address, login, everything)
            browser.close()


if __name__ == "__main__":
    main()
