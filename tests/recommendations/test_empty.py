"""Why nobody is left: what each rule keeps away by itself, and the one thing that helps most; nobody is named."""

from typing import Any

import numpy as np
import pytest
from allauth.account.models import EmailAddress
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Block, Circle, Preference, Profile, Purpose, User
from accounts.services import changes
from recommendations.models import Impression, Verdict
from recommendations.services import eligibility, lists, population, publishing, relaxing
from recommendations.services.narrowing import Narrowing
from surveys.models import MeasurementVersion
from surveys.services import placing
from tests.builders import make_sheet
from tests.population import make_placed_member
from tests.recommendations.builders import CITIES, make_people, make_random_people
from tests.recommendations.test_filters import year_of

FRIEND = Purpose.FRIEND
LISBON, PORTO = CITIES[0], CITIES[2]


def of_age(users: list[User], age: int, city: int) -> None:
    User.objects.filter(pk__in=[user.pk for user in users]).update(birth_date=year_of(age))
    Profile.objects.filter(user__in=users).update(city=city)


@pytest.fixture
def crowd(version: MeasurementVersion, client: Client) -> list[User]:
    """A signed-in viewer in Lisbon; five of 50 years there, two of 30 in Porto, one of 50 in Porto."""
    people = make_people(version, 9)
    of_age(people[:1], 30, LISBON)
    of_age(people[1:6], 50, LISBON)
    of_age(people[6:8], 30, PORTO)
    of_age(people[8:], 50, PORTO)
    changes.note(*(user.pk for user in people))
    client.force_login(people[0])
    return people


def why(viewer: User, **asked: Any) -> relaxing.Reasons:
    found = relaxing.reasons(viewer=viewer, purpose=FRIEND, narrowing=Narrowing(**asked))
    assert found is not None
    return found


def test_the_filter_that_keeps_most_away_is_the_one_to_let_go_of(client: Client, crowd: list[User]) -> None:
    asked: dict[str, Any] = {"oldest": 40, "place": "city"}
    found = why(crowd[0], **asked)
    assert (found.n_others, dict(found.n_kept)) == (8, {"seen_age": 5, "seen_place": 2})
    assert found.best is not None
    assert (found.best.rule, found.best.n_more, found.best.narrowing) == ("seen_age", 5, Narrowing(place="city"))
    page = client.get(reverse("recommendations:people"), {"purpose": FRIEND} | asked).text
    assert "8 other people are here for the same" in page
    assert "5 people outside the ages you look for here." in page
    assert "One or two people living farther away than you look here." in page
    assert 'href="/people/?purpose=friend&amp;place=city">Look at all ages</a>' in page
    assert "That alone brings 5 people more into view." in page
    assert "Robin" not in page
    relaxed = client.get(reverse("recommendations:people"), {"purpose": FRIEND, "place": "city"}).text
    assert "5 people who could be right for you" in relaxed


def test_a_lasting_rule_is_offered_where_it_is_kept(client: Client, crowd: list[User]) -> None:
    Preference.objects.filter(user=crowd[0]).update(oldest=40, reach="city")
    changes.note(crowd[0].pk)
    page = client.get(reverse("recommendations:people")).text
    assert f'href="{reverse("accounts:purposes")}#id_friend-oldest">Widen your age range</a>' in page
    assert "id_friend-oldest" in client.get(reverse("accounts:purposes")).text


def test_what_only_the_others_can_change_is_counted_and_not_offered(client: Client, crowd: list[User]) -> None:
    Preference.objects.filter(user__in=crowd[1:]).update(youngest=60)
    changes.note(*(user.pk for user in crowd))
    found = why(crowd[0])
    assert (dict(found.n_kept), found.best) == ({"age": 8}, None)
    assert "8 people outside your age range, or you outside theirs." in client.get("/people/").text


def test_verdicts_are_offered_last_and_blocks_are_told_to_nobody(client: Client, crowd: list[User]) -> None:
    viewer, *others = crowd
    for other in others[:6]:
        Verdict.objects.create(actor=viewer, target=other, purpose=FRIEND, value="pass")
    for other in others[6:]:
        Block.objects.create(blocker=other, blocked=viewer)
    found = why(viewer)
    assert (found.n_others, dict(found.n_kept)) == (6, {"judged": 6})
    assert found.best is not None
    assert found.best.rule == "judged"
    assert "Look at your likes and passes again" in client.get("/people/").text


def test_two_filters_that_both_keep_everybody_away_can_be_taken_away_together(
    client: Client, crowd: list[User]
) -> None:
    asked: dict[str, Any] = {"youngest": 90, "place": "city"}
    assert "Look at all ages" in client.get(reverse("recommendations:people"), asked).text
    Profile.objects.filter(user__in=crowd[1:]).update(city=PORTO)
    changes.note(*(user.pk for user in crowd))
    page = client.get(reverse("recommendations:people"), asked).text
    assert "kept away by several rules at once" in page
    assert "Take all filters away" in page


def test_a_list_of_two_says_so_too_and_one_of_three_does_not(client: Client, crowd: list[User]) -> None:
    page = client.get(reverse("recommendations:people"), {"oldest": 40}).text
    assert "2 people who could be" in page
    assert "Look at all ages" in page
    assert "Look at all ages" not in client.get(reverse("recommendations:people"), {"youngest": 40}).text


@pytest.mark.parametrize("purpose", [FRIEND, Purpose.DATE])
def test_every_count_is_how_many_more_there_are_without_that_rule(version: MeasurementVersion, purpose: str) -> None:
    """Against the slow way: leave the rule out, and count anew."""
    rng = np.random.default_rng(5)
    for index in range(3):
        make_placed_member(seed=index)
    people = make_random_people(rng, 30, purpose=purpose)
    for user in people:
        placing.place_sheet(sheet=make_sheet(user))
    narrowing = Narrowing(circle=Circle.objects.order_by("pk").first(), oldest=40, place="country")
    preference = publishing.active_preference_version()
    assert preference is not None
    n_counted = 0
    with population.of(version=preference, purpose=purpose).hold(now=timezone.now()) as everybody:
        for user in people:
            position = everybody.facts.position_of(user.pk)
            if position is None:
                continue
            for asked in (Narrowing(), narrowing):
                masks = eligibility.rules(
                    facts=everybody.facts,
                    viewer=position,
                    apart=eligibility.apart_from(viewer_id=user.pk, purpose=purpose),
                    narrowing=asked,
                    room_left=everybody.room_left,
                )
                counted = relaxing._counted(everybody, position, masks, asked).n_kept
                here = eligibility.others(facts=everybody.facts, viewer=position, is_shown=everybody.is_shown)
                for rule, parts in relaxing.RULES.items():
                    kept = [mask for name, mask in masks.items() if name not in parts and mask is not None]
                    both = [mask for mask in masks.values() if mask is not None]
                    more = np.logical_and.reduce([here, *kept]).sum() - np.logical_and.reduce([here, *both]).sum()
                    assert counted.get(rule, 0) == more
                    n_counted += int(more)
    assert n_counted


# ---------------------------------------------------------------- sketches


def test_from_20_answers_and_a_confirmed_address_there_is_a_sketch_that_shows_its_viewer_to_nobody(
    client: Client, version: MeasurementVersion
) -> None:
    others = make_people(version, 4)
    newcomer = make_people(version, 1, seed=9, n_answered=20)[0]
    client.force_login(newcomer)
    page = client.get("/people/").text
    assert "Confirm your e-mail address" in page
    assert not Impression.objects.exists()
    EmailAddress.objects.create(user=newcomer, email=newcomer.email, verified=True, primary=True)
    page = client.get("/people/").text
    assert "A sketch." in page
    assert "4 people who could be" in page
    assert set(Impression.objects.values_list("surface", flat=True)) == {"sketch"}
    shown = {one.shown_id for one in lists.list_for(viewer=others[0], purpose=FRIEND).impressions}
    assert shown == {other.pk for other in others[1:]}


def test_with_19_answers_there_is_none(client: Client, version: MeasurementVersion) -> None:
    make_people(version, 2)
    newcomer = make_people(version, 1, seed=9, n_answered=19)[0]
    EmailAddress.objects.create(user=newcomer, email=newcomer.email, verified=True, primary=True)
    client.force_login(newcomer)
    assert "A few more answers first" in client.get("/people/").text


def test_what_a_sketch_said_is_worked_out_anew_once_there_is_more(version: MeasurementVersion) -> None:
    others = make_people(version, 6)
    newcomer = make_people(version, 1, seed=9, n_answered=20)[0]
    EmailAddress.objects.create(user=newcomer, email=newcomer.email, verified=True, primary=True)
    assert lists.list_for(viewer=newcomer, purpose=FRIEND).is_sketch
    Impression.objects.update(label=5)
    sheet = newcomer.answer_sheets.get()
    model = others[0].answer_sheets.get()
    type(sheet).objects.filter(pk=sheet.pk).update(answers=model.answers, n_answered=163, revision=2)
    placing.place_stale()
    found = lists.list_for(viewer=newcomer, purpose=FRIEND)
    assert not found.is_sketch
    assert {one.label for one in found.impressions} != {5}
