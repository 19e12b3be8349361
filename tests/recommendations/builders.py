"""Builders of populations and of what people said of each other."""

import datetime
import uuid
from collections.abc import Sequence
from typing import Any

import numpy as np
from django.utils import timezone

from accounts.models import Block, Gender, Purpose, Reach, User, Visibility, WantedGender
from ml import artifacts, synthetic
from ml.items import N_ITEMS
from recommendations.models import Impression, Match, PreferenceVersion, SlotPolicy
from surveys.models import AnswerSheet, MeasurementVersion
from surveys.services import placing
from tests.builders import make_circle, make_member, make_preference, make_sheet

# Lisbon and Amadora lie in one region, Porto in the same country, Madrid in another; some name none.
CITIES = (2267057, 2271772, 2735943, 3117735, None)


def make_people(
    version: MeasurementVersion, n: int, *, purpose: str = Purpose.FRIEND, seed: int = 0, n_answered: int = N_ITEMS
) -> list[User]:
    """Return members who are open for a purpose to everyone, with answers drawn from the reference model, placed."""
    answers = synthetic.sample_answers(artifacts.load_reference(), n, np.random.default_rng(seed))
    answers[:, n_answered:] = 0
    people = []
    for sheet in answers:
        user = make_member()
        make_preference(user, purpose=purpose)
        make_sheet(user, answers=sheet.tobytes())
        people.append(user)
    placing.place_everyone(version=version)
    return people


def answer_like(version: MeasurementVersion, user: User, other: User) -> None:
    """Give a person the answers of another, so that nobody is more like them."""
    AnswerSheet.objects.filter(user=user).delete()
    make_sheet(user, answers=bytes(AnswerSheet.objects.get(user=other, is_current=True).answers))
    placing.place_everyone(version=version)


def make_impression(viewer: User, shown: User, *, purpose: str = Purpose.FRIEND, **fields: Any) -> Impression:
    """Return one person shown to another alone in a list."""
    version = PreferenceVersion.objects.get(is_active=True)
    values: dict[str, Any] = {
        "list_id": uuid.uuid4(),
        "position": 0,
        "slot_policy": SlotPolicy.RANKED,
        "propensity": 1.0,
        "n_eligible": 1,
        "score_out": 0.5,
        "score_in": 0.5,
        "label": 3,
        "agreements": [{"scale": "O", "side": 1}],
        "measurement_version": version.measurement_version,
        "preference_version": version,
        "n_viewer_verdicts": 0,
        "shown_at": timezone.now(),
    }
    return Impression.objects.create(viewer=viewer, shown=shown, purpose=purpose, **(values | fields))


def show_each_other(one: User, other: User, *, purpose: str = Purpose.FRIEND) -> None:
    """Let two people have seen each other."""
    make_impression(one, other, purpose=purpose)
    make_impression(other, one, purpose=purpose)


def make_random_people(rng: np.random.Generator, n: int, *, purpose: str) -> list[User]:
    """Return people with every kind of rule, drawn at random; a few are paused, inactive, closed or without consent."""
    people = [_random_person(rng, purpose) for _ in range(n)]
    for _ in range(3):
        make_circle(*_some(rng, people, 6))
    for _ in range(n // 3):
        one, other = _some(rng, people, 2)
        Block.objects.get_or_create(blocker=one, blocked=other)
    for _ in range(n):
        one, other = _some(rng, people, 2)
        make_conversation(one, other, purpose=purpose, days_ago=float(rng.choice([1, 13, 15])))
    return people


def make_conversation(one: User, other: User, *, purpose: str = Purpose.FRIEND, days_ago: float = 0) -> Match:
    """Return the match of two people who last wrote to each other some days ago."""
    low, high = sorted((one, other), key=lambda user: user.pk)
    said_at = timezone.now() - datetime.timedelta(days=days_ago)
    match, _ = Match.objects.update_or_create(
        low=low, high=high, purpose=purpose, defaults={"last_message_at": said_at}
    )
    return match


def _random_person(rng: np.random.Generator, purpose: str) -> User:
    birth = datetime.date(int(rng.integers(1980, 2005)), int(rng.integers(1, 13)), int(rng.integers(1, 29)))
    user = make_member(birth_date=birth, is_demo=bool(rng.random() < 0.15), is_active=bool(rng.random() < 0.9))
    user.profile.gender = str(rng.choice(Gender.values))
    user.profile.is_paused = bool(rng.random() < 0.1)
    user.profile.city = CITIES[int(rng.integers(len(CITIES)))]
    user.profile.save()
    if rng.random() < 0.1:
        user.consents.create(kind="matching", is_given=False)
    youngest = int(rng.integers(18, 28))
    preference = make_preference(
        user,
        purpose=purpose,
        is_active=bool(rng.random() < 0.9),
        visibility=str(rng.choice(Visibility.values, p=[0.7, 0.25, 0.05])),
        youngest=youngest,
        oldest=int(rng.integers(youngest + 8, 60)),
        reach=str(rng.choice(Reach.values, p=[0.1, 0.1, 0.2, 0.6])),
        room=int(rng.integers(1, 6)),
    )
    if purpose == Purpose.DATE:
        for gender in WantedGender.WANTED:
            if rng.random() < 0.7:
                preference.wanted_genders.create(gender=gender)
    return user


def _some(rng: np.random.Generator, people: Sequence[User], n: int) -> list[User]:
    return [people[index] for index in rng.choice(len(people), size=n, replace=False)]
