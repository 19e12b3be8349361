"""A person's own pages show and change what is theirs, and nobody else's."""

import hashlib

import pytest
from django.test import Client
from django.urls import reverse

from accounts import places
from accounts.forms import ConsentForm
from accounts.models import Consent, Preference, Profile, Purpose, User, WantedGender
from accounts.services import consents, purposes
from tests.accounts.filled_forms import Page, profile_form, purposes_form
from tests.builders import make_circle, make_member, make_preference

pytestmark = pytest.mark.django_db

PAGES = ("profile", "edit-profile", "purposes", "consents", "circles", "onboarding")
PARTS = ("towns", "pause")
# What the content security policy would not run.
INLINE = {"style", "onclick", "onchange", "oninput", "onsubmit"}


@pytest.mark.parametrize("name", PAGES + PARTS)
def test_a_visitor_is_sent_to_sign_in(client: Client, name: str) -> None:
    response = client.get(reverse(f"accounts:{name}"))
    assert response.status_code == 302
    assert response["location"].startswith(reverse("account_login"))


@pytest.mark.parametrize("name", PAGES)
def test_each_page_opens_for_its_owner(client: Client, ada: User, name: str) -> None:
    assert client.get(reverse(f"accounts:{name}")).status_code == 200


@pytest.mark.parametrize("name", PAGES)
def test_no_page_opens_for_an_administrator_who_is_no_member(client: Client, name: str) -> None:
    client.force_login(User.objects.create_superuser("root@example.org", "a long enough phrase 42"))
    assert client.get(reverse(f"accounts:{name}"))["location"] == reverse("recommendations:next-step")
    assert Profile.objects.count() == 0


@pytest.mark.parametrize("name", PAGES)
def test_no_page_tells_anything_of_somebody_else(client: Client, ada: User, name: str) -> None:
    ben = make_member(display_name="Benedict", email="benedict@example.org")
    make_preference(ben)
    make_circle(ben, name="Secret garden")
    Profile.objects.filter(user=ben).update(headline="Collects clocks", contact="+351 555")
    text = client.get(reverse(f"accounts:{name}")).text
    assert not [word for word in ("Benedict", "benedict@", "Secret garden", "Collects clocks", "+351") if word in text]


@pytest.mark.parametrize("name", [name for name in PAGES if name != "profile"])
def test_each_field_is_labelled_and_described(client: Client, ada: User, name: str) -> None:
    make_preference(ada, purpose=Purpose.DATE)
    Preference.objects.update(is_active=False)
    broken = profile_form(display_name="", place="Springfield") | purposes_form(**{"date-youngest": 3, "code": "x"})
    for response in (client.get(reverse(f"accounts:{name}")), client.post(reverse(f"accounts:{name}"), broken)):
        if response.status_code == 302:
            continue
        page = Page(response.text)
        assert set(page.fields) <= page.labelled | {""}
        assert set(page.described_by) <= set(page.ids)
        assert len(set(page.ids)) == len(page.ids)
        assert not page.attributes & INLINE


def test_a_city_is_found_in_the_list(client: Client, ada: User) -> None:
    client.post(reverse("accounts:edit-profile"), profile_form())
    profile = Profile.objects.get(user=ada)
    assert str(places.city(profile.city)) == "Lisbon, Portugal"
    assert profile.country == "PT"
    assert "Lisbon" in client.get(reverse("accounts:profile")).text


def test_languages_are_kept_and_shown(client: Client, ada: User) -> None:
    client.post(reverse("accounts:edit-profile"), profile_form(languages=["pt", "de"]))
    assert "German, Portuguese" in client.get(reverse("accounts:profile")).text
    client.post(reverse("accounts:edit-profile"), profile_form(languages=["de"]))
    assert [one.code for one in Profile.objects.get(user=ada).languages.all()] == ["de"]
    refused = client.post(reverse("accounts:edit-profile"), profile_form(languages=["tlh"], headline="Sails"))
    assert 'id="id_languages_error"' in refused.text
    assert 'value="Sails"' in refused.text


def test_an_unknown_city_is_refused_in_words(client: Client, ada: User) -> None:
    response = client.post(reverse("accounts:edit-profile"), profile_form(place="Atlantis on Sea"))
    assert "No town of this name" in response.text


def test_a_town_of_which_there_are_several_is_asked_about(client: Client, ada: User) -> None:
    response = client.post(reverse("accounts:edit-profile"), profile_form(place="Springfield"))
    assert "Several towns fit this name" in response.text
    assert "Springfield, Illinois, United States" in response.text
    assert Profile.objects.get(user=ada).city is None
    illinois = places.search("Springfield, Illinois")[0]
    client.post(reverse("accounts:edit-profile"), profile_form(place="Springfield", town=illinois.id))
    assert places.city(Profile.objects.get(user=ada).city) == illinois


def test_a_town_that_is_not_meant_by_the_name_is_refused(client: Client, ada: User) -> None:
    lisbon = places.search("Lisbon")[0]
    response = client.post(reverse("accounts:edit-profile"), profile_form(place="Springfield", town=lisbon.id))
    assert "not one of the available choices" in response.text
    assert Profile.objects.get(user=ada).city is None


def test_a_city_left_as_it_was_stays_the_same_city(client: Client, ada: User) -> None:
    twins = [city for city in places.search("Victoria, Philippines") if city.name == "Victoria"]
    assert len({str(city) for city in twins}) == 1
    asked = client.post(reverse("accounts:edit-profile"), profile_form(place="Victoria, Philippines")).text
    assert f"Victoria, Philippines ({twins[1].population:,} people)" in asked
    Profile.objects.filter(user=ada).update(city=twins[1].id, country="PH")
    form = profile_form(place=str(twins[1]), headline="Sails")
    assert client.post(reverse("accounts:edit-profile"), form).status_code == 302
    assert Profile.objects.values_list("city", "headline").get(user=ada) == (twins[1].id, "Sails")


def test_an_emptied_city_is_forgotten(client: Client, ada: User) -> None:
    client.post(reverse("accounts:edit-profile"), profile_form())
    client.post(reverse("accounts:edit-profile"), profile_form(place=""))
    assert Profile.objects.values_list("city", "country").get(user=ada) == (None, "")


def test_towns_are_suggested_while_somebody_types(client: Client, ada: User) -> None:
    assert '<option value="Lisbon, Portugal">' in client.get(reverse("accounts:towns"), {"place": "lisb"}).text
    assert "option" not in client.get(reverse("accounts:towns")).text


def test_what_others_see_is_shown_as_text(client: Client, ada: User) -> None:
    client.post(reverse("accounts:edit-profile"), profile_form(bio="<script>alert(1)</script>"))
    assert "&lt;script&gt;alert(1)" in client.get(reverse("accounts:profile")).text


def test_a_pause_begins_and_ends_with_one_click(client: Client, ada: User) -> None:
    page = client.post(reverse("accounts:pause"), {"is_paused": "on"}, follow=True)
    assert "You are paused" in page.text
    assert Profile.objects.get(user=ada).is_paused
    client.post(reverse("accounts:edit-profile"), profile_form())
    assert Profile.objects.get(user=ada).is_paused
    client.post(reverse("accounts:pause"))
    assert not Profile.objects.get(user=ada).is_paused


def test_how_a_match_can_reach_somebody_is_written_and_shown_to_themselves(client: Client, ada: User) -> None:
    page = client.post(reverse("accounts:edit-profile"), profile_form(contact="ada on Signal"), follow=True)
    assert "ada on Signal" in page.text


def test_a_member_without_a_profile_is_asked_for_one(client: Client, ada: User) -> None:
    Profile.objects.all().delete()
    assert client.get(reverse("accounts:profile"))["location"] == reverse("accounts:onboarding")


def test_own_words_are_kept_only_for_who_chose_them(client: Client, ada: User) -> None:
    client.post(reverse("accounts:edit-profile"), profile_form(gender="own_words", gender_words="agender"))
    assert Profile.objects.get(user=ada).gender_words == "agender"
    client.post(reverse("accounts:edit-profile"), profile_form(gender="woman", gender_words="agender"))
    assert Profile.objects.get(user=ada).gender_words == ""


def test_several_purposes_hold_at_once(client: Client, ada: User) -> None:
    changes = {"friend-is_active": "on", "project-is_active": "on", "project-visibility": "circles"}
    client.post(reverse("accounts:purposes"), purposes_form(**changes))
    active = Preference.objects.filter(user=ada, is_active=True)
    assert set(active.values_list("purpose", "visibility")) == {("friend", "everyone"), ("project", "circles")}


@pytest.mark.parametrize(("field", "value"), [("youngest", 17), ("oldest", 17), ("oldest", 121), ("youngest", 100)])
def test_an_impossible_age_range_is_refused(client: Client, ada: User, field: str, value: int) -> None:
    response = client.post(reverse("accounts:purposes"), purposes_form(**{f"friend-{field}": value}))
    assert response.status_code == 200
    assert f'id="id_friend-{"oldest" if value == 100 else field}_error"' in response.text
    assert not Preference.objects.filter(user=ada).exists()


def test_a_form_that_is_sent_twice_at_once_makes_one_row(ada: User) -> None:
    first, second = (Preference(user=ada, purpose=Purpose.FRIEND, oldest=oldest) for oldest in (40, 50))
    purposes.keep(preference=first)
    purposes.keep(preference=second)
    assert Preference.objects.get(user=ada).oldest == 50


def test_purposes_take_the_same_queries_however_many_there_are(
    client: Client, ada: User, django_assert_num_queries
) -> None:
    for purpose in Purpose:
        make_preference(ada, purpose=purpose)
    client.get(reverse("accounts:purposes"))
    with django_assert_num_queries(6):  # session, person, purposes, wanted genders, news, visit
        client.get(reverse("accounts:purposes"))


def test_wanted_genders_are_kept_with_their_consent_only(client: Client, ada: User) -> None:
    wants = {"date-is_active": "on", "date-wanted": ["woman"]}
    assert client.post(reverse("accounts:purposes"), purposes_form(**wants)).status_code == 200
    assert WantedGender.objects.count() == 0
    client.post(reverse("accounts:purposes"), purposes_form(**wants, **{"date-keep_wanted": "on"}))
    assert list(WantedGender.objects.values_list("gender", flat=True)) == ["woman"]
    assert consents.is_given(user=ada, kind=Consent.Kind.WANTED_GENDERS)


def test_taking_that_consent_back_removes_the_choice(client: Client, ada: User) -> None:
    assert "genders I want to date" not in client.get(reverse("accounts:consents")).text
    preference = make_preference(ada, purpose=Purpose.DATE)
    WantedGender.objects.create(preference=preference, gender="man")
    consents.decide(user=ada, kind=Consent.Kind.WANTED_GENDERS, is_given=True)
    assert "genders I want to date" in client.get(reverse("accounts:consents")).text
    client.post(reverse("accounts:consents"), {"matching": "on"})
    assert WantedGender.objects.count() == 0
    assert not consents.is_given(user=ada, kind=Consent.Kind.WANTED_GENDERS)


def test_leaving_all_genders_open_takes_the_consent_back(client: Client, ada: User) -> None:
    keeps = {"date-wanted": ["woman"], "date-keep_wanted": "on"}
    client.post(reverse("accounts:purposes"), purposes_form(**keeps))
    client.post(reverse("accounts:purposes"), purposes_form(**{"date-keep_wanted": "on"}))
    assert WantedGender.objects.count() == 0
    assert not consents.is_given(user=ada, kind=Consent.Kind.WANTED_GENDERS)


def test_who_never_chose_genders_has_no_decision_about_them(client: Client, ada: User) -> None:
    client.post(reverse("accounts:purposes"), purposes_form(**{"date-is_active": "on"}))
    assert not Consent.objects.filter(kind=Consent.Kind.WANTED_GENDERS).exists()


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


def test_a_no_is_a_decision_too(client: Client, ada: User) -> None:
    page = client.post(reverse("accounts:consents"), {"matching": "on"})
    assert page.status_code == 302
    assert set(Consent.objects.filter(user=ada, is_given=False).values_list("kind", flat=True)) == {"training", "mail"}


def test_a_new_wording_is_decided_about_anew(ada: User, monkeypatch) -> None:
    monkeypatch.setattr(Consent, "CURRENT_VERSION", Consent.CURRENT_VERSION + 1)
    consents.decide(user=ada, kind=Consent.Kind.MATCHING, is_given=True)
    assert Consent.objects.filter(user=ada, kind="matching").count() == 2


def test_the_history_is_shown_to_its_owner(client: Client, ada: User) -> None:
    consents.decide(user=make_member(), kind=Consent.Kind.MAIL, is_given=True)
    text = client.get(reverse("accounts:consents")).text
    assert "Answer the survey and be matched by it" in text
    assert f"(wording {Consent.CURRENT_VERSION})" in text
    assert "Receive e-mail about matches" not in text


def test_a_wording_that_changes_needs_a_new_version() -> None:
    """When this fails: raise Consent.CURRENT_VERSION if the meaning has changed, then note the new sum here."""
    asked = ConsentForm(asks_for_genders=True)
    wordings = [f"{kind}: {field.label} {field.help_text}" for kind, field in asked.fields.items()]
    digest = hashlib.sha256("\n".join(wordings).encode()).hexdigest()
    assert (Consent.CURRENT_VERSION, digest[:16]) == (2, "433ae9a823475cf2")


def test_the_history_takes_the_same_queries_however_long_it_is(
    client: Client, ada: User, django_assert_num_queries
) -> None:
    for is_given in (True, False) * 5:
        consents.decide(user=ada, kind=Consent.Kind.MAIL, is_given=is_given)
    client.get(reverse("accounts:consents"))
    with django_assert_num_queries(6):  # session, person, what is given, history, news, visit
        client.get(reverse("accounts:consents"))
