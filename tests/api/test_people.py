"""Other people by API: who sees what, and that a stranger gets nothing."""

import datetime
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import Block, Consent, Notification, Preference, Purpose, User
from recommendations.models import Impression, Match, Verdict
from recommendations.services import verdicts
from surveys.models import MeasurementVersion
from surveys.services import training
from tests.builders import make_circle
from tests.recommendations.builders import make_people, show_each_other
from tests.surveys.respondents import make_respondents

Pair = tuple[User, User]
FRIEND = Purpose.FRIEND
# What no answer may ever hold.
SECRETS = ("example.org", "1990-05-17", "birth", "score", "propensity", "%", '"id"', '"pk"', "respondent_id")


def url(name: str, *args: Any) -> str:
    return reverse(f"api:{name}", args=args)


def people(client: APIClient, **query: str) -> Any:
    return client.get(url("people"), {"purpose": "friend", **query})


def say(client: APIClient, target: User, value: str) -> Any:
    said = {"person": str(target.public_id), "purpose": FRIEND, "value": value}
    return client.post(url("verdicts"), said, format="json")


def match_of(one: User, other: User) -> Match:
    for actor, target in ((one, other), (other, one)):
        verdicts.record(actor=actor, target=target, purpose=FRIEND, value="like")
    return Match.objects.between(one.pk, other.pk).get()


def n_queries(client: APIClient, name: str, **query: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(url(name), query).status_code == 200
    return len(queries)


# ---------------------------------------------------------------- people


def test_the_list_has_words_and_reasons_and_no_number(ada: APIClient, pair: Pair) -> None:
    Impression.objects.all().delete()
    answer = people(ada)
    (card,) = answer.json()["people"]
    shown = Impression.objects.get()
    assert card["person"] == {
        "public_id": str(pair[1].public_id),
        "display_name": "Ben",
        "headline": "",
        "place": "",
        "is_demo": False,
    }
    assert (card["step"], card["label"]) == (shown.label, shown.get_label_display())
    assert not any(secret in answer.text for secret in (*SECRETS, "ben's bell"))


def test_asking_again_writes_nothing(ada: APIClient, pair: Pair) -> None:
    first = people(ada).json()
    n_impressions = Impression.objects.count()
    assert people(ada).json()["people"] == first["people"]
    assert Impression.objects.count() == n_impressions


def test_the_list_says_what_keeps_one_from_it(ada: APIClient, pair: Pair) -> None:
    Preference.objects.filter(user=pair[0]).update(is_active=False)
    answer = people(ada).json()
    assert (answer["obstacle"], answer["people"], answer["sample_people"]) == ("purpose", [], [])


def test_an_empty_list_says_which_rule_took_whom_away(ada: APIClient, pair: Pair) -> None:
    Preference.objects.filter(user=pair[1]).update(youngest=60)
    answer = people(ada).json()
    assert answer["people"] == []
    assert "outside your age range" in answer["removed"][0]


def test_only_ones_own_circle_can_be_looked_into(ada: APIClient, pair: Pair, version: MeasurementVersion) -> None:
    strangers = make_circle(*make_people(version, 2, seed=5), name="Strangers")
    own = make_circle(*pair)
    inside = people(ada, circle=str(own.public_id)).json()
    assert inside["circle"] == str(own.public_id)
    assert [card["person"]["display_name"] for card in inside["people"]] == ["Ben"]
    assert inside["people"][0]["shared_circles"] == ["Cohort"]
    assert people(ada, circle=str(strangers.public_id)).status_code == 404
    assert people(ada, circle=str(uuid.uuid4())).status_code == 404


def test_sample_people_stand_apart_and_can_be_judged_and_taken_back(
    ada: APIClient, version: MeasurementVersion
) -> None:
    make_respondents(60)
    training.place_respondents(version=version)
    found = people(ada).json()
    token = found["sample_people"][0]["token"]
    said = {"token": token, "purpose": FRIEND, "value": "like"}
    assert ada.post(url("sample-verdicts"), said, format="json").status_code == 200
    standing = ada.get(url("sample-verdicts")).json()["results"]
    assert [(one["token"], one["value"]) for one in standing] == [(token, "like")]
    assert token not in {one["token"] for one in people(ada).json()["sample_people"]}
    ada.post(url("sample-verdicts"), said | {"value": "undone"}, format="json")
    assert ada.get(url("sample-verdicts")).json()["results"] == []


def test_a_token_of_somebody_else_stands_for_nobody(
    ada: APIClient, ben: APIClient, version: MeasurementVersion
) -> None:
    make_respondents(60)
    training.place_respondents(version=version)
    token = people(ada).json()["sample_people"][0]["token"]
    said = {"token": token, "purpose": FRIEND, "value": "like"}
    assert ben.post(url("sample-verdicts"), said, format="json").status_code == 404


def test_a_persons_page_repeats_what_the_list_said(ada: APIClient, pair: Pair) -> None:
    Impression.objects.update(label=5)
    answer = ada.get(url("person", pair[1].public_id))
    page = answer.json()
    assert page["person"]["bio"] == "Likes boats."
    assert (page["facts"]["step"], page["facts"]["label"]) == (5, "Very close")
    assert (page["verdict"], page["match"], page["purpose"]) == (None, None, "friend")
    assert not any(secret in answer.text for secret in (*SECRETS, "ben's bell"))


def test_a_persons_page_says_what_was_said_and_the_match(ada: APIClient, pair: Pair) -> None:
    match = match_of(*pair)
    page = ada.get(url("person", pair[1].public_id), {"purpose": FRIEND}).json()
    assert (page["verdict"], page["match"]) == ("like", str(match.public_id))


def test_a_stranger_does_not_exist(ada: APIClient, pair: Pair, version: MeasurementVersion) -> None:
    cleo = make_people(version, 1, seed=7)[0]
    assert ada.get(url("person", cleo.public_id)).status_code == 404
    assert ada.get(url("person", uuid.uuid4())).status_code == 404
    assert ada.get(url("person", pair[0].public_id)).status_code == 404
    assert ada.get(url("person", pair[1].public_id), {"purpose": "date"}).status_code == 404
    assert say(ada, cleo, "like").status_code == 404
    assert Verdict.objects.count() == 0


# ---------------------------------------------------------------- verdicts


def test_a_verdict_stands_until_it_is_taken_back(ada: APIClient, pair: Pair) -> None:
    for _ in range(2):
        answer = say(ada, pair[1], "pass")
    assert (answer.status_code, answer.json()["value"], answer.json()["match"]) == (200, "pass", None)
    assert Verdict.objects.count() == 1
    (standing,) = ada.get(url("verdicts")).json()["results"]
    assert (standing["person"]["display_name"], standing["value"]) == ("Ben", "pass")
    assert say(ada, pair[1], "undone").json()["value"] == "undone"
    assert ada.get(url("verdicts")).json()["results"] == []
    assert say(ada, pair[1], "undone").status_code == 200


def test_nothing_said_cannot_be_taken_back(ada: APIClient, pair: Pair) -> None:
    assert say(ada, pair[1], "undone").status_code == 404


def test_two_likes_make_a_match(ada: APIClient, ben: APIClient, pair: Pair) -> None:
    assert say(ada, pair[1], "like").json()["match"] is None
    public_id = say(ben, pair[0], "like").json()["match"]
    assert public_id == str(Match.objects.get().public_id)


def test_likes_of_others_are_not_told(ada: APIClient, ben: APIClient, pair: Pair) -> None:
    say(ben, pair[0], "like")
    assert ada.get(url("verdicts")).json()["results"] == []
    assert ada.get(url("person", pair[1].public_id)).json()["verdict"] is None


@pytest.mark.parametrize(
    "change",
    [
        *({"person": "x"}, {"person": 10**60}, {"person": None}, {"person": ""}, {"purpose": "marriage"}),
        *({"purpose": ["friend"]}, {"value": "love"}, {"value": "\x00"}, {"value": {"a": 1}}),
    ],
)
def test_what_is_no_verdict_is_refused(ada: APIClient, pair: Pair, change: dict[str, Any]) -> None:
    said = {"person": str(pair[1].public_id), "purpose": FRIEND, "value": "like"}
    refused = ada.post(url("verdicts"), said | change, format="json")
    assert refused.status_code == 400
    assert [error["field"] for error in refused.json()["errors"]] == list(change)


def test_standing_verdicts_come_in_pages(ada: APIClient, pair: Pair, version: MeasurementVersion) -> None:
    others = make_people(version, 51, seed=3)
    moment = timezone.now() - datetime.timedelta(hours=1)
    for index, other in enumerate(others):
        show_each_other(pair[0], other)
        now = moment + datetime.timedelta(seconds=index)
        verdicts.record(actor=pair[0], target=other, purpose=FRIEND, value="like", now=now)
    first = ada.get(url("verdicts")).json()
    last = ada.get(first["next"]).json()
    found = [one["person"]["public_id"] for one in (*first["results"], *last["results"])]
    assert (len(first["results"]), len(last["results"]), last["next"]) == (50, 1, None)
    assert found == [str(other.public_id) for other in reversed(others)]
    assert ada.get(last["previous"]).json()["results"] == first["results"]


@pytest.mark.parametrize("cursor", ["x", "cD0xMDAwMDAwMDAwMDAwMA==", "cD1ub3doZXJl", "cD0lMDA="])
@pytest.mark.parametrize("name", ["verdicts", "matches", "sample-verdicts"])
def test_a_made_up_cursor_is_refused(ada: APIClient, name: str, cursor: str) -> None:
    answer = ada.get(url(name), {"cursor": cursor})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == "cursor"


# ---------------------------------------------------------------- matches


def test_a_match_is_told_to_both_and_opening_the_list_reads_its_notification(
    ada: APIClient, ben: APIClient, pair: Pair
) -> None:
    match = match_of(*pair)
    answer = ada.get(url("matches"))
    (mine,) = answer.json()["results"]
    assert (mine["public_id"], mine["person"]["display_name"]) == (str(match.public_id), "Ben")
    assert ben.get(url("matches")).json()["results"][0]["person"]["display_name"] == "Ada"
    assert not Notification.objects.filter(read_at=None).exists()
    assert not any(secret in answer.text for secret in (*SECRETS, "ben's bell"))


def test_how_to_reach_each_other_is_told_when_both_choose(ada: APIClient, ben: APIClient, pair: Pair) -> None:
    address = url("contact", match_of(*pair).public_id)
    first = ada.put(address, {"shares": True}, format="json").json()
    assert (first["i_share"], first["both_share_contact"], first["contact"]) == (True, False, "")
    assert ben.put(address, {"shares": True}, format="json").json()["contact"] == "ada's bell"
    page = url("match", Match.objects.get().public_id)
    assert ada.get(page).json()["contact"] == "ben's bell"
    ben.put(address, {"shares": False}, format="json")
    assert ada.get(page).json()["contact"] == ""


def test_a_match_of_others_does_not_exist(
    pair: Pair, version: MeasurementVersion, signed_in: Callable[[User], APIClient]
) -> None:
    match = match_of(*pair)
    stranger = signed_in(make_people(version, 1, seed=4)[0])
    assert stranger.get(url("match", match.public_id)).status_code == 404
    assert stranger.put(url("contact", match.public_id), {"shares": True}, format="json").status_code == 404
    assert stranger.get(url("matches")).json()["results"] == []
    assert not Match.objects.filter(low_shares_contact=True).exists()


def test_both_pictures_are_told_when_both_open_theirs_and_no_longer(ada: APIClient, ben: APIClient, pair: Pair) -> None:
    address = url("opening", match_of(*pair).public_id)
    first = ada.put(address, {"opens": True}, format="json").json()
    assert (first["i_open"], first["both_open"]) == (True, False)
    assert ada.get(address).status_code == ben.get(address).status_code == 404
    assert ben.put(address, {"opens": True}, format="json").json()["both_open"] is True
    mine, theirs = ada.get(address).json(), ben.get(address).json()
    assert (mine["mine"], mine["theirs"]) == (theirs["theirs"], theirs["mine"])
    assert len(mine["theirs"]["factors"]) == 16
    assert set(mine["theirs"]) == {"factors", "type_name", "type_description"}
    assert len(mine["introductions"]) == 2
    ben.put(address, {"opens": False}, format="json")
    assert ada.get(address).status_code == 404


def test_pictures_of_others_are_neither_seen_nor_opened(
    ada: APIClient, ben: APIClient, pair: Pair, version: MeasurementVersion, signed_in: Callable[[User], APIClient]
) -> None:
    address = url("opening", match_of(*pair).public_id)
    for client in (ada, ben):
        client.put(address, {"opens": True}, format="json")
    stranger = signed_in(make_people(version, 1, seed=4)[0])
    assert stranger.get(address).status_code == 404
    assert stranger.put(address, {"opens": False}, format="json").status_code == 404
    assert Match.objects.get().both_open


@pytest.mark.parametrize("body", [{}, {"shares": None}, {"shares": "perhaps"}, [], [1], "x", None, 7])
def test_sharing_needs_a_yes_or_a_no(ada: APIClient, pair: Pair, body: Any) -> None:
    answer = ada.put(url("contact", match_of(*pair).public_id), body, format="json")
    assert answer.status_code == 400


@pytest.mark.parametrize("is_mine", [True, False])
def test_a_block_makes_both_invisible_everywhere(ada: APIClient, pair: Pair, is_mine: bool) -> None:
    match = match_of(*pair)
    blocker, blocked = pair if is_mine else pair[::-1]
    Block.objects.create(blocker=blocker, blocked=blocked)
    assert ada.get(url("person", pair[1].public_id)).status_code == 404
    assert ada.get(url("match", match.public_id)).status_code == 404
    assert ada.put(url("contact", match.public_id), {"shares": True}, format="json").status_code == 404
    for name in ("people", "verdicts", "matches"):
        assert "Ben" not in ada.get(url(name), {"purpose": FRIEND}).text


# ---------------------------------------------------------------- for all of them


def operations(public_id: uuid.UUID) -> list[tuple[str, str]]:
    read = ["people", "verdicts", "sample-verdicts", "matches", "answers", "picture"]
    return [
        *(("get", url(name)) for name in read),
        ("get", url("person", public_id)),
        ("get", url("match", public_id)),
        ("put", url("contact", public_id)),
        ("get", url("opening", public_id)),
        ("put", url("opening", public_id)),
        ("put", url("answer", 1)),
        ("delete", url("answer", 1)),
        ("post", url("verdicts")),
        ("post", url("sample-verdicts")),
    ]


def test_nobody_gets_anything_without_signing_in(pair: Pair) -> None:
    own = [("get", url(name)) for name in ("profile", "purposes", "token")]
    own += [("patch", url("profile")), ("put", url("purpose", "friend")), ("post", url("token"))]
    for method, address in operations(pair[1].public_id) + own + [("delete", url("token"))]:
        answer = getattr(APIClient(), method)(address)
        assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Bearer")


def test_nobody_gets_anything_without_consent(ada: APIClient, pair: Pair) -> None:
    Consent.objects.create(user=pair[0], kind=Consent.Kind.MATCHING, is_given=False)
    for method, address in operations(pair[1].public_id):
        answer = getattr(ada, method)(address)
        assert answer.status_code == 403
        assert answer.json()["type"].endswith(":consent-needed")
        assert reverse("accounts:consents") in answer.json()["detail"]


def test_the_number_of_queries_of_the_people_is_fixed(ada: APIClient, pair: Pair, version: MeasurementVersion) -> None:
    people(ada)
    few = n_queries(ada, "people", purpose=FRIEND)
    make_people(version, 8, seed=3)
    Impression.objects.all().delete()
    assert len(people(ada).json()["people"]) == 9
    assert n_queries(ada, "people", purpose=FRIEND) == few


def test_the_number_of_queries_of_the_matches_is_fixed(ada: APIClient, pair: Pair, version: MeasurementVersion) -> None:
    match_of(*pair)
    ada.get(url("matches"))
    few = n_queries(ada, "matches")
    for other in make_people(version, 8, seed=3):
        show_each_other(pair[0], other)
        match_of(pair[0], other)
    assert len(ada.get(url("matches")).json()["results"]) == 9
    assert n_queries(ada, "matches") == few
