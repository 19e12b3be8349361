"""The survey on a bad day: a reload, a second device, a lost connection, a changed mind."""

import pytest
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from surveys.services import answers
from tests.builders import make_member
from tests.journeys.conftest import NewPage
from tests.population import make_active_versions

pytestmark = pytest.mark.django_db(transaction=True)

SURVEY = reverse("surveys:survey")


def given(user: User) -> list[int]:
    return [value for value in bytes(answers.current_sheet(user=user).answers) if value]


def sign_in(page: Page, user: User, live_server: LiveServer, *, at_once: str = "one") -> Page:
    """Sign a page in without its forms, and open the survey."""
    client = Client()
    client.force_login(user)
    client.post(reverse("surveys:at-once"), {"at_once": at_once})
    session = client.cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
    page.goto(f"{live_server.url}{SURVEY}")
    return page


def answered(page: Page, n: int) -> None:
    """Wait until the page says that n are answered."""
    expect(page.locator("svg.progress")).to_have_attribute("aria-label", f"{n} of 163 answered")
    expect(page.locator(".htmx-added, .htmx-settling")).to_have_count(0)


def test_a_reload_and_a_second_device_lose_nothing(new_page: NewPage, live_server: LiveServer) -> None:
    make_active_versions()
    ada = make_member()
    desk, phone = (sign_in(new_page(width=width), ada, live_server) for width in (1280, 360))
    statement = desk.locator("#statement")
    asked = statement.inner_text()
    desk.keyboard.press("4")
    answered(desk, 1)
    expect(statement).to_be_focused()
    asked_next = statement.inner_text()
    desk.reload()
    assert statement.inner_text() == asked_next != asked

    phone.keyboard.press("2")
    expect(phone.get_by_text("answered this one elsewhere")).to_be_visible()
    assert phone.locator("#statement").inner_text() == asked
    assert given(ada) == [4]
    phone.keyboard.press("2")
    expect(phone.locator("#statement")).to_have_text(asked_next)
    assert given(ada) == [2]


def test_a_lost_connection_and_a_changed_mind_lose_nothing(browser: Browser, live_server: LiveServer) -> None:
    make_active_versions()
    ada, ben = make_member(), make_member()
    # Pages of their own: without a connection the console complains, as it should.
    one, ten = browser.new_page(), browser.new_page()
    for page, user, at_once in ((one, ada, "one"), (ten, ben, "ten")):
        sign_in(page, user, live_server, at_once=at_once)
        page.context.set_offline(True)
    choice = ten.locator("fieldset.statement").first.locator("input[type=radio]")
    one.keyboard.press("3")
    choice.nth(2).check()
    for page in (one, ten):
        expect(page.get_by_text("Not saved yet: no connection")).to_be_visible()
    ten.get_by_role("button", name="Save and go on").click()
    ten.wait_for_timeout(4000)
    expect(choice.nth(2)).to_be_checked()
    for page in (one, ten):
        page.context.set_offline(False)
        answered(page, 1)
    expect(ten.get_by_text("Not saved yet: no connection")).to_have_count(0)
    assert given(ada) == given(ben) == [3]

    with ten.expect_response("**/answers/"):
        choice.nth(3).check()
    with ten.expect_response("**/answers/"):
        choice.nth(4).check()
    expect(ten.locator("#several")).not_to_contain_text("elsewhere")
    ten.get_by_role("button", name="Save and go on").click()
    expect(ten.locator("fieldset.statement input:checked")).to_have_count(0)
    assert given(ben) == [5]
    for page in (one, ten):
        page.close()
