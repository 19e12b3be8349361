"""Sample people are shown as what they are, and touch nothing but the taste of who judges them."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Purpose, User
from recommendations.models import Impression, Match, SampleVerdict, Verdict, VerdictValue
from recommendations.services import samples, verdicts
from surveys.models import MeasurementVersion, Respondent, SeedImport
from surveys.services import training
from tests.builders import make_member
from tests.recommendations.builders import make_people
from tests.surveys.respondents import draw_answers, make_respondents

FRIEND = Purpose.FRIEND


@pytest.fixture
def ada(version: MeasurementVersion) -> User:
    make_respondents(120)
    training.place_respondents(version=version)
    return make_people(version, 1)[0]


def test_the_likest_are_shown_with_reasons_and_nothing_else(ada: User) -> None:
    found = samples.list_for(viewer=ada, purpose=FRIEND)
    assert 0 < len(found) <= 6
    assert all(person.agreements for person in found)
    assert samples.list_for(viewer=ada, purpose=FRIEND) == found


def test_a_judged_one_leaves_and_can_come_back(ada: User) -> None:
    first = samples.list_for(viewer=ada, purpose=FRIEND)[0]
    samples.record(actor=ada, token=first.token, purpose=FRIEND, value=VerdictValue.PASS)
    assert first not in samples.list_for(viewer=ada, purpose=FRIEND)
    samples.record(actor=ada, token=first.token, purpose=FRIEND, value=VerdictValue.UNDONE)
    assert first in samples.list_for(viewer=ada, purpose=FRIEND)
    assert SampleVerdict.objects.filter(is_current=True).count() == 1


def test_the_same_word_again_writes_nothing(ada: User) -> None:
    token = samples.list_for(viewer=ada, purpose=FRIEND)[0].token
    for _ in range(2):
        samples.record(actor=ada, token=token, purpose=FRIEND, value=VerdictValue.LIKE)
    assert SampleVerdict.objects.count() == 1


def test_a_token_is_of_use_to_nobody_else(ada: User, version: MeasurementVersion) -> None:
    token = samples.list_for(viewer=ada, purpose=FRIEND)[0].token
    ben = make_people(version, 1, seed=9)[0]
    for actor, purpose, value in ((ben, FRIEND, "like"), (ada, Purpose.DATE, "like"), (ada, FRIEND, "love")):
        with pytest.raises(verdicts.VerdictRefusedError):
            samples.record(actor=actor, token=token, purpose=purpose, value=value)
    assert SampleVerdict.objects.count() == 0


def test_minors_are_never_shown(version: MeasurementVersion) -> None:
    make_respondents(60, age=16)
    training.place_respondents(version=version)
    assert samples.list_for(viewer=make_people(version, 1)[0], purpose=FRIEND) == []


def test_with_enough_members_there_are_none(ada: User, settings) -> None:
    settings.SAMPLE_PEOPLE_BELOW = 2
    assert samples.list_for(viewer=ada, purpose=FRIEND)
    make_member(is_demo=True)
    assert samples.list_for(viewer=ada, purpose=FRIEND)
    make_member()
    assert samples.list_for(viewer=ada, purpose=FRIEND) == []


def test_the_page_says_what_they_are_and_tells_nothing_of_them(ada: User, client: Client) -> None:
    SeedImport.objects.update(kind=SeedImport.Kind.PUBLISHED)
    Respondent.objects.update(country="NA", age=41)
    client.force_login(ada)
    page = client.get(reverse("recommendations:people")).text
    assert "A respondent of the survey dataset, not a member" in page
    sample = page[page.index("<h2>Sample people") :]
    told = re.sub(r'value="[^"]*"|<footer class="site.*', "", sample, flags=re.DOTALL)
    assert "41" not in told
    assert "Namibia" not in told
    assert "/people/sample/" in page


def test_invented_ones_are_not_passed_off_as_people(ada: User, client: Client) -> None:
    client.force_login(ada)
    page = client.get(reverse("recommendations:people")).text
    assert "Invented by the model, not a person" in page
    assert "A respondent of the survey dataset" not in page


def test_judging_one_is_no_impression_no_verdict_and_no_match(ada: User, client: Client) -> None:
    client.force_login(ada)
    token = samples.list_for(viewer=ada, purpose=FRIEND)[0].token
    form = {"token": token, "purpose": FRIEND, "value": "like"}
    assert client.post(reverse("recommendations:sample-verdict"), form).status_code == 302
    assert SampleVerdict.objects.get().value == VerdictValue.LIKE
    assert not Impression.objects.exists()
    assert not Verdict.objects.exists()
    assert not Match.objects.exists()
    assert client.post(reverse("recommendations:sample-verdict"), form | {"token": "x"}).status_code == 404
    assert client.post(reverse("recommendations:sample-verdict"), {}).status_code == 404


def test_what_was_said_of_one_is_listed_and_can_be_taken_back(
    ada: User, client: Client, version: MeasurementVersion
) -> None:
    token = samples.list_for(viewer=ada, purpose=FRIEND)[0].token
    samples.record(actor=ada, token=token, purpose=FRIEND, value=VerdictValue.LIKE)
    client.force_login(make_people(version, 1, seed=9)[0])
    assert token not in client.get(reverse("recommendations:judged")).text
    client.force_login(ada)
    assert token in client.get(reverse("recommendations:judged")).text
    form = {"token": token, "purpose": FRIEND, "value": "undone", "back": "judged"}
    assert client.post(reverse("recommendations:sample-verdict"), form)["location"] == reverse("recommendations:judged")
    assert token not in client.get(reverse("recommendations:judged")).text


def test_without_respondents_there_are_none(version: MeasurementVersion) -> None:
    assert samples.list_for(viewer=make_people(version, 1)[0], purpose=FRIEND) == []


def test_who_answered_little_sees_none(version: MeasurementVersion) -> None:
    make_respondents(answers=draw_answers(30))
    training.place_respondents(version=version)
    assert samples.list_for(viewer=make_people(version, 1, n_answered=20)[0], purpose=FRIEND) == []
