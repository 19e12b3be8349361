"""One's own account: who gets in, by session and by token, and what can be read and changed there."""

import datetime
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from rest_framework.authtoken.models import Token
from rest_framework.test import APIClient

from accounts.models import Consent, Gender, Preference, Profile, Purpose, User
from accounts.services import purposes, tokens
from tests.builders import make_member

SECRETS = ("example.org", "1990-05-17", "birth", "password", '"id"', '"pk"')
TOKEN, PROFILE = "api:token", "api:profile"


@pytest.fixture
def robin(db: None) -> User:
    return make_member()


@pytest.fixture
def client(robin: User, signed_in: Callable[[User], APIClient]) -> APIClient:
    return signed_in(robin)


def bearer(secret: str) -> APIClient:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
    return client


def preferences() -> dict[str, Any]:
    return {"is_active": True, "visibility": "everyone", "youngest": 25, "oldest": 45}


# ---------------------------------------------------------------- who gets in


def test_a_token_made_by_session_opens_the_api(client: APIClient, robin: User) -> None:
    made = client.post(reverse(TOKEN))
    assert made.status_code == 201
    answer = bearer(made.json()["token"]).get(reverse(PROFILE))
    assert answer.json()["public_id"] == str(robin.public_id)
    state = client.get(reverse(TOKEN)).json()
    assert state == {name: made.json()[name] for name in ("created_at", "expires_at")}


def test_a_token_is_kept_as_a_digest_only(robin: User) -> None:
    secret = tokens.issue(user=robin).secret
    assert secret not in json.dumps(list(Token.objects.values()), default=str)


def test_a_new_token_ends_the_one_before(robin: User) -> None:
    former, latter = tokens.issue(user=robin).secret, tokens.issue(user=robin).secret
    assert bearer(former).get(reverse(PROFILE)).status_code == 401
    assert bearer(latter).get(reverse(PROFILE)).status_code == 200


def test_a_revoked_token_opens_nothing(client: APIClient, robin: User) -> None:
    secret = tokens.issue(user=robin).secret
    assert client.delete(reverse(TOKEN)).status_code == 204
    assert client.delete(reverse(TOKEN)).status_code == 204
    assert bearer(secret).get(reverse(PROFILE)).status_code == 401
    assert client.get(reverse(TOKEN)).status_code == 404


def test_a_token_ends_by_itself(client: APIClient, robin: User, settings) -> None:
    secret = tokens.issue(user=robin).secret
    Token.objects.update(created=timezone.now() - datetime.timedelta(days=settings.API_TOKEN_DAYS))
    assert bearer(secret).get(reverse(PROFILE)).status_code == 401
    assert client.get(reverse(TOKEN)).status_code == 404


def test_a_new_password_ends_the_token(robin: User) -> None:
    secret = tokens.issue(user=robin).secret
    robin.set_password("another long phrase 43")
    robin.save()
    assert bearer(secret).get(reverse(PROFILE)).status_code == 401


def test_a_token_says_of_nobody_else_who_they_are(robin: User) -> None:
    other = make_member()
    tokens.issue(user=other)
    forged = other.public_id.hex + tokens.issue(user=robin).secret[32:]
    assert bearer(forged).get(reverse(PROFILE)).status_code == 401


@pytest.mark.parametrize("method", ["get", "post", "delete"])
def test_a_token_neither_makes_nor_revokes_tokens(robin: User, method: str) -> None:
    answer = getattr(bearer(tokens.issue(user=robin).secret), method)(reverse(TOKEN))
    assert answer.status_code == 403
    assert answer.json()["type"].endswith(":session-needed")


@pytest.mark.parametrize("header", ["Bearer", "Bearer no such token", "Bearer nothing", "Bearer \x00", "Bearer ü"])
def test_what_is_no_token_is_refused(db: None, header: str) -> None:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=header)
    answer = client.get(reverse(PROFILE))
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("fields", [{"is_demo": True}, {"is_active": False}])
def test_who_cannot_sign_in_cannot_use_a_token(db: None, fields: dict[str, Any]) -> None:
    secret = tokens.issue(user=make_member(**fields)).secret
    assert bearer(secret).get(reverse(PROFILE)).status_code == 401


def test_the_demo_population_gets_in_only_while_developing(db: None, settings) -> None:
    user = make_member(is_demo=True, password=None)
    client = APIClient()
    client.force_login(user)
    assert client.get(reverse(PROFILE)).status_code == 401
    settings.DEMO = settings.DEBUG = True
    client.force_login(user)
    assert client.get(reverse(PROFILE)).status_code == 200


def test_a_session_writes_only_with_its_csrf_token(robin: User) -> None:
    client = APIClient(enforce_csrf_checks=True)
    client.force_login(robin)
    refused = client.patch(reverse(PROFILE), {"headline": "Hi"}, format="json")
    assert refused.status_code == 403
    assert "CSRF" in refused.json()["detail"]
    client.get(reverse("accounts:edit-profile"))
    proof = client.cookies["csrftoken"].value
    accepted = client.patch(reverse(PROFILE), {"headline": "Hi"}, format="json", HTTP_X_CSRFTOKEN=proof)
    assert accepted.status_code == 200


def test_staff_has_nothing_of_its_own_here(db: None) -> None:
    client = APIClient()
    client.force_login(User.objects.create_superuser("root@example.org", "a long enough phrase 42"))
    answer = client.get(reverse(PROFILE))
    assert answer.status_code == 403
    assert answer.json()["type"].endswith(":member-needed")


# ---------------------------------------------------------------- profile


def test_languages_are_chosen_and_stay_when_something_else_changes(client: APIClient, robin: User) -> None:
    def changed(**changes: Any) -> Any:
        return client.patch(reverse(PROFILE), changes, format="json").json().get("languages")

    robin.profile.languages.create(code="sw")
    assert changed(headline="Boats") == ["sw"]
    assert changed(languages=["pt", "de"]) == ["de", "pt"]
    assert changed(languages=["tlh"]) is None
    assert changed(bio="Nothing was lost by a code that is not offered.") == ["de", "pt"]
    assert changed(languages=[]) == []


def test_the_profile_tells_what_is_listed_and_nothing_else(client: APIClient, robin: User) -> None:
    answer = client.get(reverse(PROFILE))
    assert answer.json() == {
        "public_id": str(robin.public_id),
        "display_name": "Robin",
        "headline": "",
        "bio": "",
        "place": "",
        "languages": [],
        "gender": "undisclosed",
        "gender_words": "",
        "contact": "",
        "is_paused": False,
    }
    assert not any(secret in answer.text for secret in SECRETS)


def test_a_change_leaves_the_rest_as_it_is(client: APIClient, robin: User) -> None:
    client.patch(reverse(PROFILE), {"headline": "Boats", "place": "Lyon, France", "is_paused": True}, format="json")
    answer = client.patch(reverse(PROFILE), {"bio": "And nothing else."}, format="json").json()
    assert (answer["headline"], answer["place"], answer["is_paused"]) == ("Boats", "Lyon, France", True)
    assert answer["bio"] == "And nothing else."
    assert Profile.objects.get(user=robin).country == "FR"
    assert client.patch(reverse(PROFILE), {"place": ""}, format="json").json()["place"] == ""


def test_what_is_not_listed_cannot_be_changed(client: APIClient, robin: User) -> None:
    client.patch(
        reverse(PROFILE), {"email": "x@example.com", "is_staff": True, "public_id": "x", "city": 1}, format="json"
    )
    robin.refresh_from_db()
    assert not robin.is_staff
    assert robin.email.endswith("example.org")
    assert Profile.objects.get(user=robin).city is None


def test_the_rules_of_the_sites_form_hold(client: APIClient) -> None:
    kept = client.patch(reverse(PROFILE), {"gender": Gender.WOMAN, "gender_words": "words"}, format="json").json()
    assert kept["gender_words"] == ""
    refused = client.patch(reverse(PROFILE), {"place": "Nowhere at all"}, format="json")
    assert refused.status_code == 400
    assert [error["field"] for error in refused.json()["errors"]] == ["place"]


def test_one_of_several_towns_is_chosen_by_its_id(client: APIClient) -> None:
    springfield_illinois = 4250542
    refused = client.patch(reverse(PROFILE), {"place": "Springfield"}, format="json")
    assert [error["field"] for error in refused.json()["errors"]] == ["town"]
    answer = client.patch(
        reverse(PROFILE), {"place": "Springfield", "town": springfield_illinois}, format="json"
    ).json()
    assert answer["place"] == "Springfield, Illinois, United States"


@pytest.mark.parametrize(
    "change",
    [
        *({"display_name": ""}, {"display_name": "x" * 41}, {"display_name": None}, {"bio": "a\x00b"}),
        *({"gender": "boat"}, {"is_paused": "perhaps"}, {"headline": ["x"]}),
        *({"town": 10**40}, {"town": "x"}, {"place": {"a": 1}}),
    ],
)
def test_a_bad_change_is_refused_by_its_field(client: APIClient, change: dict[str, Any]) -> None:
    answer = client.patch(reverse(PROFILE), change, format="json")
    assert answer.status_code == 400
    assert [error["field"] for error in answer.json()["errors"]] == list(change)


# ---------------------------------------------------------------- purposes


def test_all_purposes_are_told_also_those_one_is_not_here_for(client: APIClient) -> None:
    answer = client.get(reverse("api:purposes")).json()
    assert [(one["purpose"], one["is_active"]) for one in answer] == [(purpose.value, False) for purpose in Purpose]


def test_setting_a_purpose_twice_is_setting_it_once(client: APIClient, robin: User) -> None:
    for _ in range(2):
        answer = client.put(reverse("api:purpose", args=["friend"]), preferences(), format="json")
    assert answer.json() == preferences() | {"purpose": "friend", "wanted": [], "reach": "anywhere", "room": 5}
    assert Preference.objects.get(user=robin).oldest == 45


def test_reach_and_room_stay_as_they_are_where_they_are_left_out(client: APIClient, robin: User) -> None:
    address = reverse("api:purpose", args=["friend"])
    chosen = {"reach": "region", "room": 2}
    for rules in (preferences() | chosen, preferences()):
        answer = client.put(address, rules, format="json")
        assert {name: answer.json()[name] for name in chosen} == chosen


def test_wanted_genders_need_their_consent(client: APIClient, robin: User) -> None:
    address = reverse("api:purpose", args=["date"])
    refused = client.put(address, preferences() | {"wanted": ["woman"]}, format="json")
    assert [error["field"] for error in refused.json()["errors"]] == ["keep_wanted"]
    kept = client.put(address, preferences() | {"wanted": ["woman", "man"], "keep_wanted": True}, format="json")
    assert kept.json()["wanted"] == ["man", "woman"]
    assert Consent.objects.filter(user=robin, kind=Consent.Kind.WANTED_GENDERS, is_given=True).exists()
    assert [one["wanted"] for one in client.get(reverse("api:purposes")).json()] == [[], [], ["man", "woman"]]


@pytest.mark.parametrize(
    "change",
    [
        *({"youngest": 17}, {"oldest": 10**30}, {"oldest": 20}, {"visibility": "some"}),
        *({"reach": "moon"}, {"room": 0}, {"room": 51}, {"room": None}),
        *({"is_active": None}, {"wanted": ["boat"]}, {"wanted": "woman"}, {"keep_wanted": 7}),
    ],
)
def test_bad_rules_are_refused(client: APIClient, robin: User, change: dict[str, Any]) -> None:
    answer = client.put(reverse("api:purpose", args=["date"]), preferences() | change, format="json")
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"].partition(".")[0] == next(iter(change))
    assert not any(preference.pk for preference in purposes.of(user=robin))


def test_there_is_no_purpose_of_another_name(client: APIClient) -> None:
    answer = client.put(reverse("api:purpose", args=["marriage"]), preferences(), format="json")
    assert answer.status_code == 404
