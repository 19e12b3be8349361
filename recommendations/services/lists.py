"""The list of people shown to one person: eleven by rank, one drawn by chance, each remembered as an impression."""

import datetime
import enum
import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts import datasets as people
from accounts.datasets import EligibilityFacts
from accounts.models import Preference, Profile, Reach, User, Visibility
from accounts.services import changes
from ml import reciprocal
from ml.preferences import Population as Learned
from recommendations.models import Impression, PreferenceVersion, SlotPolicy, Surface, Verdict
from recommendations.services import (
    arms,
    displayed,
    drafts,
    eligibility,
    exposure,
    locks,
    population,
    publishing,
    room,
    tastes,
)
from recommendations.services.arms import Serving
from recommendations.services.displayed import Outlook
from recommendations.services.drafts import Draft
from recommendations.services.narrowing import Narrowing
from recommendations.services.population import Everybody
from surveys.models import AnswerSheet
from surveys.services import questions

# What the viewer's own rules are called in the form in which impressions keep them.
OWN = ("ages=", "genders=", "reach=")
LIST_LASTS = datetime.timedelta(minutes=30)
# Among so many of a viewer's best are those looked for who are like somebody.
MOST_CONSIDERED = 500


class Obstacle(enum.Enum):
    """Why a person cannot be shown anybody."""

    NO_MODEL = "no model"
    PURPOSE = "purpose"
    PAUSED = "paused"
    HIDDEN = "hidden"
    NO_ROOM = "no room"
    ANSWERS = "answers"
    EMAIL = "e-mail"
    NOT_PLACED = "not placed"


@dataclass(frozen=True)
class Wish:
    """Whom a person asks to be shown: for what, narrowed how, and perhaps like whom."""

    viewer: User
    purpose: str
    narrowing: Narrowing = eligibility.ASKS_NOTHING
    like: User | None = None

    def canonical(self, facts: EligibilityFacts, position: int) -> str:
        """Return the form in which an impression keeps it; another form means another list."""
        parts = [f"ages={facts.youngest[position]}-{facts.oldest[position]}"]
        if wanted := facts.wanted_genders(position):
            parts.append(f"genders={','.join(wanted)}")
        if facts.reach[position] != people.ANYWHERE:
            parts.append(f"reach={Reach.values[facts.reach[position]]}")
        return "&".join([*parts, *self.of_the_view])

    @property
    def of_the_view(self) -> list[str]:
        """The part of that form which is asked for by the view, and not by the rules of the viewer."""
        like = [] if self.like is None else [f"like={self.like.pk}"]
        return [*self.narrowing.canonical, *like]


@dataclass(frozen=True)
class Checked:
    """Who may be shown to somebody right now, and what that somebody asks for."""

    ids: set[int]
    filters: str
    facts: EligibilityFacts


@dataclass(frozen=True)
class PeopleList:
    """What a person is shown, or why nothing is."""

    impressions: Sequence[Impression] = ()
    n_eligible: int = 0
    n_others: int = 0
    """People who are open for the purpose at all, where a list was made anew."""
    obstacle: Obstacle | None = None
    facts: EligibilityFacts | None = None
    """Of the viewer and everybody on the list, where these were read anew."""

    @property
    def n_left(self) -> int:
        """How many people the viewer can still be shown."""
        return len(self.impressions) if self.n_eligible <= settings.LIST_SIZE else self.n_eligible

    @property
    def is_sketch(self) -> bool:
        """Whether it rests on so few answers that its viewer is shown to nobody yet."""
        return any(impression.surface == Surface.SKETCH for impression in self.impressions)


def list_for(
    *,
    viewer: User,
    purpose: str,
    narrowing: Narrowing | None = None,
    rng: np.random.Generator | None = None,
    now: datetime.datetime | None = None,
) -> PeopleList:
    """Return the list that a person sees now; within 30 minutes it is the same one, less whom they judged since."""
    wish = Wish(viewer, purpose, narrowing or eligibility.ASKS_NOTHING)
    return _fulfilled(wish, rng or np.random.default_rng(), now or timezone.now())


def list_like(*, viewer: User, purpose: str, like: User, now: datetime.datetime | None = None) -> PeopleList:
    """Return those of a person's own eligible people who are most like somebody whom the person was shown.

    Both are compared by their blurred places only; the caller sees to it that the viewer knows whom they ask for.
    """
    return _fulfilled(Wish(viewer, purpose, like=like), np.random.default_rng(), now or timezone.now())


def _fulfilled(wish: Wish, rng: np.random.Generator, now: datetime.datetime) -> PeopleList:
    """Return the list in force, or a new one."""
    if in_force := _list_in_force(wish, now):
        return in_force
    with transaction.atomic():
        # Two tabs of one person ask for the same list: the second waits and finds what the first wrote.
        locks.hold(wish.viewer.pk)
        return _list_in_force(wish, now) or _new_list(wish, rng, now)


def _list_in_force(wish: Wish, now: datetime.datetime) -> PeopleList | None:
    """Return what is left of the last list, each person checked in the database once more; None if nothing is."""
    surfaces = (Surface.LIKE_THIS if wish.like else Surface.PEOPLE, Surface.SKETCH)
    recent = list(
        Impression.objects.filter(
            viewer=wish.viewer, purpose=wish.purpose, surface__in=surfaces, shown_at__gt=now - LIST_LASTS
        )
        .filter(arms.is_still_served(now))
        .select_related("shown__profile", "shown__photo")
        .order_by("-shown_at", "list_id", "position")
    )
    if not recent:
        return None
    found = _unchanged(wish, recent, now) or _checked_anew(wish, recent, now)
    left = found.impressions
    if not left or (left[0].surface == Surface.SKETCH and _answered(wish.viewer, settings.SHOWN_FROM_ANSWERS)):
        return None
    return found


def _checked_anew(wish: Wish, recent: Sequence[Impression], now: datetime.datetime) -> PeopleList:
    """Return who of the last list of this view may still be shown, each looked up in the database."""
    checked = _check(wish, {impression.shown_id for impression in recent}, now)
    if checked is None:
        return PeopleList()
    last = _last_list(one for one in recent if one.filters == checked.filters)
    left = [one for one in last if one.shown_id in checked.ids]
    return PeopleList(impressions=left, n_eligible=left[0].n_eligible if left else 0, facts=checked.facts)


def _unchanged(wish: Wish, recent: Sequence[Impression], now: datetime.datetime) -> PeopleList | None:
    """Return what is left of the last list of this view if nobody on it changed since it was made; None if one did.

    Whatever else eligibility is made of is noted as a change, or kept apart with the viewer; four queries.
    """
    asked = wish.of_the_view
    last = _last_list(
        one for one in recent if [part for part in one.filters.split("&") if not part.startswith(OWN)] == asked
    )
    # Overnight people grow older.
    if not last or timezone.localdate(now) != timezone.localdate(last[0].shown_at):
        return None
    concerned = [wish.viewer.pk, *(one.shown_id for one in last)]
    if changes.have_changed(concerned, since=last[0].shown_at):
        return None
    apart = eligibility.apart_from(viewer_id=wish.viewer.pk, purpose=wish.purpose, now=now)
    left = [one for one in last if one.shown_id not in apart]
    return PeopleList(impressions=left, n_eligible=last[0].n_eligible)


def _last_list(rows: Iterable[Impression]) -> list[Impression]:
    """Return the newest list among impressions, which come newest first."""
    same = list(rows)
    return [one for one in same if one.list_id == same[0].list_id]


def _new_list(wish: Wish, rng: np.random.Generator, now: datetime.datetime) -> PeopleList:
    """Rank everyone who is eligible, and write who is shown."""
    serving = arms.serving_for(viewer=wish.viewer, now=now)
    if serving is None:
        return PeopleList(obstacle=Obstacle.NO_MODEL)
    unlearn = tastes.to_leave_out(version=serving.version, purpose=wish.purpose, viewer_id=wish.viewer.pk)
    draft = _draft(wish, serving, rng, now, unlearn=unlearn)
    if unlearn:
        serving = Serving(publishing.likeness_version_for(serving.version.measurement_version))
    if isinstance(draft, Obstacle):
        return PeopleList(obstacle=draft)
    # Somebody may have left or blocked the viewer since the arrays were read.
    checked = _check(wish, draft.shown_ids, now) if draft else None
    if draft is None or checked is None:
        return PeopleList(obstacle=_obstacle(wish))
    if draft.is_sketch and not questions.may_sketch(user=wish.viewer):
        return PeopleList(obstacle=Obstacle.EMAIL)
    impressions = _impressions(wish, draft, checked, serving, now)
    outlook = _outlook(wish, draft, impressions, serving.version)
    displayed.put_on(impressions=impressions, version=serving.version.measurement_version, outlook=outlook, now=now)
    _write(impressions)
    exposure.count(impressions=impressions, now=now)
    return PeopleList(
        impressions=impressions, n_eligible=draft.n_eligible, n_others=draft.n_others, facts=checked.facts
    )


def _draft(
    wish: Wish, serving: Serving, rng: np.random.Generator, now: datetime.datetime, *, unlearn: Learned | None
) -> Draft | Obstacle | None:
    """Return who would stand in a new list, by what this process knows; None for a viewer who is not among them.

    With `unlearn`, what the version has learned, likeness alone decides.
    """
    viewer, purpose, version = wish.viewer, wish.purpose, serving.version
    apart = eligibility.apart_from(viewer_id=viewer.pk, purpose=purpose, now=now)
    corrections = {} if unlearn else tastes.corrections_for(version=version, purpose=purpose, viewer_id=viewer.pk)
    with population.of(version=version, purpose=purpose, other=serving.other).hold(now=now) as held:
        everybody = held.by_likeness(unlearn) if unlearn else held
        position = everybody.facts.position_of(viewer.pk)
        if position is None:
            return None
        if obstacle := _obstacle_at(everybody, position):
            return obstacle
        if wish.like is None:
            return drafts.draft(
                everybody, position, apart=apart, narrowing=wish.narrowing, corrections=corrections, rng=rng
            )
        candidates = drafts.best(
            everybody, position, apart=apart, but=wish.like.pk, n=MOST_CONSIDERED, corrections=corrections
        )
    # Blurring takes milliseconds, in which nobody else should wait for the arrays.
    likeness = displayed.resemblance(
        to_id=wish.like.pk, user_ids=candidates.shown_ids, version=version.measurement_version
    )
    return candidates.reordered(reciprocal.best(likeness, settings.LIST_SIZE))


def _obstacle_at(everybody: Everybody, position: int) -> Obstacle | None:
    """Return what keeps the person at a position from seeing anybody, if anything does."""
    if everybody.facts.visibility[position] == people.NOBODY:
        return Obstacle.HIDDEN
    return None if everybody.room_left[position] else Obstacle.NO_ROOM


def _check(wish: Wish, shown_ids: Collection[int], now: datetime.datetime) -> Checked | None:
    """Look in the database who of several people may be shown to the viewer now; None if the viewer may see nobody.

    A fixed number of queries.
    """
    facts = people.eligibility_facts(
        purpose=wish.purpose, day=timezone.localdate(now), user_ids={wish.viewer.pk, *shown_ids}
    )
    position = facts.position_of(wish.viewer.pk)
    if position is None:
        return None
    found = eligibility.eligible(
        facts=facts,
        viewer=position,
        apart=eligibility.apart_from(viewer_id=wish.viewer.pk, purpose=wish.purpose, now=now),
        narrowing=wish.narrowing,
        room_left=room.left(facts=facts, purpose=wish.purpose, now=now),
    )
    return Checked(ids=set(facts.user_ids[found].tolist()), filters=wish.canonical(facts, position), facts=facts)


def _impressions(
    wish: Wish, draft: Draft, checked: Checked, serving: Serving, now: datetime.datetime
) -> list[Impression]:
    """Return what a new list consists of, not saved yet and without what is displayed of each."""
    n_verdicts = Verdict.objects.filter(actor=wish.viewer).count()
    scores_out, scores_in = reciprocal.directed(draft.logit_out), reciprocal.directed(draft.logit_in)
    list_id = uuid.uuid4()
    surface = Surface.SKETCH if draft.is_sketch else Surface.LIKE_THIS if wish.like else Surface.PEOPLE
    return [
        Impression(
            list_id=list_id,
            viewer=wish.viewer,
            shown_id=shown_id,
            purpose=wish.purpose,
            circle=wish.narrowing.circle,
            filters=checked.filters,
            surface=surface,
            position=slot,
            slot_policy=SlotPolicy(draft.slots.policies[slot]),
            propensity=draft.slots.propensities[slot],
            n_eligible=draft.n_eligible,
            score_out=float(scores_out[slot]),
            score_in=float(scores_in[slot]),
            measurement_version_id=serving.version.measurement_version_id,
            preference_version=serving.version,
            experiment_arm=serving.arm,
            n_viewer_verdicts=n_verdicts,
            is_demo=wish.viewer.is_demo or draft.are_demo[slot],
            shown_at=now,
        )
        for slot, shown_id in enumerate(draft.shown_ids)
        if shown_id in checked.ids
    ]


def _outlook(wish: Wish, draft: Draft, impressions: Sequence[Impression], version: PreferenceVersion) -> Outlook:
    """Return how likely the people of a new list are to like the viewer, in the order of its impressions."""
    shown = [impression.shown_id for impression in impressions]
    logits = dict(zip(draft.shown_ids, draft.logit_in.tolist(), strict=True))
    return Outlook(
        logits=np.array([logits[user_id] for user_id in shown]),
        among=draft.among,
        deviations=tastes.deviations_of(
            version=version, purpose=wish.purpose, viewer_id=wish.viewer.pk, judge_ids=shown
        ),
    )


def _write(impressions: list[Impression]) -> None:
    """Save a list by one statement, and put the people beside it that the page shows."""
    if not impressions:
        return
    Impression.objects.bulk_create(impressions)
    shown = User.objects.select_related("profile", "photo").in_bulk([impression.shown_id for impression in impressions])
    for impression in impressions:
        impression.shown = shown[impression.shown_id]


def _obstacle(wish: Wish) -> Obstacle:
    """Return why a person is not among those who can be ranked."""
    chosen = Preference.objects.filter(user=wish.viewer, purpose=wish.purpose, is_active=True)
    if not chosen.exists():
        return Obstacle.PURPOSE
    if Profile.objects.filter(user=wish.viewer, is_paused=True).exists():
        return Obstacle.PAUSED
    if chosen.filter(visibility=Visibility.NOBODY).exists():
        return Obstacle.HIDDEN
    return Obstacle.NOT_PLACED if _answered(wish.viewer, settings.SKETCH_FROM_ANSWERS) else Obstacle.ANSWERS


def _answered(viewer: User, n: int) -> bool:
    """Whether a person has answered at least so much."""
    return AnswerSheet.objects.filter(user=viewer, is_current=True, n_answered__gte=n).exists()
