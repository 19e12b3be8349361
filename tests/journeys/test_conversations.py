"""Two people like each other, talk, correct themselves, and part."""

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from conversations.models import Message
from recommendations.models import Match
from tests.conversations.builders import signed_in
from tests.journeys.conftest import NewPage
from tests.population import make_active_versions, make_placed_member
from tests.recommendations.builders import show_each_other

pytestmark = pytest.mark.django_db(transaction=True)


def sign_in(page: Page, user: User, live_server: LiveServer) -> None:
    """Carry a session into a browser; how one signs in has a journey of its own."""
    session = signed_in(user).cookies["sessionid"].value
    context: BrowserContext = page.context
    context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])


def like(page: Page, user: User) -> None:
    page.goto(f"/people/{user.public_id}/")
    page.get_by_role("button", name="I'd like to meet").click()
    page.wait_for_load_state()


def test_like_undo_match_converse_edit_unmatch(new_page: NewPage, live_server: LiveServer) -> None:
    make_active_versions()
    ada, ben = make_placed_member(seed=1, display_name="Ada"), make_placed_member(seed=2, display_name="Ben")
    show_each_other(ada, ben)
    wide, narrow = new_page(), new_page(width=360, height=740)
    sign_in(wide, ada, live_server)
    sign_in(narrow, ben, live_server)
    like(wide, ben)
    wide.goto("/people/judged/")
    wide.get_by_role("button", name="Take back what you said of Ben").click()
    expect(wide.get_by_text("Ben")).to_have_count(0)
    like(wide, ben)
    like(narrow, ada)
    expect(narrow.get_by_role("heading", name="You and Ada")).to_be_visible()
    assert narrow.evaluate("document.documentElement.scrollWidth <= innerWidth")

    # An opener fills the box, Enter sends it, and it stands on the page without a reload.
    narrow.get_by_role("link", name="What would you like to do more often").click()
    box = narrow.get_by_label("Your message")
    expect(box).to_have_value("What would you like to do more often, if somebody came along?")
    box.press("Enter")
    expect(narrow.get_by_role("log").get_by_text("What would you like to do more often")).to_be_visible()
    expect(box).to_have_value("")
    expect(box).to_be_focused()
    expect(narrow.get_by_role("heading", name="A way to begin")).to_have_count(0)

    wide.goto("/matches/")
    expect(wide.get_by_text("1 new message")).to_have_count(1)
    wide.get_by_role("link", name="Ben").click()
    wide.get_by_label("Your message").fill("Walk to the see")
    wide.get_by_role("button", name="Send").dblclick()
    expect(narrow.get_by_role("log").get_by_text("Walk to the see")).to_be_visible()
    assert Message.objects.count() == 2

    # What is corrected is corrected on the other side too, where the page is still open.
    wide.get_by_role("log").get_by_text("Walk to the see").hover()
    wide.get_by_role("link", name="Edit").click()
    wide.get_by_label("Your message").fill("Walk to the sea")
    wide.get_by_role("button", name="Save").click()
    expect(narrow.get_by_role("log").get_by_text("Walk to the sea")).to_be_visible()
    expect(narrow.get_by_role("log").get_by_text("edited")).to_have_count(1)

    wide.get_by_role("link", name="End this match").click()
    wide.get_by_role("button", name="End this match").click()
    expect(wide.get_by_role("heading", name="No match yet")).to_be_visible()
    # The other page finds nothing to talk to any more, and goes to a list without the match.
    expect(narrow.get_by_role("heading", name="No match yet")).to_be_visible()


def test_talking_works_without_scripts_and_a_block_hides_both_everywhere(
    new_page: NewPage, live_server: LiveServer
) -> None:
    make_active_versions()
    ada, ben = make_placed_member(seed=1, display_name="Ada"), make_placed_member(seed=2, display_name="Ben")
    show_each_other(ada, ben)
    page = new_page(width=360, height=740, java_script_enabled=False)
    sign_in(page, ada, live_server)
    like(page, ben)
    other = new_page(java_script_enabled=False)
    sign_in(other, ben, live_server)
    like(other, ada)
    other.get_by_label("Your message").fill("Hello")
    other.get_by_role("button", name="Send").click()
    page.goto("/matches/")
    page.get_by_role("link", name="Ben").click()
    expect(page.get_by_role("log").get_by_text("Hello")).to_be_visible()
    page.get_by_text("Block Ben").first.click()
    page.get_by_role("button", name="Block Ben").click()
    expect(page.get_by_text("You will not see each other again.")).to_be_visible()
    match = Match.objects.get()
    for reader, name in ((page, "Ben"), (other, "Ada")):
        for address in ("/matches/", "/people/", "/people/judged/"):
            reader.goto(address)
            expect(reader.get_by_text(name, exact=True)).to_have_count(0)
        response = reader.request.get(f"/matches/{match.public_id}/")
        assert response.status == 404
