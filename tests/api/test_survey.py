"""The survey by API: the statements are for everybody, the answers and the picture for their owner."""

from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse
from rest_framework.test import APIClient

from accounts.models import User
from ml.items import ITEMS, N_ITEMS
from surveys.models import AnswerSheet, MeasurementVersion, Placement
from tests.builders import make_member

ANSWERS, PICTURE = "api:answers", "api:picture"


@pytest.fixture
def robin(db: None) -> User:
    return make_member()


@pytest.fixture
def client(robin: User, signed_in: Callable[[User], APIClient]) -> APIClient:
    return signed_in(robin)


def answer(client: APIClient, number: int, body: Any) -> Any:
    return client.put(reverse("api:answer", args=[number]), body, format="json")


def test_everybody_reads_the_statements_without_their_scales(db: None) -> None:
    bank = APIClient().get(reverse("api:items")).json()
    assert [item["text"] for item in bank["items"]] == [item.text for item in ITEMS]
    assert [choice["value"] for choice in bank["choices"]] == [1, 2, 3, 4, 5]
    assert set(bank["items"][0]) == {"number", "text"}


def test_an_answer_given_twice_is_saved_once(client: APIClient, robin: User) -> None:
    for _ in range(2):
        assert answer(client, 163, {"value": 4, "seconds": 7}).json() == {"number": 163, "value": 4}
    sheet = AnswerSheet.objects.get(user=robin)
    assert (bytes(sheet.answers)[162], sheet.n_answered, sheet.revision, sheet.seconds) == (4, 1, 1, 7)


def test_the_own_answers_are_told_with_what_is_missing(client: APIClient) -> None:
    answer(client, 2, {"value": 5})
    answer(client, 9, {"value": 1})
    assert client.get(reverse(ANSWERS)).json() == {
        "n_items": N_ITEMS,
        "n_answered": 2,
        "n_until_shown": 34,
        "answers": [{"number": 2, "value": 5}, {"number": 9, "value": 1}],
    }


def test_an_answer_can_be_taken_back_more_than_once(client: APIClient, robin: User) -> None:
    answer(client, 2, {"value": 5})
    for _ in range(2):
        assert client.delete(reverse("api:answer", args=[2])).status_code == 204
    assert AnswerSheet.objects.get(user=robin).n_answered == 0


@pytest.mark.parametrize("number", [0, 164, 10**30])
def test_there_are_163_statements(client: APIClient, number: int) -> None:
    assert answer(client, number, {"value": 1}).status_code == 404
    assert client.delete(reverse("api:answer", args=[number])).status_code == 404


@pytest.mark.parametrize("value", [0, 6, -1, 10**40, 2.5, "x", "\x00", None, True, [], {}])
def test_what_is_no_answer_is_refused(client: APIClient, robin: User, value: Any) -> None:
    refused = answer(client, 1, {"value": value})
    assert refused.status_code == 400
    assert refused.json()["errors"][0]["field"] == "value"
    assert not AnswerSheet.objects.filter(user=robin).exists()


def test_the_picture_has_an_interval_for_every_factor(client: APIClient, version: MeasurementVersion) -> None:
    for number in range(1, 41):
        answer(client, number, {"value": 4})
    picture = client.get(reverse(PICTURE)).json()
    assert (len(picture["factors"]), len(picture["globals"]), picture["n_answered"]) == (16, 5, 40)
    for factor in (*picture["factors"], *picture["globals"]):
        assert 0 <= factor["low"] <= factor["percentile"] <= factor["high"] <= 100
    assert picture["type_name"] in {name for name, _ in _types(version)}
    assert Placement.objects.get().n_answered == 40


def test_without_answers_there_is_no_picture_and_it_says_what_to_do(
    client: APIClient, version: MeasurementVersion
) -> None:
    refused = client.get(reverse(PICTURE))
    assert refused.status_code == 404
    assert "Answer some statements first" in refused.json()["detail"]


def test_nobody_reads_the_answers_of_somebody_else(
    client: APIClient, robin: User, signed_in: Callable[[User], APIClient]
) -> None:
    answer(client, 3, {"value": 2})
    stranger = signed_in(make_member())
    assert stranger.get(reverse(ANSWERS)).json()["answers"] == []
    stranger.delete(reverse("api:answer", args=[3]))
    assert AnswerSheet.objects.get(user=robin).n_answered == 1


def _types(version: MeasurementVersion) -> Any:
    from surveys.services import models

    return models.model_of(version).type_names
