"""Every page is valid HTML that a screen reader finds its way through, and closed to whom it is not for."""

import itertools
import re
from collections import Counter
from typing import Any

import html5lib
import pytest
from django.test import Client
from django.urls import reverse

from tests.pages.pages import MEMBERS, PAGES
from tests.pages.world import World

XHTML = "{http://www.w3.org/1999/xhtml}"
HEADINGS = {f"{XHTML}h{level}": level for level in range(1, 7)}
FIELDS = {XHTML + name for name in ("input", "select", "textarea")}
UNLABELLED = {"hidden", "submit", "button"}


def complaints(text: str) -> list[str]:
    """Return what is wrong with a page."""
    parser = html5lib.HTMLParser(tree=html5lib.getTreeBuilder("etree"))
    tree = parser.parse(text)
    found = [f"parse error {error}" for _, error, _ in parser.errors]
    elements = [element for element in tree.iter() if isinstance(element.tag, str)]
    ids = Counter(element.get("id") for element in elements if element.get("id"))
    found += [f"id {name} stands {n} times" for name, n in ids.items() if n > 1]
    levels = [HEADINGS[element.tag] for element in elements if element.tag in HEADINGS]
    if levels.count(1) != 1:
        found.append(f"{levels.count(1)} headings of level 1")
    found += [f"h{after} follows h{before}" for before, after in itertools.pairwise(levels) if after > before + 1]
    found += [problem for element in elements for problem in of_element(element, elements)]
    if tree.get("lang") != "en":
        found.append("no language")
    return found


def of_element(element: Any, elements: list[Any]) -> list[str]:
    """Return what is wrong with one element."""
    name = element.tag.removeprefix(XHTML)
    found = [f"{name} has {key}" for key in element.keys() if key == "style" or key.startswith("on")]  # noqa: SIM118
    if name == "img" and element.get("alt") is None:
        found.append("img without alt")
    if name == "script" and not element.get("src") and element.get("type") != "application/json":
        found.append("script in the page")
    if element.tag in FIELDS and element.get("type") not in UNLABELLED and not is_labelled(element, elements):
        found.append(f"{name} {element.get('name')} without label")
    return found


def is_labelled(field: Any, elements: list[Any]) -> bool:
    """Whether a field has a name that can be read aloud."""
    if field.get("aria-label") or field.get("aria-labelledby"):
        return True
    labels = [element for element in elements if element.tag == f"{XHTML}label"]
    return any(label.get("for") == field.get("id") or field in list(label.iter()) for label in labels)


def test_every_page_is_valid_and_has_its_own_title(world: World) -> None:
    titles: dict[str, set[str]] = {}
    found: dict[str, list[str]] = {}
    for page in PAGES:
        response = page.browser(world).get(page.address(world))
        assert response.status_code == 200, page.name
        if problems := complaints(response.text):
            found[page.name] = problems
        policy = response["Content-Security-Policy"]
        assert "unsafe" not in policy, page.name
        assert "script-src 'self'" in policy, page.name
        title = re.search(r"<title>(.*?)</title>", response.text, re.DOTALL)
        assert title, page.name
        titles.setdefault(" ".join(title[1].split()), set()).add(re.split(r"[?,]", page.name)[0])
    assert found == {}
    shared = [names for names in titles.values() if len(names) > 1]
    assert shared == [{"surveys:survey", "surveys:statement"}]


def test_the_check_finds_what_it_looks_for() -> None:
    page = (
        '<!doctype html><html><head><title>x</title></head><body onload="x"><h2 id="a">x</h2><p id="a">'
        '<img src="x"><input name="y"></p></body></html>'
    )
    found = complaints(page)
    for problem in (
        "id a stands 2 times",
        "0 headings",
        "img without alt",
        "input y without label",
        "body has onload",
        "no language",
    ):
        assert any(problem in one for one in found), problem


@pytest.mark.parametrize("path", ["/nothing-is-here/", "/people/00000000-0000-0000-0000-000000000000/"])
def test_what_is_not_there_says_so_in_valid_html(world: World, path: str) -> None:
    client = Client()
    client.force_login(world.ada)
    response = client.get(path)
    assert response.status_code == 404
    assert complaints(response.text) == []


def test_visitors_and_strangers_get_nothing_of_members_pages(world: World) -> None:
    visitor, stranger = Client(), Client()
    stranger.force_login(world.newcomer)
    for page in MEMBERS:
        address = page.address(world)
        response = visitor.get(address)
        assert response.status_code == 302, page.name
        assert reverse("account_login") in response["location"], page.name
        if re.search(r"[0-9a-f-]{36}", address):
            assert stranger.get(address).status_code == 404, page.name
