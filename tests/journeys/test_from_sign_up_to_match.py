"""Two strangers sign up, answer the survey, like each other, and both see the match."""

import re

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from ml.items import N_ITEMS
from tests.journeys.conftest import NewPage
from tests.population import make_active_versions, make_placed_member

pytestmark = pytest.mark.django_db(transaction=True)

PASSWORD = "a long enough phrase 42"


def sign_up(page: Page, name: str) -> None:
    """Make an account, and say what it is for and what it agrees to."""
    page.goto("/")
    page.get_by_role("link", name=re.compile("sign up|join|begin|start", re.IGNORECASE)).first.click()
    page.fill("input[name=display_name]", name)
    page.fill("input[name=email]", f"{name.lower()}@example.org")
    page.fill("input[name=birth_date]", "1990-05-17")
    page.fill("input[name=password1]", PASSWORD)
    page.get_by_role("button", name="Create my account").click()
    expect(page.get_by_role("heading", name="Welcome")).to_be_visible()
    page.get_by_label("I am here for: friendship").check()
    page.get_by_label("I want to answer the survey and be matched by it.").check()
    page.get_by_role("button", name="To the survey").click()
    page.wait_for_url("**/survey/", wait_until="load")


def answer_by_keyboard(page: Page, n_answers: int, after: int = 0) -> None:
    """Answer the next statements with the keys 1 to 5 and nothing else."""
    keys = np.random.default_rng(5).integers(1, 6, size=n_answers)
    for n_before, key in enumerate(keys, start=after):
        progress = page.locator("#question svg.progress")
        expect(progress).to_have_attribute("aria-label", f"{n_before} of {N_ITEMS} answered")
        # htmx takes the new buttons over a moment after they appear, sooner than anybody has read them.
        expect(page.locator(".htmx-added")).to_have_count(0)
        page.keyboard.press(str(key))
        if n_before + 1 < N_ITEMS:
            expect(progress).to_have_attribute("aria-label", f"{n_before + 1} of {N_ITEMS} answered")


def test_two_strangers_answer_the_survey_and_match(new_page: NewPage) -> None:
    make_active_versions()
    ada, ben = new_page(), new_page(width=360, height=740)
    sign_up(ada, "Ada")
    answer_by_keyboard(ada, N_ITEMS)
    expect(ada.get_by_role("heading", name="All 163 answered")).to_be_visible()
    sign_up(ben, "Ben")
    answer_by_keyboard(ben, 40)

    ada.goto("/people/")
    ada.get_by_role("button", name="I'd like to meet Ben").click()
    expect(ada.get_by_role("button", name="I'd like to meet Ben")).to_have_count(0)
    ben.goto("/people/")
    ben.get_by_role("button", name="I'd like to meet Ada").click()
    expect(ben.get_by_role("heading", name="You and Ada")).to_be_visible()
    ada.goto("/matches/")
    ada.get_by_role("link", name="Ben").click()
    expect(ada.get_by_role("heading", name="You and Ben")).to_be_visible()


@pytest.mark.long
def test_a_like_can_be_taken_back(new_page: NewPage) -> None:
    make_active_versions()
    make_placed_member(seed=3, display_name="Cleo")
    page = new_page()
    sign_up(page, "Dana")
    answer_by_keyboard(page, 40)
    page.goto("/people/")
    page.get_by_role("button", name="I'd like to meet Cleo").click()
    expect(page.get_by_role("button", name="I'd like to meet Cleo")).to_have_count(0)
    page.goto("/people/judged/")
    page.get_by_role("button", name="Take back what you said of Cleo").click()
    expect(page.get_by_text("Cleo")).to_have_count(0)
    page.goto("/people/")
    expect(page.get_by_role("button", name="I'd like to meet Cleo")).to_be_visible()


@pytest.mark.long
def test_everything_that_matters_works_without_scripts(new_page: NewPage) -> None:
    make_active_versions()
    make_placed_member(seed=3, display_name="Cleo")
    page = new_page(width=360, height=740, java_script_enabled=False)
    sign_up(page, "Edda")
    for n_before in range(36):
        expect(page.get_by_text(f"{n_before} of {N_ITEMS} answered")).to_be_visible()
        page.get_by_role("button", name="4, agree").click()
    page.get_by_role("link", name="Back").click()
    page.get_by_role("button", name="Take back").click()
    expect(page.get_by_text(f"35 of {N_ITEMS} answered")).to_be_visible()
    page.goto("/survey/")
    page.get_by_role("button", name="2, disagree").click()
    page.get_by_role("button", name="Skip").click()
    expect(page.get_by_text(f"36 of {N_ITEMS} answered")).to_be_visible()
    page.goto("/people/")
    page.get_by_role("button", name="Pass on Cleo").click()
    expect(page.get_by_role("button", name="Undo: You passed on Cleo.")).to_be_visible()
    expect(page.get_by_role("button", name="Pass on Cleo")).to_have_count(0)
    page.goto("/people/judged/")
    expect(page.get_by_text("Cleo")).to_be_visible()
    page.goto("/survey/picture/")
    expect(page.get_by_role("heading", name="Sixteen factors")).to_be_visible()
