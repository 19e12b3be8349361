"""The list of people shown to one person: eleven by rank, one drawn by chance, each remembered as an impression."""

import datetime
import enum
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from numpy.typing import NDArray

from accounts import datasets as people
from accounts.datasets import EligibilityFacts
from accounts.models import Circle, Preference, Profile, User, Visibility
from ml import placement, reciprocal
from recommendations import datasets
from recommendations.datasets import Population
from recommendations.models import Impression, PreferenceVersion, SlotPolicy, Verdict
from recommendations.services import displayed, eligibility, locks, publishing
from surveys.models import AnswerSheet
from surveys.services import models

LIST_LASTS = datetime.timedelta(minutes=30)
SURFACE = "people"


class Obstacle(enum.Enum):
    """Why a person cannot be shown anybody."""

    NO_MODEL = "no model"
    PURPOSE = "purpose"
    PAUSED = "paused"
    HIDDEN = "hidden"
    ANSWERS = "answers"
    NOT_PLACED = "not placed"


@dataclass(frozen=True)
class PeopleList:
    """What a person is shown, or why nothing is."""

    impressions: Sequence[Impression] = ()
    n_eligible: int = 0
    n_others: int = 0
    """People who are open for the purpose at all, where a list was made anew."""
    removed: Mapping[str, int] = field(default_factory=dict)
    """How many people each rule took away, where a list was made anew."""
    obstacle: Obstacle | None = None


@dataclass(frozen=True)
class Slots:
    """Who stands where in a new list, and how they came to."""

    people: NDArray[np.intp]
    policies: tuple[SlotPolicy, ...]
    propensities: tuple[float, ...]


def list_for(
    *,
    viewer: User,
    purpose: str,
    circle: Circle | None = None,
    rng: np.random.Generator | None = None,
    now: datetime.datetime | None = None,
) -> PeopleList:
    """Return the list that a person sees now; within 30 minutes it is the same one, less whom they judged since."""
    now = now or timezone.now()
    if in_force := _list_in_force(viewer, purpose, circle, now):
        return in_force
    with transaction.atomic():
        # Two tabs of one person ask for the same list: the second waits and finds what the first wrote.
        locks.hold(viewer.pk)
        in_force = _list_in_force(viewer, purpose, circle, now)
        return in_force or _new_list(viewer, purpose, circle, rng or np.random.default_rng(), now)


def choose_slots(scores: NDArray[np.float64], rng: np.random.Generator) -> Slots:
    """Return who stands in which slot, with which probability and by which policy.

    All slots but one go to the best scores, with certainty. The last one goes to somebody drawn uniformly from all the
    rest, so each of them has the probability 1 / n_rest, which is the propensity. At which slot the drawn one stands
    is drawn uniformly too and independently of who it is; the propensity does not count that second draw.
    """
    ranked = reciprocal.best(scores, settings.LIST_SIZE - 1)
    rest = np.setdiff1d(np.arange(len(scores)), ranked)
    policies, propensities = [SlotPolicy.RANKED] * len(ranked), [1.0] * len(ranked)
    if not rest.size:
        return Slots(people=ranked, policies=tuple(policies), propensities=tuple(propensities))
    slot = int(rng.integers(len(ranked) + 1))
    policies.insert(slot, SlotPolicy.EXPLORED)
    propensities.insert(slot, 1.0 / rest.size)
    chosen = np.insert(ranked, slot, rng.choice(rest))
    return Slots(people=chosen, policies=tuple(policies), propensities=tuple(propensities))


def _list_in_force(viewer: User, purpose: str, circle: Circle | None, now: datetime.datetime) -> PeopleList | None:
    """Return what is left of the last list, each person checked in the database once more; None if nothing is."""
    recent = list(
        Impression.objects.filter(viewer=viewer, purpose=purpose, surface=SURFACE, shown_at__gt=now - LIST_LASTS)
        .select_related("shown__profile")
        .order_by("-shown_at", "list_id", "position")
    )
    if not recent:
        return None
    ids = {viewer.pk, *(impression.shown_id for impression in recent)}
    facts = people.eligibility_facts(purpose=purpose, day=timezone.localdate(now), user_ids=ids)
    position = facts.position_of(viewer.pk)
    if position is None:
        return None
    filters = _filters(facts, position, circle)
    same = [impression for impression in recent if impression.filters == filters]
    found = eligibility.eligible(facts=facts, viewer=position, purpose=purpose, circle=circle)
    still = set(facts.user_ids[found.mask].tolist())
    left = [one for one in same if one.list_id == same[0].list_id and one.shown_id in still]
    return PeopleList(impressions=left, n_eligible=left[0].n_eligible) if left else None


def _new_list(
    viewer: User, purpose: str, circle: Circle | None, rng: np.random.Generator, now: datetime.datetime
) -> PeopleList:
    """Rank everyone who is eligible, draw one of the rest, and write who is shown."""
    version = publishing.active_preference_version()
    if version is None:
        return PeopleList(obstacle=Obstacle.NO_MODEL)
    everyone = datasets.population(purpose=purpose, version=version.measurement_version, day=timezone.localdate(now))
    position = everyone.facts.position_of(viewer.pk)
    if position is None:
        return PeopleList(obstacle=_obstacle(viewer, purpose))
    if everyone.facts.visibility[position] == people.NOBODY:
        return PeopleList(obstacle=Obstacle.HIDDEN)
    found = eligibility.eligible(facts=everyone.facts, viewer=position, purpose=purpose, circle=circle)
    eligible = np.flatnonzero(found.mask)
    impressions = _impressions(viewer, everyone, position, eligible, version, rng) if eligible.size else []
    filters = _filters(everyone.facts, position, circle)
    for impression in impressions:
        impression.purpose, impression.circle, impression.filters = purpose, circle, filters
        impression.shown_at = now
    displayed.put_on(impressions=impressions, version=version.measurement_version, outlook=None, now=now)
    _write(impressions)
    return PeopleList(
        impressions=impressions,
        n_eligible=len(eligible),
        n_others=len(everyone.facts) - 1,
        removed=found.removed,
    )


def _impressions(
    viewer: User,
    everyone: Population,
    position: int,
    eligible: NDArray[np.intp],
    version: PreferenceVersion,
    rng: np.random.Generator,
) -> list[Impression]:
    """Return what a new list consists of, not saved yet and without what all its rows have in common."""
    me, others = everyone.places.rows(slice(position, position + 1)), everyone.places.rows(eligible)
    model = models.model_of(version.measurement_version)
    # Expected, so that nobody stands higher or lower for having answered less.
    likeness = placement.expected_likeness(me, others, model.full_reliability)[0].astype(np.float64)
    # Likeness is the same both ways, so both directed scores are; they are kept apart all the same.
    scores_out, scores_in = reciprocal.directed(likeness), reciprocal.directed(likeness)
    slots = choose_slots(reciprocal.log_product(likeness, likeness), rng)
    shown = others.rows(slots.people)
    n_verdicts = Verdict.objects.filter(actor=viewer).count()
    list_id = uuid.uuid4()
    return [
        Impression(
            list_id=list_id,
            viewer=viewer,
            shown_id=int(shown.user_ids[slot]),
            surface=SURFACE,
            position=slot,
            slot_policy=slots.policies[slot],
            propensity=slots.propensities[slot],
            n_eligible=len(eligible),
            score_out=float(scores_out[person]),
            score_in=float(scores_in[person]),
            measurement_version_id=version.measurement_version_id,
            preference_version=version,
            n_viewer_verdicts=n_verdicts,
            is_demo=viewer.is_demo or bool(everyone.facts.is_demo[eligible[person]]),
        )
        for slot, person in enumerate(slots.people)
    ]


def _write(impressions: list[Impression]) -> None:
    """Save a list by one statement, and put the people beside it that the page shows."""
    if not impressions:
        return
    Impression.objects.bulk_create(impressions)
    shown = User.objects.select_related("profile").in_bulk([impression.shown_id for impression in impressions])
    for impression in impressions:
        impression.shown = shown[impression.shown_id]


def _filters(facts: EligibilityFacts, position: int, circle: Circle | None) -> str:
    """Return the canonical form of what a person asked for; another form means another list."""
    parts = [f"ages={facts.youngest[position]}-{facts.oldest[position]}"]
    if wanted := facts.wanted_genders(position):
        parts.append(f"genders={','.join(wanted)}")
    if circle is not None:
        # Kept here too, because a circle that closes leaves its impressions without one.
        parts.append(f"in={circle.pk}")
    return "&".join(parts)


def _obstacle(viewer: User, purpose: str) -> Obstacle:
    """Return why a person is not among those who can be ranked."""
    if not Preference.objects.filter(user=viewer, purpose=purpose, is_active=True).exists():
        return Obstacle.PURPOSE
    if Profile.objects.filter(user=viewer, is_paused=True).exists():
        return Obstacle.PAUSED
    if Preference.objects.filter(user=viewer, purpose=purpose, visibility=Visibility.NOBODY).exists():
        return Obstacle.HIDDEN
    enough = AnswerSheet.objects.filter(user=viewer, is_current=True, n_answered__gte=settings.SHOWN_FROM_ANSWERS)
    return Obstacle.NOT_PLACED if enough.exists() else Obstacle.ANSWERS
