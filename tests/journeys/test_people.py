"""Looking for people in a browser: filtering to nobody and relaxing, a like with a note and its undoing."""

import pytest
from django.test import Client
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from accounts.models import Profile, User
from accounts.services import changes
from recommendations.models import Verdict
from tests.journeys.conftest import NewPage
from tests.population import make_active_versions
from tests.recommendations.builders import CITIES, make_people
from tests.recommendations.test_filters import year_of

pytestmark = pytest.mark.django_db(transaction=True)

LISBON, PORTO = CITIES[0], CITIES[2]


def people_of_two_cities() -> User:
    """Return somebody of Lisbon; three of 50 live there too, and one of 30 in Porto."""
    viewer, *others = make_people(make_active_versions(), 5)
    for user, city, age, name in zip(
        (viewer, *others),
        (LISBON,) * 4 + (PORTO,),
        (30, 50, 51, 52, 30),
        ("Vera", "Ada", "Ben", "Cleo", "Dana"),
        strict=True,
    ):
        Profile.objects.filter(user=user).update(city=city, display_name=name)
        User.objects.filter(pk=user.pk).update(birth_date=year_of(age))
    changes.note(viewer.pk, *(user.pk for user in others))
    return viewer


def signed_in(page: Page, live_server: LiveServer, user: User) -> Page:
    """Give a page the session of somebody."""
    client = Client()
    client.force_login(user)
    page.context.add_cookies(
        [{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}]
    )
    return page


@pytest.mark.parametrize("with_script", [True, False])
def test_filtering_to_nobody_offers_the_one_filter_to_let_go_of(
    new_page: NewPage, live_server: LiveServer, with_script: bool
) -> None:
    viewer = people_of_two_cities()
    page = signed_in(new_page(width=360, height=740, java_script_enabled=with_script), live_server, viewer)
    page.goto("/people/")
    expect(page.get_by_role("heading", level=3)).to_have_count(4)
    page.get_by_text("Filter this view").click()
    page.get_by_label("To age").fill("40")
    page.get_by_label("Living in").select_option("My city")
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page.get_by_role("heading", name="Nobody new fits all of this")).to_be_visible()
    expect(page.get_by_text("3 people outside the ages you look for here.")).to_be_visible()
    page.get_by_role("link", name="Look at all ages").click()
    expect(page.get_by_role("heading", level=3)).to_have_count(3)
    expect(page.get_by_role("link", name="Take away the filter My city")).to_be_visible()


def test_a_like_with_a_note_can_be_undone_where_it_was_said_by_keyboard_alone(
    new_page: NewPage, live_server: LiveServer
) -> None:
    viewer = people_of_two_cities()
    page = signed_in(new_page(), live_server, viewer)
    page.goto("/people/")
    card = page.get_by_role("listitem").filter(has=page.get_by_role("link", name="Ada", exact=True))
    card.get_by_text("Add a note").press("Enter")
    note = card.get_by_label("A note to Ada")
    note.fill("See www.moths.org")
    card.get_by_role("button", name="I'd like to meet Ada").press("Enter")
    expect(page.get_by_text("Leave links and addresses out")).to_be_visible()
    expect(note).to_be_focused()
    expect(note).to_have_value("See www.moths.org")
    note.fill("Shall we look for moths?")
    card.get_by_role("button", name="I'd like to meet Ada").press("Enter")
    expect(page.get_by_text("You would like to meet Ada.")).to_be_visible()
    assert Verdict.objects.get(actor=viewer, is_current=True).note == "Shall we look for moths?"
    undo = page.get_by_role("button", name="Undo: You would like to meet Ada.")
    expect(undo).to_be_focused()
    undo.press("Enter")
    expect(page.get_by_role("link", name="Ada", exact=True)).to_be_focused()
    expect(page.get_by_role("button", name="I'd like to meet Ada")).to_be_visible()
    assert not Verdict.objects.exclude(note="").exists()
    page.get_by_role("button", name="Not now: hide Ben for 30 days").press("Enter")
    expect(page.get_by_text("Ben stays out of your lists for 30 days.")).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", level=3)).to_have_count(3)
