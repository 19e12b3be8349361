"""What a version of the preference model knows: of everybody as vectors, and of one person right after a verdict."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from numpy.typing import NDArray

from accounts.models import Profile, User
from accounts.services import changes
from ml import likeness, preferences
from ml.preferences import People, Personal, Population, Preferences, Verdicts
from recommendations import datasets, feedback
from recommendations.datasets import Places
from recommendations.models import PreferenceVersion, SampleVerdict, Taste, Verdict, VerdictValue
from recommendations.services import arms, locks
from surveys import datasets as survey_datasets
from surveys.services import models

# A scale that lies farther out than this says no more than this.
FARTHEST = 4.0
# So many people are looked up by name; for more, everybody between the first and the last.
MANY = 500
# What the verdicts of a person teach at once; the rest of a row is of the last fit.
LEARNED_AT_ONCE = ("generosity", "generosity_variance", "taste", "taste_variance")
Rows = TypeVar("Rows", People, Personal)


def people_of(places: Places, full_reliability: NDArray[np.floating]) -> People:
    """Return what the preference model knows of people by their answers alone.

    Likeness is what `ml.placement.expected_likeness` says, taken apart into two vectors.
    """
    return People(np.clip(places.scales, -FARTHEST, FARTHEST), *likeness.likeness_vectors(places, full_reliability))


def stored(population: Population) -> dict[str, Any]:
    """Return what a population shares as a version keeps it."""
    return {name: np.asarray(value).tolist() for name, value in vars(population).items()}


def population_of(version: PreferenceVersion, purpose: str) -> Population | None:
    """Return what a version has learned for a purpose; None where it goes by likeness."""
    weights: Mapping[str, Any] | None = version.weights.get(purpose)
    if weights is None:
        return None
    return Population(
        intercept=float(weights["intercept"]),
        likeness=float(weights["likeness"]),
        level_out=np.array(weights["level_out"]),
        level_in=np.array(weights["level_in"]),
        product=np.array(weights["product"]),
        difference=np.array(weights["difference"]),
        covariance=np.array(weights["covariance"]),
        taste_variance=float(weights["taste_variance"]),
    )


def preferences_of(
    version: PreferenceVersion, purpose: str, people: People, user_ids: NDArray[np.int64]
) -> Preferences:
    """Return the model as it stands for some people, in their order, which is that of ascending ids; one query."""
    population = population_of(version, purpose)
    if population is None:
        return preferences.likeness_only(people)
    some = user_ids.tolist() if len(user_ids) <= MANY else range(int(user_ids[0]), int(user_ids[-1]) + 1)
    known = feedback.learned_tastes(version=version, purpose=purpose, user_ids=some)
    personal = preferences.newcomers(population, len(people))
    _, rows, of_known = np.intersect1d(user_ids, known.user_ids, return_indices=True)
    for name, values in vars(personal).items():
        if rows.size:
            values[rows] = getattr(known, name)[of_known]
    return Preferences(population, personal)


def vectors_of(
    version: PreferenceVersion, purpose: str, places: Places
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return people as those who choose and as those who are chosen; the product of two rows is a logit."""
    model = models.model_of(version.measurement_version)
    people = people_of(places, model.full_reliability)
    if population_of(version, purpose) is None:
        # The logit is the likeness: what nothing was learned of needs no columns.
        return people.likeness_out, people.likeness_in
    return preferences_of(version, purpose, people, places.user_ids).vectors(people)


def without_their_verdicts(
    *, version: PreferenceVersion, purpose: str, viewer_id: int, scales: NDArray[np.floating]
) -> dict[int, float]:
    """Return, for whoever has judged a person, by how much the logit of that judge must be corrected.

    What somebody said of the viewer must not be read from the viewer's list: the judge's generosity and taste are
    taken as they were without that verdict. Two queries.
    """
    if population_of(version, purpose) is None:
        return {}
    column = arms.column_of(version)
    said = Verdict.objects.filter(target=viewer_id, purpose=purpose, is_current=True, **{f"{column}__isnull": False})
    rows = dict(said.order_by("actor_id").values_list("actor_id", column))
    if not rows:
        return {}
    now = feedback.learned_tastes(version=version, purpose=purpose, user_ids=rows.keys())
    before = feedback.vectors([rows[user_id] or b"" for user_id in now.user_ids.tolist()])
    if not len(before):
        return {}
    seen = np.clip(scales, -FARTHEST, FARTHEST)
    corrections = before[:, 0] - now.generosity + (before[:, 1:] - now.taste) @ seen
    return dict(zip(now.user_ids.tolist(), corrections.tolist(), strict=True))


def corrections_for(*, version: PreferenceVersion, purpose: str, viewer_id: int) -> dict[int, float]:
    """Return what `without_their_verdicts` does for somebody whose scales are still to be read; nobody by likeness."""
    if population_of(version, purpose) is None:
        return {}
    me = datasets.places_of(version=version.measurement_version, user_ids=[viewer_id])
    if not len(me.user_ids):
        return {}
    return without_their_verdicts(version=version, purpose=purpose, viewer_id=viewer_id, scales=me.scales[0])


def deviations_of(
    *, version: PreferenceVersion, purpose: str, viewer_id: int, judge_ids: Sequence[int]
) -> NDArray[np.float64]:
    """Return how uncertain it is whether some people like a viewer, as standard deviations of logits.

    Infinite where a purpose goes by likeness, whose logits are no calibrated ones. Two queries at most.
    """
    population = population_of(version, purpose)
    if population is None or not judge_ids:
        return np.full(len(judge_ids), np.inf)
    places = datasets.places_of(version=version.measurement_version, user_ids=[viewer_id, *judge_ids])
    people = people_of(places, models.model_of(version.measurement_version).full_reliability)
    model = preferences_of(version, purpose, people, places.user_ids)
    ids = np.array([viewer_id, *judge_ids])
    rows = np.minimum(np.searchsorted(places.user_ids, ids), max(0, len(places.user_ids) - 1))
    is_known = np.isin(ids, places.user_ids)
    if not is_known[0]:
        return np.full(len(judge_ids), np.inf)
    variances = model.variances(people, rows[1:], np.full(len(judge_ids), rows[0]))
    return np.where(is_known[1:], np.sqrt(variances), np.inf)


def follow(*, verdict: Verdict) -> None:
    """Bring the taste of somebody who just said something in step; the caller holds both people.

    The appeal of the other waits for the next fit. A fixed number of queries for each version that is kept in step.
    """
    columns = []
    for version, column in arms.kept_in_step():
        own = _learn_of(version, verdict.actor_id, verdict.purpose)
        if own is not None:
            others = own.verdicts.rows(np.flatnonzero(own.target_ids != verdict.target_id))
            setattr(verdict, column, _bytes(preferences.update(own.model, own.people, 0, others)))
            columns.append(column)
    if columns:
        verdict.save(update_fields=columns)


def follow_sample(*, actor_id: int, purpose: str) -> None:
    """Bring the taste of somebody in step who just said something of a sample person."""
    for version, _ in arms.kept_in_step():
        _learn_of(version, actor_id, purpose)


@transaction.atomic
def catch_up(*, version: PreferenceVersion, purpose: str, actor_id: int) -> None:
    """Bring a version that was not in use in step with everything that somebody has said; safe to do again."""
    locks.hold(actor_id)
    own = _learn_of(version, actor_id, purpose)
    if own is None:
        return
    learned = preferences.with_update(own.model, 0, preferences.update(own.model, own.people, 0, own.verdicts))
    left = preferences.left_out(learned, own.people, 0, own.verdicts).astype("<f4")
    said = dict(Verdict.objects.filter(actor=actor_id, purpose=purpose, is_current=True).values_list("target_id", "pk"))
    column = arms.column_of(version)
    rows = [
        Verdict(pk=said[target_id], **{column: without.tobytes()})
        for target_id, without in zip(own.target_ids.tolist(), left, strict=True)
        if target_id in said
    ]
    Verdict.objects.bulk_update(rows, [column], batch_size=MANY)


@transaction.atomic
def reset(*, user: User) -> None:
    """Forget what was learned about a person's own taste; what they said so far stays said, and teaches it no more."""
    Profile.objects.filter(user=user).update(tastes_since=timezone.now())
    _forget(user)


@transaction.atomic
def be_learned_from(*, user: User, is_learned_from: bool) -> None:
    """Learn from what a person says and what is said of them, or not; what a fit holds of it goes with the next."""
    Profile.objects.filter(user=user).update(is_learned_from=is_learned_from)
    if not is_learned_from:
        _forget(user)
    changes.note(user.pk)


def _forget(user: User) -> None:
    """Remove what is kept of a person's taste, so that they are a newcomer to the model."""
    Taste.objects.filter(user=user).delete()
    Verdict.objects.filter(actor=user).update(without=None, without_challenger=None)
    changes.note(user.pk)


def to_leave_out(*, version: PreferenceVersion, purpose: str, viewer_id: int) -> Population | None:
    """Return what a version has learned where a viewer's lists must do without it; None where they need not."""
    learned = population_of(version, purpose)
    return learned if learned is not None and not is_learned_from(viewer_id) else None


def is_learned_from(user_id: int) -> bool:
    """Whether a person lets the site learn from them."""
    return not Profile.objects.filter(user=user_id, is_learned_from=False).exists()


def taste_rows(
    version: PreferenceVersion, purpose: str, user_ids: NDArray[np.int64], personal: Personal
) -> list[Taste]:
    """Return rows, not saved yet, of what a fit has learned of people."""
    tastes = personal.taste.astype("<f4")
    return [
        Taste(
            version=version,
            user_id=user_id,
            purpose=purpose,
            generosity=float(personal.generosity[row]),
            generosity_variance=float(personal.generosity_variance[row]),
            appeal=float(personal.appeal[row]),
            appeal_variance=float(personal.appeal_variance[row]),
            taste=tastes[row].tobytes(),
            taste_variance=float(personal.taste_variance[row]),
        )
        for row, user_id in enumerate(user_ids.tolist())
    ]


def _learn_of(version: PreferenceVersion, actor_id: int, purpose: str) -> "_Said | None":
    """Fit one person's generosity and taste to all they have said, and keep them; None where nothing is learned."""
    if population_of(version, purpose) is None or not is_learned_from(actor_id):
        return None
    own = _said_by(version, purpose, actor_id)
    if own is None:
        return None
    learned = preferences.update(own.model, own.people, 0, own.verdicts)
    of_actor = preferences.with_update(own.model, 0, learned).personal.rows(np.array([0]))
    (row,) = taste_rows(version, purpose, np.array([actor_id]), of_actor)
    values = {field: getattr(row, field) for field in LEARNED_AT_ONCE}
    of_others = {"appeal": row.appeal, "appeal_variance": row.appeal_variance}
    Taste.objects.update_or_create(
        version=version, user_id=actor_id, purpose=purpose, defaults=values, create_defaults=values | of_others
    )
    changes.note(actor_id)
    return own


@dataclass(frozen=True)
class _Said:
    """The model for somebody in row 0 and whom they judged, members first and then sample people."""

    model: Preferences
    people: People
    verdicts: Verdicts
    target_ids: NDArray[np.int64]
    """Of each verdict; -1 for a sample person."""


def _said_by(version: PreferenceVersion, purpose: str, actor_id: int) -> _Said | None:
    """Return what somebody said of others; None for who has no place."""
    said = feedback.feedback(purpose=purpose, actor_id=actor_id)
    places = datasets.places_of(version=version.measurement_version, user_ids=[actor_id, *said.target_ids.tolist()])
    me = np.flatnonzero(places.user_ids == actor_id)
    if not me.size:
        return None
    full = models.model_of(version.measurement_version).full_reliability
    known = preferences_of(version, purpose, people_of(places, full), places.user_ids)
    order = np.concatenate([me, np.flatnonzero(places.user_ids != actor_id)])
    members = places.rows(order)
    placed, of_members, of_said = np.intersect1d(members.user_ids, said.target_ids, return_indices=True)
    liked = said.liked[of_said]
    people, personal, ids = people_of(members, full), known.personal.rows(order), placed
    samples, liked_samples = _samples(version, purpose, actor_id)
    if samples is not None:
        people = _joined(people, people_of(samples, full))
        personal = _joined(personal, preferences.newcomers(known.population, len(liked_samples)))
        of_members = np.concatenate([of_members, len(members.user_ids) + np.arange(len(liked_samples))])
        liked = np.concatenate([liked, liked_samples])
        ids = np.concatenate([placed, np.full(len(liked_samples), -1)])
    verdicts = Verdicts(np.zeros(len(ids), dtype=np.intp), of_members, liked, np.ones(len(ids)))
    return _Said(Preferences(known.population, personal), people, verdicts, ids)


def _samples(version: PreferenceVersion, purpose: str, actor_id: int) -> tuple[Places | None, NDArray[np.bool_]]:
    """Return where the sample people lie whom somebody judged, and whom of them they liked."""
    said = SampleVerdict.objects.filter(actor=actor_id, purpose=purpose, is_current=True)
    said = said.exclude(actor__profile__tastes_since__gt=F("given_at"))
    values = dict(said.exclude(value=VerdictValue.UNDONE).values_list("respondent_id", "value"))
    places = survey_datasets.respondent_places(version=version.measurement_version) if values else None
    rows = np.flatnonzero(np.isin(places.ids, list(values))) if places is not None else np.empty(0, dtype=np.intp)
    if places is None or not rows.size:
        return None, np.empty(0, dtype=bool)
    liked = np.array([values[respondent] == VerdictValue.LIKE for respondent in places.ids[rows].tolist()])
    found = Places(
        places.ids[rows],
        np.zeros(len(rows), np.int16),
        places.axes[rows],
        places.reliability[rows],
        places.scales[rows],
    )
    return found, liked


def _joined(one: Rows, other: Rows) -> Rows:
    """Return the rows of one and then those of the other."""
    columns = zip(vars(one).values(), vars(other).values(), strict=True)
    return type(one)(*(np.concatenate(pair) for pair in columns))


def _bytes(own: preferences.Update) -> bytes:
    """Return a generosity and a taste as one vector of little-endian float32."""
    return np.concatenate([[own.generosity], own.taste]).astype("<f4").tobytes()
