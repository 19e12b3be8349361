"""Every address of the site is a page of the list, or there is a reason why not, and the reason holds."""

import uuid
from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, resolve, reverse

from tests.pages.pages import PAGES
from tests.pages.world import World, signed_in

# Read by administrators and programs, who have tests of their own.
ELSEWHERE = ("admin", "api")
POST, REDIRECT, FRAGMENT, FILE, MACHINE = (
    "changes something, and shows nothing itself",
    "leads on at once",
    "part of a page, which a script fetches",
    "a file",
    "asked by machines",
)
EXCUSED = {
    **dict.fromkeys(("healthz", "operations:readyz", "operations:metrics"), MACHINE),
    **dict.fromkeys(("accounts:towns", "conversations:news"), FRAGMENT),
    **dict.fromkeys(
        ("accounts:picture", "surveys:shared-image", "privacy:fetch-copy", "mfa_download_recovery_codes"), FILE
    ),
    **dict.fromkeys(("recommendations:next-step", "account_confirm_login_code", "account_set_password"), REDIRECT),
    **dict.fromkeys(
        (
            *("accounts:settings-seen", "accounts:settings-mails", "accounts:settings-theme", "accounts:unblock"),
            *("accounts:end-session", "accounts:photo-audience", "accounts:remove-photo", "accounts:read-notices"),
            *("accounts:pause", "accounts:leave-circle", "accounts:circle-listing", "accounts:renew-circle-link"),
            *("accounts:remove-from-circle", "accounts:remove-unlisted-from-circle", "privacy:make-copy"),
            *("surveys:first-answer", "surveys:answer", "surveys:answer-several", "surveys:at-once"),
            *("surveys:share-picture", "surveys:agree-comparison", "surveys:end-comparison"),
            *("recommendations:learning", "recommendations:reset-taste", "recommendations:sample-verdict"),
            *("recommendations:verdict", "recommendations:later", "recommendations:block", "recommendations:report"),
            *("conversations:send", "conversations:take-away", "conversations:contact", "conversations:opening"),
            "conversations:block",
        ),
        POST,
    ),
}
ANYTHING = {"uuid": uuid.UUID(int=0), "int": 1, "str": "x", "slug": "x"}


def patterns(resolver: URLResolver, namespace: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Yield every address below a resolver with its whole name, but for those that are looked at elsewhere."""
    for one in resolver.url_patterns:
        if isinstance(one, URLPattern):
            yield f"{namespace}{one.name}", one
        elif one.namespace not in ELSEWHERE:
            yield from patterns(one, f"{one.namespace}:" if one.namespace else namespace)


ADDRESSES = dict(patterns(get_resolver()))


def status_of(name: str, client: Client) -> int:
    """Return what a GET of an address, filled with anything, is answered with."""
    kinds = ADDRESSES[name].pattern.converters
    fields = {field: ANYTHING[type(kind).__name__.removesuffix("Converter").lower()] for field, kind in kinds.items()}
    return client.get(reverse(name, kwargs=fields)).status_code


def test_every_address_is_a_page_of_the_list_or_excused(world: World) -> None:
    listed = {resolve(page.address(world).partition("?")[0]).view_name for page in PAGES}
    assert ADDRESSES.keys() - listed - EXCUSED.keys() == set()
    assert EXCUSED.keys() - ADDRESSES.keys() == set(), "excused, but gone"
    assert listed & EXCUSED.keys() == set(), "excused, but a page"


def test_each_page_has_a_name_of_its_own() -> None:
    assert len({page.name for page in PAGES}) == len(PAGES)


@pytest.mark.parametrize("reason", [POST, REDIRECT])
def test_the_excuse_holds(reason: str, world: World) -> None:
    client, status = signed_in(world.ada), {POST: 405, REDIRECT: 302}[reason]
    names = [name for name, said in EXCUSED.items() if said == reason]
    assert {name: code for name in names if (code := status_of(name, client)) != status} == {}
