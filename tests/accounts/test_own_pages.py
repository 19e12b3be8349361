"""A person's own pages show and change what is theirs, and nobody else's."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts import places
from accounts.models import Circle, Consent, Preference, Profile, Purpose, User, WantedGender
from accounts.services import consents, onboarding
from tests.builders import make_circle, make_member, make_preference

pytestmark = pytest.mark.django_db

PAGES = ("profile", "edit-profile", "purposes", "consents", "circles", "onboarding")


@pytest.fixture
def ada(client: Client) -> User:
    user = make_member(display_name="Ada")
    client.force_login(user)
    return user


@pytest.mark.parametrize("name", PAGES)
def test_a_visitor_is_sent_to_sign_in(client: Client, name: str) -> None:
    response = client.get(reverse(f"accounts:{name}"))
    assert response.status_code == 302
    assert response["location"].startswith(reverse("account_login"))


@pytest.mark.parametrize("name", PAGES)
def test_each_page_opens_for_its_owner(client: Client, ada: User, name: str) -> None:
    assert client.get(reverse(f"accounts:{name}")).status_code == 200


def profile_form(**changes: object) -> dict[str, object]:
    return {"display_name": "Ada", "gender": "woman", "place": "Lisbon", "headline": "Reads", "bio": ""} | changes


def test_a_city_is_found_in_the_list(client: Client, ada: User) -> None:
    client.post(reverse("accounts:edit-profile"), profile_form())
    profile = Profile.objects.get(user=ada)
    assert str(places.city(profile.city)) == "Lisbon, Portugal"
    assert profile.country == "PT"
    assert "Lisbon" in client.get(reverse("accounts:profile")).text


def test_an_unknown_city_is_refused_in_words(client: Client, ada: User) -> None:
    response = client.post(reverse("accounts:edit-profile"), profile_form(place="Atlantis on Sea"))
    assert "No town of this name" in response.text


def test_own_words_are_kept_only_for_who_chose_them(client: Client, ada: User) -> None:
    client.post(reverse("accounts:edit-profile"), profile_form(gender="own_words", gender_words="agender"))
    assert Profile.objects.get(user=ada).gender_words == "agender"
    client.post(reverse("accounts:edit-profile"), profile_form(gender="woman", gender_words="agender"))
    assert Profile.objects.get(user=ada).gender_words == ""


def test_a_country_tells_towns_of_one_name_apart() -> None:
    assert places.search("Paris")[0].country == "FR"
    assert places.search("paris, united states")[0].country == "US"
    assert places.search("") == []


def purposes_form(**changes: object) -> dict[str, object]:
    form: dict[str, object] = {}
    for purpose in Purpose:
        form |= {f"{purpose}-visibility": "everyone", f"{purpose}-youngest": 18, f"{purpose}-oldest": 99}
    return form | changes


def test_several_purposes_hold_at_once(client: Client, ada: User) -> None:
    changes = {"friend-is_active": "on", "project-is_active": "on", "project-visibility": "circles"}
    client.post(reverse("accounts:purposes"), purposes_form(**changes))
    active = Preference.objects.filter(user=ada, is_active=True)
    assert set(active.values_list("purpose", "visibility")) == {("friend", "everyone"), ("project", "circles")}


@pytest.mark.parametrize(("field", "value"), [("youngest", 17), ("oldest", 17)])
def test_an_impossible_age_range_is_refused(client: Client, ada: User, field: str, value: int) -> None:
    response = client.post(reverse("accounts:purposes"), purposes_form(**{f"friend-{field}": value}))
    assert response.status_code == 200
    assert not Preference.objects.filter(user=ada).exists()


def test_wanted_genders_are_kept_with_their_consent_only(client: Client, ada: User) -> None:
    wants = {"date-is_active": "on", "date-wanted": ["woman"]}
    assert client.post(reverse("accounts:purposes"), purposes_form(**wants)).status_code == 200
    assert WantedGender.objects.count() == 0
    client.post(reverse("accounts:purposes"), purposes_form(**wants, **{"date-keep_wanted": "on"}))
    assert list(WantedGender.objects.values_list("gender", flat=True)) == ["woman"]
    assert consents.is_given(user=ada, kind=Consent.Kind.WANTED_GENDERS)


def test_taking_that_consent_back_removes_the_choice(client: Client, ada: User) -> None:
    preference = make_preference(ada, purpose=Purpose.DATE)
    WantedGender.objects.create(preference=preference, gender="man")
    consents.decide(user=ada, kind=Consent.Kind.WANTED_GENDERS, is_given=True)
    consents.decide(user=ada, kind=Consent.Kind.WANTED_GENDERS, is_given=False)
    assert WantedGender.objects.count() == 0


def test_consents_are_a_history_in_which_the_newest_holds(client: Client, ada: User) -> None:
    client.post(reverse("accounts:consents"), {"matching": "on", "training": "on"})
    client.post(reverse("accounts:consents"), {"matching": "on"})
    kinds = Consent.objects.filter(user=ada, kind="training").order_by("pk")
    assert list(kinds.values_list("is_given", flat=True)) == [True, False]
    assert consents.given_kinds(user=ada) == {"matching"}
    assert consents.given_user_ids(kind="training") == set()


def test_deciding_the_same_again_adds_nothing(ada: User) -> None:
    consents.decide(user=ada, kind=Consent.Kind.MATCHING, is_given=True)
    assert Consent.objects.filter(user=ada, kind="matching").count() == 1


def test_onboarding_asks_for_a_purpose_and_the_consent(client: Client) -> None:
    user = make_member()
    Consent.objects.all().delete()
    client.force_login(user)
    form = profile_form() | purposes_form()
    assert "Choose at least one purpose" in client.post(reverse("accounts:onboarding"), form).text
    assert not onboarding.is_done(user=user)
    response = client.post(reverse("accounts:onboarding"), form | {"friend-is_active": "on", "matching": "on"})
    assert response["location"] == reverse("recommendations:next-step")
    assert onboarding.is_done(user=user)


def test_a_circle_is_founded_and_shown_to_its_founder(client: Client, ada: User) -> None:
    response = client.post(reverse("accounts:circles"), {"name": "Cohort 26"}, follow=True)
    circle = Circle.objects.get()
    assert circle.code in response.text
    assert circle.memberships.get().user == ada


def test_a_circle_does_not_exist_for_a_stranger(client: Client, ada: User) -> None:
    circle = make_circle(make_member(display_name="Ben"))
    assert client.get(reverse("accounts:circle", args=[circle.public_id])).status_code == 404
    assert client.post(reverse("accounts:leave-circle", args=[circle.public_id])).status_code == 404
    assert circle.name not in client.get(reverse("accounts:circles")).text


def test_a_code_lets_a_person_in_and_leaving_lets_them_out(client: Client, ada: User) -> None:
    circle = make_circle(make_member(display_name="Ben"))
    client.get(reverse("accounts:join", args=[circle.code]))
    page = client.post(reverse("accounts:join"), {"code": circle.code.upper()}, follow=True)
    assert "Ben" in page.text
    assert "example.org" not in page.text
    client.post(reverse("accounts:leave-circle", args=[circle.public_id]))
    assert circle.memberships.count() == 1


def test_guessing_codes_ends_after_twenty(client: Client, ada: User) -> None:
    circle = make_circle(make_member())
    for _ in range(20):
        page = client.post(reverse("accounts:join"), {"code": "zzzzzzzzzz"}, follow=True)
    assert "No circle has this invitation code" in page.text
    page = client.post(reverse("accounts:join"), {"code": circle.code}, follow=True)
    assert "Try again in an hour" in page.text
    assert circle.memberships.count() == 1


def test_the_last_to_leave_closes_a_circle(client: Client, ada: User) -> None:
    circle = make_circle(ada)
    client.post(reverse("accounts:leave-circle", args=[circle.public_id]))
    assert Circle.objects.count() == 0


def test_an_invitation_survives_onboarding(client: Client) -> None:
    circle = make_circle(make_member())
    user = make_member()
    Consent.objects.filter(user=user).delete()
    client.get(reverse("accounts:join", args=[circle.code]))
    session = client.session
    invitation = session["invitation"]
    client.force_login(user)
    session = client.session
    session["invitation"] = invitation
    session.save()
    form = profile_form() | purposes_form() | {"friend-is_active": "on", "matching": "on"}
    response = client.post(reverse("accounts:onboarding"), form)
    assert response["location"] == reverse("accounts:join", args=[circle.code])
