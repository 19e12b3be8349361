"""More like somebody: the viewer's own people, ordered by blurred places alone, and only for whom one was shown."""

import numpy as np
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Block, Purpose, User
from ml import displayed as blurred
from recommendations.models import Impression, SlotPolicy, Verdict
from recommendations.services import displayed, lists
from surveys.models import MeasurementVersion
from surveys.services import models
from tests.builders import make_member
from tests.recommendations.builders import answer_like, make_impression, make_people

FRIEND = Purpose.FRIEND


@pytest.fixture
def crowd(version: MeasurementVersion, client: Client) -> list[User]:
    """A signed-in viewer and twenty others; the last answered like the second, whom the viewer was shown."""
    people = make_people(version, 21)
    answer_like(version, people[-1], people[1])
    make_impression(people[0], people[1], label=2)
    client.force_login(people[0])
    return people


def page_of(client: Client, person: User, **query: str) -> str:
    response = client.get(reverse("recommendations:like-this", args=[person.public_id]), query)
    return response.text if response.status_code == 200 else str(response.status_code)


def test_those_most_like_somebody_come_first_and_are_remembered_as_shown(
    client: Client, crowd: list[User], monkeypatch: pytest.MonkeyPatch
) -> None:
    # Which way people are blurred follows from their ids; the next test is about the blur.
    monkeypatch.setattr("ml.displayed.perturbed", lambda scales, keys: np.asarray(scales)[:, list(blurred.SAYABLE)])
    viewer, person, *others = crowd
    Verdict.objects.create(actor=viewer, target=others[0], purpose=FRIEND, value="pass")
    Block.objects.create(blocker=others[1], blocked=viewer)
    page = page_of(client, person)
    rows = list(Impression.objects.filter(surface="like-this").order_by("position"))
    assert len(rows) == 12
    assert {row.filters for row in rows} == {f"ages=18-120&like={person.pk}"}
    assert {(row.slot_policy, row.propensity) for row in rows} == {(SlotPolicy.RANKED.value, 1.0)}
    shown = [row.shown for row in rows]
    assert crowd[-1] in shown[:3], "a twin is among the likest"
    assert not {viewer, person, others[0], others[1]} & set(shown)
    assert all(f"person-{user.public_id}" in page for user in shown)
    assert "%" not in page.partition("</head>")[2]
    page_of(client, person)
    assert Impression.objects.filter(surface="like-this").count() == 12


def test_the_order_is_that_of_what_is_displayed_and_not_of_what_is_known(
    crowd: list[User], version: MeasurementVersion
) -> None:
    viewer, person, *others = crowd
    ids = [user.pk for user in others]
    scores = displayed.resemblance(to_id=person.pk, user_ids=ids, version=version)
    found = lists.list_like(viewer=viewer, purpose=FRIEND, like=person)
    assert [one.shown_id for one in found.impressions] == [ids[row] for row in np.argsort(-scores)[:12]]
    model = models.model_of(version)
    exact = model.place(
        np.stack([np.frombuffer(bytes(user.answer_sheets.get(is_current=True).answers), np.int8) for user in crowd[1:]])
    ).scales[:, list(blurred.SAYABLE)]
    assert np.argsort(-scores).tolist() != np.argsort(((exact[1:] - exact[0]) ** 2).sum(1)).tolist()


def test_what_the_list_said_before_stays_what_it_says(crowd: list[User]) -> None:
    viewer, person, other, *_ = crowd
    make_impression(viewer, other, label=4, agreements=[{"scale": "H", "side": 1}])
    rows = {one.shown_id: one for one in lists.list_like(viewer=viewer, purpose=FRIEND, like=person).impressions}
    for row in rows.values():
        if row.shown_id == other.pk:
            assert (row.label, row.agreements) == (4, [{"scale": "H", "side": 1}])


def test_a_stranger_gets_nothing(client: Client, crowd: list[User]) -> None:
    viewer, person, never_shown, *_ = crowd
    assert page_of(client, never_shown) == "404"
    assert page_of(client, make_member()) == "404"
    assert page_of(client, person, purpose="project") == "404"
    Block.objects.create(blocker=person, blocked=viewer)
    assert page_of(client, person) == "404"
    assert not Impression.objects.filter(surface="like-this").exists()


def test_nobody_but_that_person_is_said_so(client: Client, version: MeasurementVersion) -> None:
    viewer, other = make_people(version, 2)
    make_impression(viewer, other)
    client.force_login(viewer)
    assert "Nobody else is left" in page_of(client, other)


def test_the_number_of_queries_does_not_depend_on_the_number_of_people(
    client: Client, crowd: list[User], version: MeasurementVersion
) -> None:
    def n_queries(person: User) -> int:
        with CaptureQueriesContext(connection) as queries:
            page_of(client, person)
        return len(queries)

    page_of(client, crowd[1])
    make_impression(crowd[0], crowd[2]), make_impression(crowd[0], crowd[3])
    few = n_queries(crowd[2])
    make_people(version, 30, seed=8)
    lists.list_for(viewer=crowd[4], purpose=FRIEND)
    assert n_queries(crowd[3]) == few <= 66
