"""The list of people shown to one person: eleven by rank, one drawn by chance, each remembered as an impression."""

import datetime
import enum
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from numpy.typing import NDArray

from accounts import datasets as people
from accounts.datasets import EligibilityFacts
from accounts.models import Circle, Preference, Profile, Reach, User, Visibility
from ml import exposure as balance
from ml import reciprocal, serving
from ml.slots import Slots, choose
from recommendations.models import Impression, PreferenceVersion, SlotPolicy, Verdict
from recommendations.services import displayed, eligibility, exposure, locks, population, publishing, room, tastes
from recommendations.services.displayed import Outlook
from recommendations.services.eligibility import Apart
from recommendations.services.population import Everybody
from surveys.models import AnswerSheet

LIST_LASTS = datetime.timedelta(minutes=30)
SURFACE = "people"


class Obstacle(enum.Enum):
    """Why a person cannot be shown anybody."""

    NO_MODEL = "no model"
    PURPOSE = "purpose"
    PAUSED = "paused"
    HIDDEN = "hidden"
    NO_ROOM = "no room"
    ANSWERS = "answers"
    NOT_PLACED = "not placed"


@dataclass(frozen=True)
class Draft:
    """A new list as this process sees it, before each person on it is checked in the database."""

    shown_ids: list[int]
    slots: Slots
    logit_out: NDArray[np.float64]
    logit_in: NDArray[np.float64]
    among: NDArray[np.float64]
    """Logits of the probabilities that everybody who is eligible likes the viewer."""
    are_demo: list[bool]
    n_eligible: int
    n_others: int
    removed: Mapping[str, int]


@dataclass(frozen=True)
class Checked:
    """Who may be shown to somebody right now, and what that somebody asks for."""

    ids: set[int]
    filters: str


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


def choose_slots(
    scores: NDArray[np.float64], rng: np.random.Generator, lifted: Sequence[int] | NDArray[np.intp] = ()
) -> Slots:
    """Return who stands in which slot of a list as long as the site's lists are; :func:`ml.slots.choose` says how."""
    return choose(scores, rng, lifted=lifted, size=settings.LIST_SIZE)


def _list_in_force(viewer: User, purpose: str, circle: Circle | None, now: datetime.datetime) -> PeopleList | None:
    """Return what is left of the last list, each person checked in the database once more; None if nothing is."""
    recent = list(
        Impression.objects.filter(viewer=viewer, purpose=purpose, surface=SURFACE, shown_at__gt=now - LIST_LASTS)
        .select_related("shown__profile")
        .order_by("-shown_at", "list_id", "position")
    )
    if not recent:
        return None
    checked = _check(viewer, {impression.shown_id for impression in recent}, purpose, circle, now)
    if checked is None:
        return None
    same = [impression for impression in recent if impression.filters == checked.filters]
    left = [one for one in same if one.list_id == same[0].list_id and one.shown_id in checked.ids]
    return PeopleList(impressions=left, n_eligible=left[0].n_eligible) if left else None


def _new_list(
    viewer: User, purpose: str, circle: Circle | None, rng: np.random.Generator, now: datetime.datetime
) -> PeopleList:
    """Rank everyone who is eligible, draw one of the rest, and write who is shown."""
    version = publishing.active_preference_version()
    if version is None:
        return PeopleList(obstacle=Obstacle.NO_MODEL)
    apart = eligibility.apart_from(viewer_id=viewer.pk, purpose=purpose)
    corrections = tastes.corrections_for(version=version, purpose=purpose, viewer_id=viewer.pk)
    with population.of(version=version, purpose=purpose).hold(now=now) as everybody:
        draft = _draft(everybody, viewer, circle, apart, corrections, rng)
    if isinstance(draft, Obstacle):
        return PeopleList(obstacle=draft)
    # Somebody may have left or blocked the viewer since the arrays were read.
    checked = _check(viewer, draft.shown_ids, purpose, circle, now) if draft else None
    if draft is None or checked is None:
        return PeopleList(obstacle=_obstacle(viewer, purpose))
    impressions = _impressions(viewer, draft, checked.ids, version)
    for impression in impressions:
        impression.purpose, impression.circle, impression.filters = purpose, circle, checked.filters
        impression.shown_at = now
    outlook = _outlook(viewer, purpose, draft, impressions, version)
    displayed.put_on(impressions=impressions, version=version.measurement_version, outlook=outlook, now=now)
    _write(impressions)
    exposure.count(impressions=impressions, now=now)
    return PeopleList(
        impressions=impressions, n_eligible=draft.n_eligible, n_others=draft.n_others, removed=draft.removed
    )


def _draft(
    everybody: Everybody,
    viewer: User,
    circle: Circle | None,
    apart: Apart,
    corrections: Mapping[int, float],
    rng: np.random.Generator,
) -> Draft | Obstacle | None:
    """Return who would stand in a new list, by what this process knows; None for a viewer who is not among them."""
    facts = everybody.facts
    position = facts.position_of(viewer.pk)
    if position is None:
        return None
    if facts.visibility[position] == people.NOBODY:
        return Obstacle.HIDDEN
    if not everybody.room_left[position]:
        return Obstacle.NO_ROOM
    found = eligibility.eligible(
        facts=facts, viewer=position, apart=apart, circle=circle, room_left=everybody.room_left
    )
    corrected = everybody.corrected(corrections)
    ranking = serving.rank(
        everybody.outgoing, everybody.incoming, position, found.mask, n=settings.LIST_SIZE, corrections=corrected
    )
    eligible = np.flatnonzero(found.mask)
    # Who was shown more than their share pays for it, and who waits is lifted.
    scores = balance.after_prices(ranking.all_scores[eligible], everybody.price[eligible])
    lifted = balance.lifted(scores, everybody.waited[eligible], everybody.n_shown[eligible], size=settings.LIST_SIZE)
    slots = choose_slots(scores, rng, lifted)
    rows = eligible[slots.people]
    logit_out, logit_in = serving.logits(everybody.outgoing, everybody.incoming, position, rows, corrected)
    return Draft(
        shown_ids=facts.user_ids[rows].tolist(),
        slots=slots,
        logit_out=logit_out,
        logit_in=logit_in,
        among=ranking.all_logit_in[eligible].astype(np.float64),
        are_demo=facts.is_demo[rows].tolist(),
        n_eligible=len(eligible),
        n_others=everybody.n_here - 1,
        removed=found.removed,
    )


def _check(
    viewer: User, shown_ids: Collection[int], purpose: str, circle: Circle | None, now: datetime.datetime
) -> Checked | None:
    """Look in the database who of several people may be shown to the viewer now; None if the viewer may see nobody.

    A fixed number of queries.
    """
    facts = people.eligibility_facts(purpose=purpose, day=timezone.localdate(now), user_ids={viewer.pk, *shown_ids})
    position = facts.position_of(viewer.pk)
    if position is None:
        return None
    found = eligibility.eligible(
        facts=facts,
        viewer=position,
        apart=eligibility.apart_from(viewer_id=viewer.pk, purpose=purpose),
        circle=circle,
        room_left=room.left(facts=facts, purpose=purpose, now=now),
    )
    return Checked(ids=set(facts.user_ids[found.mask].tolist()), filters=_filters(facts, position, circle))


def _impressions(viewer: User, draft: Draft, shown: Collection[int], version: PreferenceVersion) -> list[Impression]:
    """Return what a new list consists of, not saved yet and without what all its rows have in common."""
    n_verdicts = Verdict.objects.filter(actor=viewer).count()
    scores_out, scores_in = reciprocal.directed(draft.logit_out), reciprocal.directed(draft.logit_in)
    list_id = uuid.uuid4()
    return [
        Impression(
            list_id=list_id,
            viewer=viewer,
            shown_id=shown_id,
            surface=SURFACE,
            position=slot,
            slot_policy=SlotPolicy(draft.slots.policies[slot]),
            propensity=draft.slots.propensities[slot],
            n_eligible=draft.n_eligible,
            score_out=float(scores_out[slot]),
            score_in=float(scores_in[slot]),
            measurement_version_id=version.measurement_version_id,
            preference_version=version,
            n_viewer_verdicts=n_verdicts,
            is_demo=viewer.is_demo or draft.are_demo[slot],
        )
        for slot, shown_id in enumerate(draft.shown_ids)
        if shown_id in shown
    ]


def _outlook(
    viewer: User, purpose: str, draft: Draft, impressions: Sequence[Impression], version: PreferenceVersion
) -> Outlook:
    """Return how likely the people of a new list are to like the viewer, in the order of its impressions."""
    shown = [impression.shown_id for impression in impressions]
    logits = dict(zip(draft.shown_ids, draft.logit_in.tolist(), strict=True))
    return Outlook(
        logits=np.array([logits[user_id] for user_id in shown]),
        among=draft.among,
        deviations=tastes.deviations_of(version=version, purpose=purpose, viewer_id=viewer.pk, judge_ids=shown),
    )


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
    if facts.reach[position] != people.ANYWHERE:
        parts.append(f"reach={Reach.values[facts.reach[position]]}")
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
