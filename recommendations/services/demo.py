"""The demo population: members drawn from the reference model, who met each other over the last sixty days.

Lists come from the site's own service, so that a demo shows what it really does. Verdicts and matches are written many
at a time, exactly as the services would have written them one by one. Whom a demo member likes follows the hidden
preference in docs/algorithms/demo-population.md.
"""

import datetime
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from numpy.typing import NDArray

from accounts import places
from accounts.models import (
    Circle,
    CircleMembership,
    Consent,
    Gender,
    Notification,
    Preference,
    Profile,
    Purpose,
    User,
    Visit,
    WantedGender,
    adult_on,
)
from accounts.models.preference import OLDEST_AGE
from accounts.models.user import ADULT_AGE
from accounts.models.visit import PAUSE_THAT_ENDS_A_VISIT
from accounts.services import changes
from ml import synthetic
from ml.items import SCALES
from recommendations import datasets
from recommendations.models import Match, Verdict, VerdictValue
from recommendations.services import demo_words, lists, publishing
from surveys.models import AnswerSheet, MeasurementVersion
from surveys.services import models, placing

N_MEMBERS = 200
N_DAYS = 60
LISTS_EACH = 3
SHARE_JUDGED = 0.6
SEED = 2026

LOGIN = "demo@kindred.localhost"
# Whoever looks around by this login shall find something: they look for every purpose, came by more often, like more,
# are liked more, and like back whoever liked them before.
LOGIN_LISTS, LOGIN_GENEROSITY, LOGIN_APPEAL = 5, 1.0, 1.0

# The hidden preference: likeness on these scales counts, the others do not.
HIDDEN_SCALES = ("Openness", "Imagination", "Liveliness", "Order")
BASE, GENEROSITY_SD, APPEAL_SD, LIKENESS_WEIGHT = -1.1, 0.8, 0.7, 0.9


@dataclass(frozen=True)
class Stay:
    """One time that a member came by."""

    member: User
    began_at: datetime.datetime
    ended_at: datetime.datetime
    n_requests: int


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
        _meet(members, _taste(version.measurement_version, members[0], rng), rng, now)
    return password


def _members(rng: np.random.Generator, now: datetime.datetime, n_members: int) -> list[User]:
    """Create the accounts; nobody can sign in to them but to the first."""
    day = timezone.localdate(now)
    members = []
    for index in range(n_members):
        birth = day - datetime.timedelta(days=int(rng.integers(19 * 366, 60 * 365)))
        joined = day - datetime.timedelta(days=int(rng.integers(1, N_DAYS + 1)) if index else N_DAYS)
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
    _consent(members, Consent.Kind.MATCHING)
    _purposes(members, rng)
    founder, *others = members
    for name, share in demo_words.CIRCLES.items():
        circle = Circle.objects.create(name=name, owner=founder)
        inside = [founder, *(member for member in others if rng.random() < share)]
        CircleMembership.objects.bulk_create(CircleMembership(circle=circle, user=member) for member in inside)


def _consent(members: list[User], kind: str) -> None:
    """Let members agree to something at the beginning of the day on which they joined."""
    midnight = datetime.time(tzinfo=timezone.get_current_timezone())
    Consent.objects.bulk_create(
        Consent(user=member, kind=kind, is_given=True, decided_at=datetime.datetime.combine(member.joined_on, midnight))
        for member in members
    )


def _purposes(members: list[User], rng: np.random.Generator) -> None:
    """Give everyone at least one purpose, with an age range around their own age; it opens when they join."""
    preferences = []
    for member in members:
        is_login = member.email == LOGIN
        chosen = [purpose for purpose, share in demo_words.PURPOSES.items() if rng.random() < share or is_login]
        age = member.age_on(member.joined_on) or 0
        for purpose in chosen or [Purpose.FRIEND]:
            width = int(rng.integers(8, 25))
            preferences.append(
                Preference(
                    user=member,
                    purpose=purpose,
                    youngest=max(ADULT_AGE, age - width),
                    oldest=min(OLDEST_AGE, age + width),
                    is_active=False,
                )
            )
    saved = Preference.objects.bulk_create(preferences)
    dating = [preference for preference in saved if preference.purpose == Purpose.DATE and rng.random() < 0.8]
    _consent([preference.user for preference in dating], Consent.Kind.WANTED_GENDERS)
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


def _taste(version: MeasurementVersion, login: User, rng: np.random.Generator) -> Taste:
    """Draw the hidden preference."""
    placed = datasets.places_of(version=version)
    columns = [index for index, scale in enumerate(SCALES) if scale.name in HIDDEN_SCALES]
    n = len(placed.user_ids)
    is_login = placed.user_ids == login.pk
    return Taste(
        ids=placed.user_ids,
        generosity=np.where(is_login, LOGIN_GENEROSITY, rng.normal(0, GENEROSITY_SD, n)),
        appeal=np.where(is_login, LOGIN_APPEAL, rng.normal(0, APPEAL_SD, n)),
        hidden=placed.scales[:, columns].astype(np.float64) / np.sqrt(2),
    )


def _meet(members: list[User], taste: Taste, rng: np.random.Generator, now: datetime.datetime) -> None:
    """Let everyone come by a few times since they joined, look at a list and judge some of it."""
    ids = [member.pk for member in members]
    preferences = Preference.objects.filter(user__in=ids)
    purposes: dict[int, list[str]] = {}
    for user_id, purpose in preferences.order_by("pk").values_list("user_id", "purpose"):
        purposes.setdefault(user_id, []).append(purpose)
    said: list[Verdict] = []
    stays: list[Stay] = []
    today: datetime.date | None = None
    for when, member in _comings(members, rng, now):
        if timezone.localdate(when) != today:
            # Nobody meets who has not joined yet.
            today = timezone.localdate(when)
            _open(preferences.filter(user__joined_on__lte=today, is_active=False))
        judged = _look(member, str(rng.choice(purposes[member.pk])), taste, rng, when)
        ended = when + datetime.timedelta(seconds=float(rng.uniform(40, 90)) * (1 + len(judged)))
        stays.append(Stay(member, when, ended, n_requests=2 + 2 * len(judged)))
        said += judged
    _open(preferences)
    Visit.objects.bulk_create(_visits(stays))
    _match(said)


def _open(preferences: QuerySet[Preference]) -> None:
    """Let people be found for their purposes from now on."""
    user_ids = set(preferences.values_list("user_id", flat=True))
    preferences.update(is_active=True)
    changes.note(*user_ids)


def _comings(
    members: list[User], rng: np.random.Generator, now: datetime.datetime
) -> list[tuple[datetime.datetime, User]]:
    """Draw who comes by when, in the order of time; everybody joined at least a day ago."""
    comings = []
    for member in members:
        days = (timezone.localdate(now) - member.joined_on).days
        n_lists = LOGIN_LISTS if member.email == LOGIN else LISTS_EACH
        comings += [(now - datetime.timedelta(days=ago), member) for ago in rng.uniform(0.05, days, n_lists).tolist()]
    return sorted(comings, key=lambda coming: (coming[0], coming[1].pk))


def _look(member: User, purpose: str, taste: Taste, rng: np.random.Generator, when: datetime.datetime) -> list[Verdict]:
    """Show one member a list and record what the hidden preference makes them say.

    Lists show nobody who was judged before, so each of these verdicts is the first of its pair and purpose.
    """
    said = []
    for impression in lists.list_for(viewer=member, purpose=purpose, rng=rng, now=when).impressions:
        if rng.random() >= SHARE_JUDGED:
            continue
        likes = rng.random() < taste.probability(member.pk, impression.shown_id)
        if member.email == LOGIN:
            likes |= Verdict.objects.filter(
                actor=impression.shown, target=member, purpose=purpose, value=VerdictValue.LIKE
            ).exists()
        when += datetime.timedelta(seconds=float(rng.uniform(5, 40)))
        said.append(
            Verdict(
                actor=member,
                target=impression.shown,
                purpose=purpose,
                value=VerdictValue.LIKE if likes else VerdictValue.PASS,
                impression=impression,
                is_demo=True,
                given_at=when,
            )
        )
    return Verdict.objects.bulk_create(said)


def _visits(stays: Sequence[Stay]) -> list[Visit]:
    """Return the visits that stays amount to, in the order of time: a short pause does not end one."""
    visits: list[Stay] = []
    latest: dict[int, int] = {}
    for stay in stays:
        index = latest.get(stay.member.pk)
        if index is not None and stay.began_at - visits[index].ended_at <= PAUSE_THAT_ENDS_A_VISIT:
            ended = max(visits[index].ended_at, stay.ended_at)
            visits[index] = replace(
                visits[index], ended_at=ended, n_requests=visits[index].n_requests + stay.n_requests
            )
        else:
            latest[stay.member.pk] = len(visits)
            visits.append(stay)
    return [
        Visit(
            user=visit.member,
            started_at=visit.began_at,
            last_seen_at=visit.ended_at,
            n_requests=visit.n_requests,
            is_demo=True,
        )
        for visit in visits
    ]


def _match(said: Sequence[Verdict]) -> None:
    """Make a match of each mutual like, at the moment of the later one, and note for both that they are to be told."""
    likes = {(like.actor_id, like.target_id, like.purpose): like for like in said if like.value == VerdictValue.LIKE}
    matches = []
    for (actor, target, purpose), like in likes.items():
        returned = likes.get((target, actor, purpose))
        if returned is not None and actor < target:
            matched_at = max(like.given_at, returned.given_at)
            matches.append(Match(low_id=actor, high_id=target, purpose=purpose, is_demo=True, matched_at=matched_at))
    Notification.objects.bulk_create(
        Notification(user_id=user_id, kind=Notification.Kind.MATCH, subject_public_id=match.public_id)
        for match in Match.objects.bulk_create(matches)
        for user_id in (match.low_id, match.high_id)
    )
