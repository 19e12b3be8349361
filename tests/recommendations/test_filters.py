"""Filters of one view: they narrow it, keep to its address, and never widen what lasts."""

import datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Preference, Profile, Purpose, User
from accounts.services import changes
from recommendations.models import Deferral, Impression, Verdict
from recommendations.services import deferrals, lists
from recommendations.services.narrowing import Narrowing
from surveys.models import MeasurementVersion
from tests.builders import make_circle, make_member
from tests.recommendations.builders import CITIES, make_impression, make_people

FRIEND = Purpose.FRIEND
LISBON, AMADORA, PORTO, MADRID, _ = CITIES


def year_of(age: int) -> datetime.date:
    return datetime.date(timezone.localdate().year - age, 1, 1)


@pytest.fixture
def crowd(version: MeasurementVersion, client: Client) -> list[User]:
    """The viewer, who lives in Lisbon and speaks two languages, and four others; the viewer is signed in."""
    people = make_people(version, 5)
    cities = (LISBON, LISBON, AMADORA, PORTO, MADRID)
    for user, city, age, name in zip(people, cities, (30, 25, 35, 45, 55), "VABCD", strict=True):
        Profile.objects.filter(user=user).update(city=city, display_name=f"Name-{name}")
        User.objects.filter(pk=user.pk).update(birth_date=year_of(age))
    for user, code in zip([people[0], people[0], *people[1:4]], ["pt", "en", "pt", "en", "fr"], strict=True):
        user.profile.languages.create(code=code)
    changes.note(*(user.pk for user in people))
    client.force_login(people[0])
    return people


def ids(viewer: User, **asked: Any) -> list[User]:
    found = lists.list_for(viewer=viewer, purpose=FRIEND, narrowing=Narrowing(**asked))
    return sorted((one.shown for one in found.impressions), key=lambda user: user.pk)


def test_each_filter_keeps_whom_it_names(crowd: list[User]) -> None:
    viewer, a, b, c, d = crowd
    circle = make_circle(viewer, b, d)
    changes.note(viewer.pk, b.pk, d.pk)
    assert ids(viewer) == [a, b, c, d]
    assert ids(viewer, youngest=30) == [b, c, d]
    assert ids(viewer, youngest=30, oldest=45) == [b, c]
    assert ids(viewer, place="city") == [a]
    assert ids(viewer, place="region") == [a, b]
    assert ids(viewer, place="country") == [a, b, c]
    assert ids(viewer, language="pt") == [a]
    assert ids(viewer, language="en") == [b]
    assert ids(viewer, circle=circle) == [b, d]
    assert ids(viewer, circle=circle, oldest=40, place="region", language="en") == [b]


def test_a_filter_never_widens_the_rules_that_last(crowd: list[User]) -> None:
    viewer, a, b, *_ = crowd
    Preference.objects.filter(user=viewer).update(oldest=40, reach="region")
    changes.note(viewer.pk)
    assert ids(viewer, oldest=99, place="country") == [a, b]


def test_another_filter_is_another_list_and_the_former_one_comes_back(crowd: list[User]) -> None:
    viewer = crowd[0]
    everyone = lists.list_for(viewer=viewer, purpose=FRIEND).impressions
    ids(viewer, youngest=30, place="country", language="en")
    assert Impression.objects.latest("pk").filters == "ages=18-120&seen=30-120&near=country&speaks=en"
    again = lists.list_for(viewer=viewer, purpose=FRIEND).impressions
    assert [one.pk for one in again] == [one.pk for one in everyone]


def test_the_page_narrows_names_its_filters_and_comes_back_to_them(client: Client, crowd: list[User]) -> None:
    people = reverse("recommendations:people")
    page = client.get(people, {"purpose": FRIEND, "oldest": "40", "place": "region", "language": "pt"}).text
    assert "Name-A" in page
    assert "Name-B" not in page
    assert "Up to 40 years" in page
    assert '<option value="pt" selected>Portuguese</option>' in page
    assert 'value="fr"' not in page, "only languages that the viewer speaks are offered"
    assert "?purpose=friend&amp;place=region&amp;language=pt" in page, "one filter can be taken away alone"
    form = {"purpose": FRIEND, "value": "pass", "filters": "oldest=40&place=region&next=//evil.example"}
    response = client.post(reverse("recommendations:verdict", args=[crowd[1].public_id]), form)
    assert response["location"] == f"{people}?purpose=friend&oldest=40&place=region"


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"youngest": "12"}, "greater than or equal to 18"),
        ({"youngest": "forty"}, "Enter a whole number"),
        ({"youngest": "50", "oldest": "40"}, "less than the age to begin with"),
        ({"place": "moon"}, "Select a valid choice"),
    ],
)
def test_what_is_not_understood_is_said_beside_its_field(
    client: Client, crowd: list[User], asked: dict[str, str], message: str
) -> None:
    response = client.get(reverse("recommendations:people"), asked)
    assert response.status_code == 200
    assert message in response.text
    for name, value in asked.items():
        assert name == "place" or f'aria-describedby="wrong_{name}" value="{value}"' in response.text or "50" in value


def test_who_names_no_city_and_no_language_is_asked_for_neither(client: Client, version: MeasurementVersion) -> None:
    client.force_login(make_people(version, 2)[0])
    page = client.get(reverse("recommendations:people")).text
    assert 'name="place"' not in page
    assert 'name="language"' not in page
    assert "Say where you live" in page


# ---------------------------------------------------------------- not now


def later(client: Client, other: User, **form: str) -> int:
    address = reverse("recommendations:later", args=[other.public_id])
    return int(client.post(address, {"purpose": FRIEND} | form).status_code)


def test_not_now_hides_for_30_days_without_a_word(client: Client, crowd: list[User]) -> None:
    viewer, a, *_ = crowd
    client.get(reverse("recommendations:people"))
    assert later(client, a) == 302
    page = client.get(reverse("recommendations:people")).text
    assert "Name-A stays out of your lists for 30 days." in page
    assert f"person-{a.public_id}" not in page
    assert not Verdict.objects.exists()
    now = timezone.now()
    in_a_month = lists.list_for(viewer=viewer, purpose=FRIEND, now=now + datetime.timedelta(days=29, hours=23))
    assert a.pk not in {one.shown_id for one in in_a_month.impressions}
    after = lists.list_for(viewer=viewer, purpose=FRIEND, now=now + datetime.timedelta(days=30, hours=1))
    assert a.pk in {one.shown_id for one in after.impressions}
    assert viewer.pk in {one.shown_id for one in lists.list_for(viewer=a, purpose=FRIEND).impressions}
    judged = client.get(reverse("recommendations:judged")).text
    assert "Show Name-A again" in judged
    assert later(client, a, is_taken_back="on", back="judged") == 302
    assert not Deferral.objects.exists()


def test_nobody_puts_off_whom_they_were_never_shown(client: Client, crowd: list[User]) -> None:
    assert later(client, make_member()) == 404
    assert later(client, crowd[1]) == 404
    make_impression(crowd[0], crowd[1])
    assert later(client, crowd[1], purpose="marriage") == 404
    assert later(client, crowd[1]) == 302
    with pytest.raises(deferrals.DeferralRefusedError):
        deferrals.defer(viewer=crowd[0], other=crowd[1], purpose=Purpose.DATE)


def test_a_verdict_ends_what_was_put_off(client: Client, crowd: list[User]) -> None:
    make_impression(crowd[0], crowd[1])
    later(client, crowd[1])
    client.post(reverse("recommendations:verdict", args=[crowd[1].public_id]), {"purpose": FRIEND, "value": "like"})
    assert not Deferral.objects.exists()
