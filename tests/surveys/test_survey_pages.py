"""The survey as people meet it: one statement or ten, several devices, a picture that sharpens, a first sketch."""

import re

import pytest
from allauth.account.models import EmailAddress
from django.test import Client
from django.urls import reverse

from accounts.models import User
from ml.items import ITEMS, N_ITEMS
from surveys.services import answers, questions
from tests.builders import make_member, make_sheet
from tests.population import make_active_versions

pytestmark = pytest.mark.django_db

SURVEY, ANSWER, SEVERAL = (reverse(f"surveys:{name}") for name in ("survey", "answer", "answer-several"))
HTMX = {"HX-Request": "true"}


@pytest.fixture
def ada(client: Client) -> User:
    user = make_member(display_name="Ada")
    client.force_login(user)
    return user


def stored(user: User) -> list[int]:
    return list(bytes(answers.current_sheet(user=user).answers))


class TestTwoDevices:
    def test_a_stale_page_does_not_overwrite_what_was_answered_elsewhere(self, client: Client, ada: User) -> None:
        client.get(SURVEY)
        answers.save_answer(user=ada, item=0, value=5)
        page = client.post(ANSWER, {"item": 0, "value": 2, "seen": 0}, follow=True).text
        assert stored(ada)[0] == 5
        assert "answered this one elsewhere" in page
        assert re.search(r'value="5" aria-pressed="true"', page)
        client.post(ANSWER, {"item": 0, "value": 2, "seen": 5})
        assert stored(ada)[0] == 2, "who has seen the other answer may change it"

    def test_the_same_answer_sent_twice_is_no_conflict(self, client: Client, ada: User) -> None:
        for _ in range(2):
            assert client.post(ANSWER, {"item": 0, "value": 2, "seen": 0})["location"] == SURVEY
        assert answers.current_sheet(user=ada).revision == 1

    def test_a_page_is_not_kept_to_be_shown_stale(self, client: Client, ada: User) -> None:
        assert "no-store" in client.get(SURVEY)["Cache-Control"]


class TestTenAtOnce:
    @pytest.fixture(autouse=True)
    def ten(self, client: Client, ada: User) -> None:
        client.post(reverse("surveys:at-once"), {"at_once": "ten"})

    def test_ten_are_asked_and_saved_by_the_button(self, client: Client, ada: User) -> None:
        page = client.get(SURVEY).text
        assert page.count('<fieldset class="statement"') == 10
        said = {f"seen-{item}": 0 for item in range(10)} | {f"answer-{item}": 4 for item in range(8)}
        page = client.post(SEVERAL, said, follow=True).text
        assert stored(ada)[:10] == [4] * 8 + [0, 0]
        assert "Saved" in page
        for item in (8, 9):
            assert ITEMS[item].text.replace("'", "&#x27;") not in page, "what was left out comes at the end"

    def test_each_answer_is_saved_as_it_is_chosen(self, client: Client, ada: User) -> None:
        page = client.post(SEVERAL, {"seen-3": 0, "answer-3": 1}, headers=HTMX).text
        assert stored(ada)[3] == 1
        assert "1 of 163 answered" in page
        assert "<fieldset" not in page

    def test_what_was_answered_elsewhere_is_kept_and_told(self, client: Client, ada: User) -> None:
        answers.save_answer(user=ada, item=3, value=5)
        said = {"seen-3": 0, "answer-3": 1, "seen-4": 0, "answer-4": 2}
        assert "One statement was answered elsewhere" in client.post(SEVERAL, said, follow=True).text
        assert stored(ada)[3:5] == [5, 2]

    def test_a_changed_mind_is_no_other_device(self, client: Client, ada: User) -> None:
        page = client.post(SEVERAL, {"seen-3": 0, "seen-4": 0, "answer-3": 1}, headers=HTMX).text
        assert re.search(r'name="seen-3" value="1" hx-swap-oob', page)
        client.post(SEVERAL, {"seen-3": 1, "seen-4": 0, "answer-3": 2}, headers=HTMX)
        assert stored(ada)[3] == 2

    def test_what_stands_is_shown_beside_an_answer_from_elsewhere(self, client: Client, ada: User) -> None:
        answers.save_answer(user=ada, item=3, value=5)
        page = client.post(SEVERAL, {"seen-3": 0, "answer-3": 1}, headers=HTMX).text
        assert re.search(r'name="seen-3" value="5"', page)
        assert re.search(r'name="answer-3" value="5" checked', page)
        assert page.count("checked") == 1

    @pytest.mark.parametrize("form", [{"answer-163": 3}, {"answer-0": 6}, {"answer-x": 1}, {"answer-0": ""}])
    def test_nonsense_changes_nothing(self, client: Client, ada: User, form: dict) -> None:
        assert "nothing of it was saved" in client.post(SEVERAL, {"answer-1": 2} | form, follow=True).text
        assert stored(ada) == [0] * N_ITEMS

    def test_one_at_a_time_comes_back(self, client: Client, ada: User) -> None:
        client.post(reverse("surveys:at-once"), {"at_once": "one"})
        assert 'class="statement"' not in client.get(SURVEY).text


def test_it_says_how_sharp_the_picture_is_and_what_ten_more_bring(client: Client, ada: User) -> None:
    make_active_versions()
    sheet = make_sheet(ada, n_answered=30)
    progress = questions.progress_of(sheet=sheet)
    assert progress.sharpness is not None
    assert progress.sharpness_soon is not None
    assert 0 < progress.sharpness < progress.sharpness_soon < 1
    page = client.get(SURVEY).text
    assert f"{progress.sharpness:.0%}".replace("%", " % sharp") in page
    assert f"make it {progress.sharpness_soon:.0%}".replace("%", " %") in page


def test_near_the_end_no_ten_more_are_promised(ada: User) -> None:
    make_active_versions()
    assert questions.progress_of(sheet=make_sheet(ada, n_answered=154)).sharpness_soon is None


def test_the_next_ten_are_the_most_telling_and_never_answered_or_skipped_ones(ada: User) -> None:
    make_active_versions()
    sheet = make_sheet(ada, n_answered=100)
    ten = questions.next_items(sheet=sheet, n=10)
    assert ten[0] == questions.next_item(sheet=sheet)
    assert len(set(ten)) == 10
    assert min(ten) >= 100
    assert not set(questions.next_items(sheet=sheet, skipped=ten, n=10)) & set(ten)
    assert set(questions.next_items(sheet=sheet, skipped=range(100, 163), n=63)) == set(range(100, 163))


@pytest.mark.parametrize(
    ("n_answered", "is_verified", "expected"), [(19, True, False), (20, False, False), (20, True, True)]
)
def test_a_sketch_needs_20_answers_and_a_confirmed_address(
    ada: User, n_answered: int, is_verified: bool, expected: bool
) -> None:
    make_sheet(ada, n_answered=n_answered)
    EmailAddress.objects.create(user=ada, email=ada.email, verified=is_verified, primary=True)
    assert questions.may_sketch(user=ada) is expected


def test_hints_are_kind_and_only_for_oneself(client: Client, ada: User) -> None:
    make_sheet(ada, answers=bytes([3] * 60 + [0] * 103))
    assert "Only for you:" in client.get(SURVEY).text
    stranger = make_member()
    make_sheet(stranger, n_answered=60)
    client.force_login(stranger)
    assert "Only for you:" not in client.get(SURVEY).text


def test_the_survey_takes_a_fixed_number_of_queries(client: Client, ada: User, django_assert_max_num_queries) -> None:
    make_active_versions()
    make_sheet(ada, n_answered=50)
    client.get(SURVEY)
    with django_assert_max_num_queries(12):
        client.get(SURVEY)
