"""The demo population: members drawn from the reference model, who met each other over the last sixty days.

Lists, verdicts and matches come about through the site's own services, so that a demo shows what they really do. Whom a
demo member likes follows the hidden preference in docs/algorithms/demo-population.md.
"""

import datetime
import secrets
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db import transaction
from django.utils import timezone
from numpy.typing import NDArray

from accounts import places
from accounts.models import (
    Circle,
    CircleMembership,
    Consent,
    Gender,
    Preference,
    Profile,
    Purpose,
    User,
    Visit,
    WantedGender,
    adult_on,
)
from ml import synthetic
from ml.items import SCALES
from recommendations import datasets
from recommendations.models import VerdictValue
from recommendations.services import demo_words, lists, publishing, verdicts
from surveys.models import AnswerSheet, MeasurementVersion
from surveys.services import models, placing

N_MEMBERS = 200
N_DAYS = 60
LISTS_EACH = 3
SHARE_JUDGED = 0.6
SEED = 2026
LOGIN = "demo@kindred.localhost"

# The hidden preference: likeness on these scales counts, the others do not.
HIDDEN_SCALES = ("Openness", "Imagination", "Liveliness", "Order")
BASE, GENEROSITY_SD, APPEAL_SD, LIKENESS_WEIGHT = -1.1, 0.8, 0.7, 0.9

Say = Callable[[str], None]


class DemoRefusedError(Exception):
    """There can be no demo here; the message says why."""


@dataclass(frozen=True)
class Taste:
    """The hidden preference of the demo population, one row a member in the order of `ids`."""

    ids: NDArray[np.int64]
    generosity: NDArray[np.float64]
    appeal: NDArray[np.float64]
    hidden: NDArray[np.float64]

    def probability(self, actor_id: int, target_id: int) -> float:
        """Return how likely one demo member is to like another."""
        actor, target = np.searchsorted(self.ids, [actor_id, target_id])
        distance = float(np.mean((self.hidden[actor] - self.hidden[target]) ** 2))
        logit = BASE + self.generosity[actor] + self.appeal[target] + LIKENESS_WEIGHT * (1 - distance)
        return float(1 / (1 + np.exp(-logit)))


def create(*, now: datetime.datetime | None = None, n_members: int = N_MEMBERS) -> str | None:
    """Create the demo population once; return the password of its login, or None when it was there already.

    Raises
    ------
    DemoRefusedError
        When this installation is not a demo, or no model is published.
    """
    if not settings.DEMO:
        raise DemoRefusedError("A demo population is only made with DEMO=1.")
    version = publishing.active_preference_version()
    if version is None:
        raise DemoRefusedError("No model is published; run load_reference first.")
    now = now or timezone.now()
    rng = np.random.default_rng(SEED)
    with transaction.atomic():
        if User.objects.filter(is_demo=True).exists():
            return None
        members = _members(rng, now, n_members)
        password = _open_login(members[0])
        _profiles(members, rng)
        _sheets(members, rng, version.measurement_version)
        _meet(members, _taste(version.measurement_version, rng), rng, now)
    return password


def _members(rng: np.random.Generator, now: datetime.datetime, n_members: int) -> list[User]:
    """Create the accounts; nobody can sign in to them but to the first."""
    day = timezone.localdate(now)
    members = []
    for index in range(n_members):
        birth = day - datetime.timedelta(days=int(rng.integers(19 * 366, 60 * 365)))
        joined = day - datetime.timedelta(days=int(rng.integers(N_DAYS)) if index else N_DAYS)
        members.append(
            User(
                email=f"demo{index}@kindred.localhost" if index else LOGIN,
                password=UNUSABLE_PASSWORD_PREFIX + secrets.token_urlsafe(30),
                birth_date=birth,
                adult_on=adult_on(birth),
                joined_on=joined,
                signup_source="demo",
                is_demo=True,
            )
        )
    return User.objects.bulk_create(members)


def _open_login(member: User) -> str:
    """Give one demo member a password; it works only where a demo is run for development."""
    password = secrets.token_urlsafe(12)
    member.set_password(password)
    member.save(update_fields=["password"])
    EmailAddress.objects.create(user=member, email=member.email, verified=True, primary=True)
    return password


def _profiles(members: list[User], rng: np.random.Generator) -> None:
    """Give everyone a profile, purposes, consents and perhaps a circle."""
    genders = rng.choice([Gender.WOMAN, Gender.MAN, Gender.NON_BINARY], p=[0.48, 0.47, 0.05], size=len(members))
    towns = [town for name in demo_words.TOWNS for town in places.search(name)[:1]]
    Profile.objects.bulk_create(
        Profile(
            user=member,
            display_name=str(rng.choice(demo_words.NAMES)),
            headline=str(rng.choice(demo_words.HEADLINES)),
            gender=str(gender),
            city=town.id,
            country=town.country,
            contact="demo member, cannot be reached",
        )
        for member, gender, town in zip(
            members, genders, (towns[index] for index in rng.integers(len(towns), size=len(members))), strict=True
        )
    )
    Consent.objects.bulk_create(Consent(user=member, kind=Consent.Kind.MATCHING, is_given=True) for member in members)
    _purposes(members, rng)
    for name, share in demo_words.CIRCLES.items():
        circle = Circle.objects.create(name=name, owner=members[0])
        CircleMembership.objects.bulk_create(
            CircleMembership(circle=circle, user=member) for member in members if rng.random() < share
        )


def _purposes(members: list[User], rng: np.random.Generator) -> None:
    """Open everyone to at least one purpose, with an age range around their own age."""
    preferences = []
    for member in members:
        chosen = [purpose for purpose, share in demo_words.PURPOSES.items() if rng.random() < share]
        age = member.age_on(member.joined_on) or 0
        for purpose in chosen or [Purpose.FRIEND]:
            width = int(rng.integers(8, 25))
            preferences.append(
                Preference(user=member, purpose=purpose, youngest=max(18, age - width), oldest=min(120, age + width))
            )
    saved = Preference.objects.bulk_create(preferences)
    dating = [preference for preference in saved if preference.purpose == Purpose.DATE and rng.random() < 0.8]
    Consent.objects.bulk_create(
        Consent(user=preference.user, kind=Consent.Kind.WANTED_GENDERS, is_given=True) for preference in dating
    )
    WantedGender.objects.bulk_create(
        WantedGender(preference=preference, gender=gender)
        for preference in dating
        for gender in rng.choice(WantedGender.WANTED[:3], size=int(rng.integers(1, 3)), replace=False)
    )


def _sheets(members: list[User], rng: np.random.Generator, version: MeasurementVersion) -> None:
    """Let everyone answer: most the whole survey, some part of it, a few too little to be shown."""
    answers = synthetic.sample_answers(models.model_of(version), len(members), rng)
    sheets = []
    for index, (member, row) in enumerate(zip(members, answers, strict=True)):
        n_items = len(row)
        fate = rng.random() if index else 1.0
        n_answered = n_items if fate > 0.2 else int(rng.integers(36, 120)) if fate > 0.04 else int(rng.integers(5, 36))
        row[rng.permutation(n_items)[n_answered:]] = 0
        seconds = int(n_answered * rng.uniform(4, 9))
        n_now = int((row > 0).sum())
        sheets.append(
            AnswerSheet(user=member, answers=row.tobytes(), n_answered=n_now, seconds=seconds, revision=n_now)
        )
    AnswerSheet.objects.bulk_create(sheets)
    placing.place_everyone(version=version)


def _taste(version: MeasurementVersion, rng: np.random.Generator) -> Taste:
    """Draw the hidden preference."""
    placed = datasets.places_of(version=version)
    columns = [index for index, scale in enumerate(SCALES) if scale.name in HIDDEN_SCALES]
    n = len(placed.user_ids)
    return Taste(
        ids=placed.user_ids,
        generosity=rng.normal(0, GENEROSITY_SD, n),
        appeal=rng.normal(0, APPEAL_SD, n),
        hidden=placed.scales[:, columns].astype(np.float64) / np.sqrt(2),
    )


def _meet(members: list[User], taste: Taste, rng: np.random.Generator, now: datetime.datetime) -> None:
    """Let everyone come by a few times since they joined, look at a list and judge some of it."""
    purposes: dict[int, list[str]] = {}
    for user_id, purpose in Preference.objects.filter(user__in=members).values_list("user_id", "purpose"):
        purposes.setdefault(user_id, []).append(purpose)
    comings = [(_coming(member, rng, now), member) for member in members for _ in range(LISTS_EACH)]
    comings.sort(key=lambda coming: coming[0])
    visits = []
    for when, member in comings:
        n_judged = _look(member, str(rng.choice(purposes[member.pk])), taste, rng, when)
        last = when + datetime.timedelta(seconds=float(rng.uniform(20, 90)) * (1 + n_judged))
        visits.append(Visit(user=member, started_at=when, last_seen_at=last, n_requests=2 + 2 * n_judged, is_demo=True))
    Visit.objects.bulk_create(visits)


def _coming(member: User, rng: np.random.Generator, now: datetime.datetime) -> datetime.datetime:
    """Draw when a member came by, since they joined."""
    days = (timezone.localdate(now) - member.joined_on).days
    return now - datetime.timedelta(days=float(rng.uniform(0.05, days + 0.1)))


def _look(member: User, purpose: str, taste: Taste, rng: np.random.Generator, when: datetime.datetime) -> int:
    """Show one member a list and record what the hidden preference makes them say; return how many they judged."""
    shown = lists.list_for(viewer=member, purpose=purpose, rng=rng, now=when)
    n_judged = 0
    for impression in shown.impressions:
        if rng.random() >= SHARE_JUDGED:
            continue
        likes = rng.random() < taste.probability(member.pk, impression.shown_id)
        value = VerdictValue.LIKE if likes else VerdictValue.PASS
        when += datetime.timedelta(seconds=float(rng.uniform(5, 40)))
        verdicts.record(actor=member, target=impression.shown, purpose=purpose, value=value, now=when)
        n_judged += 1
    return n_judged
