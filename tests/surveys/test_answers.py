"""Answers are saved one by one, placed at once, and belong to one person."""

import threading

import numpy as np
import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse

from accounts.models import Consent, User
from ml.items import ITEMS, N_ITEMS
from surveys import tasks
from surveys.models import AnswerSheet, Placement
from surveys.services import answers, models, picture, placing, questions
from tests.builders import make_answers, make_member, make_sheet
from tests.database_plugin import partly_unique
from tests.population import make_active_versions
from tests.threads import run_together

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada(client: Client) -> User:
    user = make_member(display_name="Ada")
    client.force_login(user)
    return user


def test_one_answer_changes_one_byte(ada: User) -> None:
    answers.save_answer(user=ada, item=4, value=5, seconds=7)
    sheet = answers.save_answer(user=ada, item=160, value=1, seconds=3)
    expected = bytearray(N_ITEMS)
    expected[4], expected[160] = 5, 1
    sheet.refresh_from_db()
    assert bytes(sheet.answers) == bytes(expected)
    assert (sheet.n_answered, sheet.seconds, sheet.revision) == (2, 10, 2)


def test_the_same_answer_again_changes_nothing(ada: User) -> None:
    for _ in range(2):
        sheet = answers.save_answer(user=ada, item=4, value=5, seconds=7)
    assert (sheet.n_answered, sheet.seconds, sheet.revision) == (1, 7, 1)


def test_an_answer_can_be_taken_back(ada: User) -> None:
    answers.save_answer(user=ada, item=4, value=5)
    assert answers.save_answer(user=ada, item=4, value=0).n_answered == 0


def test_a_long_pause_counts_as_a_short_one(ada: User) -> None:
    assert answers.save_answer(user=ada, item=4, value=5, seconds=90_000).seconds == 300


@pytest.mark.parametrize(("item", "value"), [(163, 3), (-1, 3), (0, 6), (0, -1)])
def test_what_is_no_answer_is_refused(ada: User, item: int, value: int) -> None:
    with pytest.raises(answers.AnswerRefusedError):
        answers.save_answer(user=ada, item=item, value=value)


@partly_unique
def test_a_second_current_sheet_is_refused_by_the_database(ada: User) -> None:
    make_sheet(ada)
    with pytest.raises(IntegrityError), transaction.atomic():
        make_sheet(ada)


def test_answering_anew_keeps_the_first_sheet(ada: User) -> None:
    first = make_sheet(ada)
    second = answers.retake(user=ada)
    assert answers.current_sheet(user=ada) == second
    assert AnswerSheet.objects.get(pk=first.pk).n_answered == N_ITEMS


@pytest.mark.django_db(transaction=True)
def test_two_devices_never_overwrite_each_other() -> None:
    user = make_member()
    answers.current_sheet(user=user)

    def answer(items: range) -> None:
        for item in items:
            answers.save_answer(user=user, item=item, value=3)
        connection.close()

    run_together([threading.Thread(target=answer, args=(items,)) for items in (range(30), range(30, 60))])
    assert answers.current_sheet(user=user).n_answered == 60


def test_an_answer_is_placed_at_once(ada: User) -> None:
    make_active_versions()
    sheet = answers.save_answer(user=ada, item=4, value=5)
    assert Placement.objects.get(sheet=sheet).sheet_revision == 1


def test_a_place_found_step_by_step_is_the_place_found_from_scratch(ada: User) -> None:
    version = make_active_versions()
    values = np.random.default_rng(3).integers(1, 6, size=12)
    for item, value in enumerate(values):
        sheet = answers.save_answer(user=ada, item=item, value=int(value))
    stored = np.frombuffer(bytes(Placement.objects.get(sheet=sheet).axes), dtype="<f4")
    whole = np.zeros((1, N_ITEMS), dtype=np.int8)
    whole[0, :12] = values
    np.testing.assert_allclose(stored, models.model_of(version).place(whole).axes[0], atol=1e-6)


def test_an_answer_outlives_a_model_that_cannot_be_read(ada: User) -> None:
    version = make_active_versions()
    type(version).objects.filter(pk=version.pk).update(sha256="0" * 64)
    assert answers.save_answer(user=ada, item=4, value=5).n_answered == 1
    assert Placement.objects.count() == 0


def test_the_sweep_finds_what_has_no_place_and_then_nothing(ada: User) -> None:
    sheet = make_sheet(ada)
    assert placing.place_stale() == 0
    version = make_active_versions()
    tasks.place_stale_sheets()
    assert Placement.objects.get(sheet=sheet, version=version).n_answered == N_ITEMS
    AnswerSheet.objects.filter(pk=sheet.pk).update(revision=9)
    assert placing.place_stale() == 1
    assert placing.place_stale() == placing.place_everyone(version=version) == 0


def test_placing_many_takes_as_many_queries_as_placing_one(django_assert_num_queries) -> None:
    version = make_active_versions()
    make_sheet(make_member())
    models.model_of(version)
    with django_assert_num_queries(6):  # sheets, then in one transaction places and changes, no more sheets
        placing.place_everyone(version=version)
    for seed in range(4):
        make_sheet(make_member(), seed=seed)
    with django_assert_num_queries(6):
        placing.place_everyone(version=version)


def test_what_was_skipped_comes_last(ada: User) -> None:
    sheet = make_sheet(ada, n_answered=160)
    assert questions.next_item(sheet=sheet) == 160
    assert questions.next_item(sheet=sheet, skipped=(160,)) == 161
    assert questions.next_item(sheet=sheet, skipped=(160, 161, 162)) == 160
    make_active_versions()
    assert questions.next_item(sheet=sheet, skipped=(160, 161)) == 162


def test_a_picture_needs_answers_and_a_model(ada: User) -> None:
    sheet = make_sheet(ada, answers=bytes(N_ITEMS))
    assert picture.picture_of(sheet=sheet) is None
    make_active_versions()
    assert picture.picture_of(sheet=sheet) is None


def test_a_picture_says_how_sure_it_is(ada: User) -> None:
    make_active_versions()
    little = picture.picture_of(sheet=make_sheet(ada, n_answered=20))
    much = picture.picture_of(sheet=make_sheet(make_member(), n_answered=N_ITEMS))
    assert little is not None
    assert much is not None
    assert len(much.factors) == 16
    assert len(much.globals) == 5
    for factor in (*much.factors, *much.globals):
        assert 0 <= factor.low < factor.percentile < factor.high <= 100 or factor.percentile in {0, 100}
    widths = [np.mean([factor.high - factor.low for factor in one.factors]) for one in (little, much)]
    assert widths[0] > widths[1] > 0
    assert little.sharpness < much.sharpness


def post(client: Client, item: int, value: int) -> None:
    response = client.post(reverse("surveys:answer"), {"item": item, "value": value})
    assert response["location"] == reverse("surveys:survey")


def test_the_page_asks_saves_and_resumes(client: Client, ada: User) -> None:
    assert ITEMS[0].text.replace("'", "&#x27;") in client.get(reverse("surveys:survey")).text
    post(client, 0, 4)
    page = client.get(reverse("surveys:survey")).text
    assert "Saved" in page
    assert ITEMS[1].text.replace("'", "&#x27;") in page
    assert 'aria-pressed="true"' in client.get(reverse("surveys:statement", args=[1])).text
    elsewhere = Client()
    elsewhere.force_login(ada)
    assert "1 of 163 answered" in elsewhere.get(reverse("surveys:survey")).text


def test_skipping_is_missing_and_not_neutral(client: Client, ada: User) -> None:
    post(client, 0, 0)
    assert bytes(answers.current_sheet(user=ada).answers) == bytes(N_ITEMS)
    assert ITEMS[1].text.replace("'", "&#x27;") in client.get(reverse("surveys:survey")).text


@pytest.mark.parametrize("form", [{"item": 163, "value": 3}, {"item": 0, "value": 6}, {"item": "x"}, {}])
def test_nonsense_is_told_and_changes_nothing(client: Client, ada: User, form: dict) -> None:
    page = client.post(reverse("surveys:answer"), form, follow=True)
    assert "no answer to a statement" in page.text
    assert answers.current_sheet(user=ada).n_answered == 0


def test_a_full_sheet_ends_the_survey(client: Client, ada: User) -> None:
    make_sheet(ada)
    assert "All 163 answered" in client.get(reverse("surveys:survey")).text


@pytest.mark.parametrize("number", [0, 164])
def test_there_are_163_statements(client: Client, ada: User, number: int) -> None:
    assert client.get(reverse("surveys:statement", args=[number])).status_code == 404


@pytest.mark.parametrize("name", ["survey", "picture", "retake"])
def test_without_consent_there_is_no_survey(client: Client, ada: User, name: str) -> None:
    Consent.objects.create(user=ada, kind=Consent.Kind.MATCHING, is_given=False)
    assert client.get(reverse(f"surveys:{name}"))["location"] == reverse("accounts:consents")


@pytest.mark.parametrize("name", ["survey", "picture", "retake"])
def test_a_visitor_is_sent_to_sign_in(client: Client, name: str) -> None:
    assert client.get(reverse(f"surveys:{name}"))["location"].startswith(reverse("account_login"))


def test_a_stranger_answers_on_their_own_sheet(client: Client, ada: User) -> None:
    make_sheet(ada)
    stranger = make_member()
    client.force_login(stranger)
    post(client, 0, 1)
    assert bytes(answers.current_sheet(user=ada).answers) == make_answers()
    assert answers.current_sheet(user=stranger).n_answered == 1


def test_the_picture_page_shows_the_picture_and_no_answer(client: Client, ada: User) -> None:
    assert "No picture yet" in client.get(reverse("surveys:picture")).text
    make_active_versions()
    make_sheet(make_member())
    AnswerSheet.objects.filter(user=ada).delete()
    make_sheet(ada)
    page = client.get(reverse("surveys:picture")).text
    assert "Sixteen factors" in page
    assert "not a diagnosis" in page
    assert "<svg" in page


def test_answering_anew_is_asked_for_twice(client: Client, ada: User) -> None:
    make_sheet(ada)
    assert "Answer anew?" in client.get(reverse("surveys:retake")).text
    client.post(reverse("surveys:retake"))
    assert answers.current_sheet(user=ada).n_answered == 0
