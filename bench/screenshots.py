"""Pictures of real pages for the documentation, taken as a demo member sees them."""

import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, Page, sync_playwright

from bench.results import ROOT
from bench.site import running_site

PICTURES = ROOT / "docs" / "screenshots"
ARGUMENTS = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-quic", "--disable-background-networking"]


@dataclass(frozen=True)
class Shot:
    """One picture: which page, how wide a screen, light or dark."""

    name: str
    path: str
    width: int = 1280
    height: int = 860
    scheme: Literal["light", "dark"] = "light"


SHOTS = (
    Shot("landing", "/"),
    Shot("people", "/people/"),
    Shot("picture", "/survey/picture/"),
    Shot("people-phone-dark", "/people/", width=360, height=740, scheme="dark"),
)


def log_in(page: Page, address: str, email: str, password: str) -> None:
    """Log in through the form that everybody uses."""
    page.goto(f"{address}/accounts/login/")
    page.fill("input[name=login]", email)
    page.fill("input[name=password]", password)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(f"{address}/people/**")


def take(browser: Browser, address: str, login: list[str]) -> None:
    """Take every picture, each in a browser context of its own."""
    for shot in SHOTS:
        context = browser.new_context(
            viewport={"width": shot.width, "height": shot.height}, color_scheme=shot.scheme, reduced_motion="reduce"
        )
        page = context.new_page()
        if shot.path != "/":
            log_in(page, address, *login)
        page.goto(address + shot.path)
        page.screenshot(path=PICTURES / f"{shot.name}.png")
        print(f"docs/screenshots/{shot.name}.png")
        context.close()


def main() -> None:
    """Start a site with the demo population, take the pictures, and stop it."""
    executable = shutil.which("chromium")
    if executable is None:
        sys.exit("No Chromium is installed; on Debian: apt install chromium.")
    PICTURES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="kindred-pictures-") as directory:
        data = Path(directory)
        with running_site(data) as address, sync_playwright() as playwright:
            login = (data / "demo-login").read_text().split()
            browser = playwright.chromium.launch(executable_path=executable, args=ARGUMENTS)
            take(browser, address, login)
            browser.close()


if __name__ == "__main__":
    main()
