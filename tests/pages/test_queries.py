"""No page asks the database more often than is said here, however many people, matches and messages there are."""

from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import Change
from recommendations.models import Impression
from recommendations.services.lists import LIST_LASTS
from tests.pages.pages import PAGES
from tests.pages.world import World, grow, make_world, member

pytestmark = pytest.mark.django_db

# Queries of a page when a browser opens it for the first time, which notes the visit, and when it does so again.
MOST = {
    "landing": (1, 1),
    "how-it-works": (0, 0),
    "privacy": (0, 0),
    "help": (1, 1),
    "terms": (0, 0),
    "safety": (0, 0),
    "operations:how-good": (3, 0),
    "account_login": (0, 0),
    "account_signup": (0, 0),
    "account_inactive": (0, 0),
    "account_email_verification_sent": (0, 0),
    "account_reset_password": (0, 0),
    "account_reset_password_done": (0, 0),
    "account_reset_password_from_key_done": (0, 0),
    "surveys:first-statements": (1, 1),
    "accounts:start-circle": (0, 0),
    "privacy:deleted": (0, 0),
    "surveys:shared-picture": (3, 3),
    "accounts:unsubscribe": (1, 1),
    "account_confirm_email": (3, 3),
    "account_logout": (16, 5),
    "account_reset_password_from_key": (4, 4),
    "mfa_authenticate": (3, 3),
    "recommendations:people": (60, 32),
    "recommendations:judged": (22, 16),
    "recommendations:preview": (15, 9),
    "conversations:list": (18, 12),
    "conversations:apart": (11, 5),
    "surveys:survey": (14, 8),
    "surveys:picture": (15, 9),
    "surveys:retake": (11, 5),
    "surveys:comparisons": (13, 7),
    "accounts:profile": (15, 9),
    "accounts:edit-profile": (12, 6),
    "accounts:photo": (11, 5),
    "accounts:purposes": (11, 5),
    "accounts:consents": (12, 6),
    "accounts:settings": (17, 11),
    "accounts:circles": (11, 5),
    "accounts:join": (10, 4),
    "privacy:own-data": (49, 43),
    "privacy:delete": (13, 7),
    "usersessions_list": (12, 6),
    "mfa_index": (12, 6),
    "mfa_activate_totp": (18, 12),
    "account_email": (12, 6),
    "account_change_password": (10, 4),
    "account_reauthenticate": (16, 10),
    "recommendations:people?youngest=90": (59, 53),
    "accounts:onboarding": (20, 9),
    "surveys:survey, new": (20, 11),
    "surveys:survey, ten at once": (11, 11),
    "surveys:statement": (16, 10),
    "surveys:former-picture": (13, 7),
    "surveys:comparison": (16, 10),
    "surveys:comparison-invited": (13, 7),
    "recommendations:person": (28, 22),
    "recommendations:like-this": (52, 36),
    "conversations:conversation": (29, 20),
    "conversations:how-it-went": (13, 7),
    "conversations:part": (13, 7),
    "conversations:report": (15, 9),
    "conversations:unsafe": (13, 7),
    "conversations:earlier": (14, 8),
    "conversations:edit": (14, 8),
    "accounts:circle": (16, 10),
    "accounts:close-circle": (11, 5),
    "mfa_reauthenticate": (21, 10),
    "mfa_deactivate_totp": (15, 9),
    "mfa_generate_recovery_codes": (14, 8),
    "mfa_view_recovery_codes": (15, 8),
}
Counts = dict[str, tuple[int, int]]


def count(world: World) -> Counts:
    """Return how many queries each page takes, opened for the first time within half an hour and again."""
    # Everybody is read, and then nothing has changed for a while: how much is looked at again depends on no clock.
    member(world).get(reverse("recommendations:people"))
    Change.objects.update(changed_at=timezone.now() - LIST_LASTS)
    Impression.objects.update(shown_at=timezone.now() - LIST_LASTS)
    counts = {}
    for page in PAGES:
        browser, address, numbers = page.browser(world), page.address(world), []
        for _ in range(2):
            with CaptureQueriesContext(connection) as queries:
                assert browser.get(address).status_code == 200, page.name
            numbers.append(len(queries))
        counts[page.name] = (numbers[0], numbers[1])
    return counts


@pytest.fixture(scope="module")
def counts(django_db_setup: None, django_db_blocker: Any) -> list[Counts]:
    """Count among a handful of people, among some, and among many more; all tests share it."""
    with django_db_blocker.unblock(), transaction.atomic():
        cache.clear()
        world = make_world()
        counted = [count(world)]
        for n in (16, 40):
            grow(world, n)
            counted.append(count(world))
        transaction.set_rollback(True)
    return counted


@pytest.mark.parametrize("name", [page.name for page in PAGES])
def test_a_page_takes_its_queries_and_no_more(name: str, counts: list[Counts]) -> None:
    most = MOST[name]
    for counted in counts:
        first, again = counted[name]
        assert first <= most[0]
        assert again <= most[1]
    _, some, many = counts
    assert many[name][0] <= some[name][0], "more people, more queries"
    assert many[name][1] <= some[name][1], "more people, more queries"


def test_no_page_is_left_out_of_the_table() -> None:
    assert MOST.keys() == {page.name for page in PAGES}
