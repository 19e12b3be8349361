"""A circle of eight: one visitor starts it, and the same day everybody in it has a list."""

import re

import pytest
from django.test import Client
from django.urls import reverse
from playwright.sync_api import expect

from accounts.models import Circle, Purpose
from accounts.services import circles
from recommendations.services import lists
from recommendations.services.narrowing import Narrowing
from tests.journeys.conftest import NewPage
from tests.journeys.test_from_sign_up_to_match import PASSWORD, answer_by_keyboard
from tests.population import make_active_versions, make_placed_member

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_visitor_starts_a_circle_keeping_their_answers_and_eight_have_a_list(new_page: NewPage) -> None:
    make_active_versions()
    page = new_page(width=360, height=740)
    page.goto("/")
    page.get_by_role("button", name="4, agree").click()
    expect(page.get_by_text("1 of the first 20 answered")).to_be_visible()
    page.goto("/")
    page.get_by_role("link", name="Start a circle").click()
    page.get_by_label("Name").fill("Choir of the harbour")
    page.get_by_role("button", name="Go on to your account").click()
    page.fill("input[name=display_name]", "Ada")
    page.fill("input[name=email]", "ada@example.org")
    page.fill("input[name=birth_date]", "1990-05-17")
    page.fill("input[name=password1]", PASSWORD)
    page.get_by_role("button", name="Create my account").click()
    page.goto("/me/welcome/")
    page.get_by_label("I am here for: friendship").check()
    page.get_by_label("I want to answer the survey and be matched by it.").check()
    page.get_by_role("button", name="To the survey").click()
    expect(page.get_by_role("heading", name="Choir of the harbour")).to_be_visible()
    expect(page.get_by_text("How many have them stands here from 4 members on")).to_be_visible()

    circle = Circle.objects.get()
    assert circle.code in page.get_by_label("Whoever has this link can join").input_value()
    friends = [make_placed_member(seed=seed, n_answered=36, display_name=f"Friend {seed}") for seed in range(7)]
    for friend in friends:
        circles.join(user=friend, code=circle.code)
    page.get_by_role("link", name="To the survey").click()
    expect(page.get_by_text("The answer you gave before is kept.")).to_be_visible()
    page.goto("/survey/")
    answer_by_keyboard(page, 35, after=1)

    page.goto("/me/circles/")
    page.get_by_role("link", name="Choir of the harbour").click()
    expect(page.get_by_text(re.compile("8 of 8 members have answered"))).to_be_visible()
    page.get_by_role("link", name="The people of this circle").click()
    expect(page.get_by_role("heading", level=3)).to_have_count(7)
    for friend in friends:
        found = lists.list_for(viewer=friend, purpose=Purpose.FRIEND, narrowing=Narrowing(circle=circle))
        assert len(found.impressions) == 7
    stranger = Client()
    stranger.force_login(make_placed_member(seed=99))
    assert stranger.get(reverse("accounts:circle", args=[circle.public_id])).status_code == 404


def test_taking_a_copy_and_leaving_for_good(new_page: NewPage) -> None:
    make_active_versions()
    make_placed_member(seed=2, display_name="Ben")
    user = make_placed_member(seed=1, display_name="Ada", email="ada@example.org", password=PASSWORD)
    page = new_page()
    page.goto("/accounts/login/")
    page.fill("input[name=login]", user.email)
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_url("**/people/**")
    page.goto("/me/data/")
    page.get_by_role("button", name="Make a copy").click()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Go on").click()
    with page.expect_download() as copy:
        page.get_by_role("link", name="Fetch your copy").click()
    assert copy.value.suggested_filename == "kindred.zip"
    page.get_by_role("link", name="Delete my account").click()
    page.get_by_role("textbox").last.fill("delete")
    page.get_by_role("button", name=re.compile("delete", re.IGNORECASE)).click()
    page.wait_for_url("**/deleted/")
    user.refresh_from_db()
    assert user.deleted_at is not None
    assert not user.answer_sheets.exists()
    page.goto("/people/")
    page.wait_for_url("**/accounts/login/**")
