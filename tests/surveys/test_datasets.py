"""Answers as arrays: whom the model learns from, what each counts, and where respondents lie."""

import numpy as np
import pytest
from django.core.files.storage import default_storage
from pytest_django import DjangoAssertNumQueries

from accounts.models import Consent
from ml import artifacts, responses
from surveys import datasets
from surveys.models import Respondent
from surveys.services import training
from tests.surveys.respondents import draw_answers, make_respondents, make_teacher

pytestmark = pytest.mark.django_db


def test_training_learns_from_cleaned_respondents_and_counts_the_others_by_reason() -> None:
    seed = make_respondents(10)
    Respondent.objects.filter(seed_import=seed, row=1).update(age=17)
    Respondent.objects.filter(seed_import=seed, row=2).update(elapsed=100)
    Respondent.objects.filter(seed_import=seed, row=3).update(age=2_147_483_647)

    arrays = datasets.training_arrays()

    assert arrays.n_respondents == 8
    assert arrays.n_members == 0
    assert arrays.left_out_respondents[responses.MINOR] == 1
    assert arrays.left_out_respondents[responses.FAST] == 1
    assert sum(arrays.left_out_respondents.values()) == 2
    np.testing.assert_array_equal(arrays.answers, draw_answers(10)[2:])
    # An impossible age is unknown: learnt from, but no norm.
    assert arrays.is_norm.tolist() == [False] + [True] * 7
    assert arrays.weights.tolist() == [1.0] * 8


def test_training_learns_from_the_latest_import_only() -> None:
    make_respondents(5, seed=1)
    make_respondents(4, seed=2)
    np.testing.assert_array_equal(datasets.training_arrays().answers, draw_answers(4, seed=2))


def test_training_without_any_answers_has_empty_arrays() -> None:
    arrays = datasets.training_arrays()
    assert arrays.answers.shape == (0, 163)
    assert len(arrays.weights) == len(arrays.is_norm) == 0


def test_members_are_learnt_from_only_while_they_agree() -> None:
    make_teacher(seed=1)
    changed_mind = make_teacher(seed=2)
    Consent.objects.create(user=changed_mind, kind=Consent.Kind.TRAINING, is_given=False)
    left_the_survey = make_teacher(seed=3)
    Consent.objects.create(user=left_the_survey, kind=Consent.Kind.MATCHING, is_given=False)
    never_asked = make_teacher(seed=4)
    Consent.objects.filter(user=never_asked, kind=Consent.Kind.TRAINING).delete()
    make_teacher(seed=5, is_active=False)

    arrays = datasets.training_arrays()

    np.testing.assert_array_equal(arrays.answers, draw_answers(1, seed=1))
    assert arrays.n_members == 1
    assert arrays.is_norm.tolist() == [True]


def test_demo_members_never_train_the_model() -> None:
    make_teacher(seed=1, is_demo=True)
    assert datasets.training_arrays().n_members == 0


def test_members_who_answered_too_little_are_counted_and_left_out() -> None:
    make_teacher(seed=1, n_answered=146)
    make_teacher(seed=2, n_answered=147)
    arrays = datasets.training_arrays()
    assert arrays.n_members == 1
    assert arrays.left_out_members[responses.MISSING] == 1


def test_a_member_whose_time_is_known_to_be_too_short_is_left_out() -> None:
    hasty = make_teacher(seed=1)
    hasty.answer_sheets.update(seconds=60)
    arrays = datasets.training_arrays()
    assert arrays.n_members == 0
    assert arrays.left_out_members[responses.FAST] == 1


@pytest.mark.parametrize(
    ("n_respondents", "n_members", "weight"),
    [
        (49_159, 0, 1.0),
        (49_159, 4_999, 1.0),
        (40_000, 5_000, 0.125),
        (5_000, 5_000, 1.0),
        (100, 6_000, 1.0),
        (0, 9, 1.0),
    ],
)
def test_respondents_weigh_one_each_until_members_are_many_and_then_at_most_half(
    n_respondents: int, n_members: int, weight: float
) -> None:
    assert datasets.seed_weight(n_respondents, n_members) == weight


def test_when_members_are_many_the_seed_weighs_as_much_as_they_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(datasets, "MEMBERS_WHO_OUTWEIGH_THE_SEED", 2)
    make_respondents(6)
    make_teacher(seed=100)
    make_teacher(seed=101)
    weights = datasets.training_arrays().weights
    assert weights[:6].sum() == pytest.approx(weights[6:].sum())


def test_respondents_lie_where_the_model_places_them() -> None:
    seed = make_respondents(5)
    Respondent.objects.filter(seed_import=seed, row=2).update(age=16)
    version = training.install_reference()
    assert training.place_respondents(version=version) == 5

    places = datasets.respondent_places(version=version)

    expected = artifacts.load_reference().place(draw_answers(5))
    assert places.ids.tolist() == list(seed.respondents.order_by("row").values_list("pk", flat=True))
    np.testing.assert_array_equal(places.axes, expected.axes)
    np.testing.assert_array_equal(places.reliability, expected.reliability)
    np.testing.assert_allclose(places.scales, expected.scales, rtol=1e-6)
    assert places.is_adult.tolist() == [True, False, True, True, True]


def test_respondents_are_placed_once_and_read_once(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    make_respondents(3)
    version = training.install_reference()
    training.place_respondents(version=version)
    assert training.place_respondents(version=version) == 0
    first = datasets.respondent_places(version=version)
    with django_assert_num_queries(1):
        assert datasets.respondent_places(version=version) is first


def test_respondents_of_a_newer_import_have_no_place_until_they_are_placed() -> None:
    make_respondents(3)
    version = training.install_reference()
    training.place_respondents(version=version)
    newer = make_respondents(4, seed=9)
    assert len(datasets.respondent_places(version=version)) == 0
    training.place_respondents(version=version)
    ids = datasets.respondent_places(version=version).ids
    assert set(ids) == set(newer.respondents.values_list("pk", flat=True))


def test_a_file_of_places_holds_no_pickle() -> None:
    make_respondents(3)
    version = training.install_reference()
    training.place_respondents(version=version)
    with default_storage.open(version.respondent_places.name) as file, np.load(file, allow_pickle=False) as arrays:
        assert {arrays[name].dtype.kind for name in arrays.files} <= set("ifb")
