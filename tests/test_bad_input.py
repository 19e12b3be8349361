"""Whatever is sent to any form of any page gets an answer and no failure, on both databases: one bears no NUL."""

from collections.abc import Iterator
from http.cookies import SimpleCookie
from urllib.parse import urljoin

import html5lib
import pytest
from django.db import transaction

from tests.pages.pages import PAGES
from tests.pages.world import make_world

XHTML = "{http://www.w3.org/1999/xhtml}"
FIELDS = tuple(XHTML + name for name in ("input", "select", "textarea", "button"))
BAD = ("", "\x00", "\N{GRINNING FACE}" * 3000, "<script>alert(1)</script>", "9" * 400, "-1", "2999-13-45")


def forms(text: str, address: str) -> Iterator[tuple[str, dict[str, str], list[str]]]:
    """Yield where each form of a page is sent, what it holds hidden, and what it asks for."""
    for form in html5lib.parse(text).iter(f"{XHTML}form"):
        if (form.get("method") or "").lower() == "post":
            fields = [(field.get("name", ""), field) for field in form.iter() if field.tag in FIELDS]
            hidden = {name: field.get("value", "") for name, field in fields if field.get("type") == "hidden"}
            asked = [name for name, _ in fields if name and name not in hidden]
            yield urljoin(address, form.get("action") or address), hidden, asked


@pytest.mark.django_db
def test_no_form_fails_whatever_it_is_sent() -> None:
    world = make_world()
    failed, sent = [], set()
    for page in PAGES:
        client, address = page.browser(world), page.address(world)
        client.raise_request_exception = False
        cookies = SimpleCookie(client.cookies)
        for where, hidden, asked in forms(client.get(address, follow=True).text, address):
            if (key := (where.partition("?")[0], *asked)) in sent:
                continue
            sent.add(key)
            for value in BAD:
                for data in (hidden | dict.fromkeys(asked, value), dict.fromkeys([*hidden, *asked], value)):
                    with transaction.atomic():
                        response = client.post(where, data)
                        transaction.set_rollback(True)
                    client.cookies = SimpleCookie(cookies)
                    if response.status_code >= 500:
                        failed.append((page.name, where, sorted(data), value[:10]))
    assert not failed
    assert len(sent) > 40
