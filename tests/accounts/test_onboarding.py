"""What a newcomer is asked, and what follows."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Consent, Preference, Profile, User
from accounts.services import onboarding
from tests.accounts.filled_forms import profile_form, purposes_form
from tests.builders import make_circle, make_member, make_preference

pytestmark = pytest.mark.django_db

READY = {"friend-is_active": "on", "matching": "on"}


@pytest.fixture
def newcomer(client: Client) -> User:
    user = make_member()
    Consent.objects.all().delete()
    client.force_login(user)
    return user


def welcome_form(**changes: object) -> dict[str, object]:
    return profile_form() | purposes_form() | READY | changes


def test_nothing_is_ticked_beforehand(client: Client, newcomer: User) -> None:
    assert " checked" not in client.get(reverse("accounts:onboarding")).text


def test_each_consent_comes_with_its_wording(client: Client, newcomer: User) -> None:
    text = client.get(reverse("accounts:onboarding")).text
    for words in ("sixteen factors", "holds sums over everybody", "They name nobody", "sexual orientation"):
        assert words in text


def test_onboarding_asks_for_a_purpose_and_the_consent(client: Client, newcomer: User) -> None:
    form = profile_form() | purposes_form()
    assert "Choose at least one purpose" in client.post(reverse("accounts:onboarding"), form).text
    assert not onboarding.is_done(user=newcomer)
    response = client.post(reverse("accounts:onboarding"), form | {"friend-is_active": "on", "matching": "on"})
    assert response["location"] == reverse("recommendations:next-step")
    assert onboarding.is_done(user=newcomer)


def test_what_was_typed_is_kept_while_something_is_missing(client: Client, newcomer: User) -> None:
    client.post(reverse("accounts:onboarding"), profile_form(headline="Sails") | purposes_form())
    assert Profile.objects.get(user=newcomer).headline == "Sails"
    assert Preference.objects.filter(user=newcomer, is_active=True).count() == 0


def test_training_and_mail_stay_off_unless_they_are_chosen(client: Client, newcomer: User) -> None:
    client.post(reverse("accounts:onboarding"), welcome_form())
    given = Consent.objects.filter(user=newcomer).in_force().values_list("kind", flat=True)
    assert list(given) == ["matching"]


def test_who_is_done_is_not_asked_again(client: Client, newcomer: User) -> None:
    client.post(reverse("accounts:onboarding"), welcome_form())
    assert client.get(reverse("accounts:onboarding"))["location"] == reverse("recommendations:next-step")


def test_coming_back_to_it_wipes_nothing_that_it_does_not_ask(client: Client, newcomer: User) -> None:
    Profile.objects.filter(user=newcomer).update(contact="ada on Signal", is_paused=True)
    client.post(reverse("accounts:onboarding"), welcome_form())
    assert Profile.objects.values_list("contact", "is_paused").get(user=newcomer) == ("ada on Signal", True)


def test_a_wrong_invitation_is_told_and_can_be_mended(client: Client, newcomer: User) -> None:
    circle = make_circle(make_member())
    page = client.post(reverse("accounts:onboarding"), welcome_form(code="zzzzzzzzzz", headline="Sails")).text
    assert "No circle has this invitation code" in page
    assert 'value="Sails"' in page
    assert page.count(" checked") == 2, "the purpose and the consent are still ticked"
    client.post(reverse("accounts:onboarding"), welcome_form(code=circle.code, headline="Sails"))
    assert onboarding.is_done(user=newcomer)
    assert circle.memberships.filter(user=newcomer).exists()


@pytest.mark.parametrize("said", [{}, {"is_listed": "on"}])
def test_nobody_is_listed_in_a_circle_unasked(client: Client, newcomer: User, said: dict[str, str]) -> None:
    circle = make_circle(make_member())
    assert "The other members may see my name" in client.get(reverse("accounts:onboarding")).text
    client.post(reverse("accounts:onboarding"), welcome_form(code=circle.code, **said))
    assert circle.memberships.get(user=newcomer).is_listed is bool(said)


def test_an_invitation_leads_through_sign_up_into_the_circle(client: Client) -> None:
    circle = make_circle(make_member())
    address = client.get(reverse("accounts:join", args=[circle.code]))["location"]
    form = {"email": "ada@example.org", "password1": "a long enough phrase 42", "display_name": "Ada"}
    client.post(address, form | {"birth_date": "1990-05-17"})
    page = client.get(reverse("accounts:join", args=[circle.code]), follow=True)
    assert page.redirect_chain == [(reverse("accounts:onboarding"), 302)]
    assert f'value="{circle.code}"' in page.text
    response = client.post(reverse("accounts:onboarding"), welcome_form(code=circle.code))
    assert response["location"] == reverse("recommendations:next-step")
    assert circle.memberships.filter(user__email="ada@example.org").exists()
    assert onboarding.INVITATION not in client.session


@pytest.mark.parametrize("missing", ["profile", "preference", "consent"])
def test_it_is_not_done_without(missing: str) -> None:
    user = make_member()
    make_preference(user, is_active=missing != "preference")
    if missing == "profile":
        Profile.objects.all().delete()
    if missing == "consent":
        Consent.objects.create(user=user, kind=Consent.Kind.MATCHING, is_given=False)
    assert not onboarding.is_done(user=user)
