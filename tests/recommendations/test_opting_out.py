"""Who does not want to be learned from teaches nothing, and is matched all the same."""

import numpy as np
import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from scipy.special import expit

from accounts.models import Change, Profile, Purpose, User
from ml import placement
from recommendations import datasets, feedback
from recommendations.models import Impression, PreferenceVersion, SlotPolicy, Taste, Verdict
from recommendations.services import lists, newcomers, population, samples, tastes, training, verdicts
from surveys.models import MeasurementVersion, TrainingRun
from surveys.services import models
from tests.recommendations.builders import make_people, show_each_other
from tests.recommendations.test_learning import say

FRIEND = Purpose.FRIEND

pytestmark = pytest.mark.django_db


@pytest.fixture
def crowd(version: MeasurementVersion) -> list[User]:
    people = make_people(version, 30)
    say(people)
    training.retrain(kind=TrainingRun.Kind.PREFERENCE)
    assert PreferenceVersion.objects.filter(is_active=True, kind="learned").exists()
    return people


def taught_by(user: User) -> int:
    said = feedback.feedback(purpose=FRIEND)
    return int(((said.actor_ids == user.pk) | (said.target_ids == user.pk)).sum())


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_who_opts_out_teaches_nothing_and_is_still_matched(crowd: list[User]) -> None:
    ada, ben = crowd[:2]
    assert taught_by(ada)
    assert Taste.objects.filter(user=ada).exists()
    client_of(ada).post(reverse("recommendations:learning"), {})
    assert taught_by(ada) == 0
    assert not Taste.objects.filter(user=ada).exists()
    assert not Verdict.objects.filter(actor=ada, without__isnull=False).exists()
    assert Change.objects.filter(user_id=ada.pk).exists()
    Verdict.objects.filter(actor=ada).delete()
    show_each_other(ada, ben)
    verdicts.record(actor=ada, target=ben, purpose=FRIEND, value="like")
    assert not Taste.objects.filter(user=ada).exists(), "what is said afterwards is not learned either"
    assert lists.list_for(viewer=ada, purpose=FRIEND).impressions
    training.retrain(kind=TrainingRun.Kind.PREFERENCE)
    assert not Taste.objects.filter(user=ada).exists()


def test_it_can_be_taken_back(crowd: list[User]) -> None:
    ada = crowd[0]
    n_before = taught_by(ada)
    for form in ({}, {"is_learned_from": "on"}):
        client_of(ada).post(reverse("recommendations:learning"), form)
    assert taught_by(ada) == n_before


def test_a_reset_forgets_ones_own_taste_and_keeps_what_was_said(crowd: list[User]) -> None:
    ada, ben = crowd[:2]
    n_said = Verdict.objects.filter(actor=ada).count()
    client_of(ada).post(reverse("recommendations:reset-taste"))
    said = feedback.feedback(purpose=FRIEND)
    assert ada.pk not in said.actor_ids
    assert ada.pk in said.target_ids, "what others said of one is theirs"
    assert Verdict.objects.filter(actor=ada).count() == n_said
    assert not Taste.objects.filter(user=ada).exists()
    Verdict.objects.filter(actor=ada, target=ben).delete()
    show_each_other(ada, ben)
    verdicts.record(actor=ada, target=ben, purpose=FRIEND, value="like")
    assert (feedback.feedback(purpose=FRIEND).actor_ids == ada.pk).sum() == 1
    assert Taste.objects.filter(user=ada).exists(), "what is said from now on is learned"


def test_a_visitor_changes_nothing(client: Client, crowd: list[User]) -> None:
    for name in ("learning", "reset-taste"):
        assert client.post(reverse(f"recommendations:{name}")).status_code == 302
    assert not Profile.objects.filter(is_learned_from=False).exists()
    assert not Profile.objects.exclude(tastes_since=None).exists()


def test_what_was_said_of_sample_people_before_a_reset_counts_no_more(crowd: list[User]) -> None:
    ada = crowd[0]
    tastes.reset(user=ada)
    assert samples.standing(actor=ada).count() == 0


def test_who_opts_out_is_shown_people_by_likeness_alone(crowd: list[User], version: MeasurementVersion) -> None:
    ada = crowd[0]
    tastes.be_learned_from(user=ada, is_learned_from=False)
    judged = set(Verdict.objects.filter(actor=ada).values_list("target", flat=True))
    shown = lists.list_for(viewer=ada, purpose=FRIEND).impressions
    places = datasets.places_of(version=version)
    likeness = placement.expected_likeness(places, places, models.model_of(version).full_reliability)
    of_ada = dict(zip(places.user_ids.tolist(), likeness[places.user_ids.tolist().index(ada.pk)].tolist(), strict=True))
    for one in shown:
        assert one.score_out == pytest.approx(float(expit(of_ada[one.shown_id])), rel=1e-3)
        assert one.score_in == pytest.approx(one.score_out, rel=1e-3)
        assert one.preference_version.kind == PreferenceVersion.Kind.LIKENESS
    ranked = [of_ada[one.shown_id] for one in shown if one.slot_policy == SlotPolicy.RANKED]
    assert len(ranked) >= 8
    assert ranked == sorted(ranked, reverse=True)
    in_use = PreferenceVersion.objects.get(is_active=True)
    now = timezone.now()
    with population.of(version=in_use, purpose=FRIEND).hold(now=now) as everybody:
        are_new = np.ones(len(everybody.facts), dtype=bool)
        told = newcomers._new_among_the_best(everybody, in_use, FRIEND, ada.pk, are_new, now)
    others = {one: like for one, like in of_ada.items() if one != ada.pk and one not in judged}
    assert told == sorted(others, key=lambda one: -others[one])[: len(told)], "so do mails about new people"
    assert len(told) >= 8
    Impression.objects.all().delete()
    tastes.be_learned_from(user=ada, is_learned_from=True)
    again = lists.list_for(viewer=ada, purpose=FRIEND).impressions
    assert {one.preference_version.kind for one in again} == {PreferenceVersion.Kind.LEARNED}
