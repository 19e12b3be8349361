"""Sample people: respondents of the seed dataset, shown as such while the site is young, never as members."""

from dataclasses import dataclass

import numpy as np
from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils.crypto import constant_time_compare, salted_hmac

from accounts.models import Circle, Preference, Purpose, User
from ml import placement, reciprocal
from recommendations import datasets
from recommendations.models import SampleVerdict, VerdictValue
from recommendations.services import displayed, locks, publishing, tastes
from recommendations.services.verdicts import VerdictRefusedError
from surveys import datasets as survey_datasets
from surveys.models import SeedImport
from surveys.services import models

MOST_SHOWN = 6
# Among so many of the likest are those looked for with whom there is a reason to give.
MOST_CONSIDERED = 60


@dataclass(frozen=True)
class SamplePerson:
    """What is known of a respondent on a page: a token, and how and why the two are alike."""

    respondent_id: int
    token: str
    label: int
    agreements: list[dict[str, str | int]]


def are_shown() -> bool:
    """Whether the site still has too few members of its own."""
    # Counting further than to the last one that matters would read all members.
    last = max(settings.SAMPLE_PEOPLE_BELOW - 1, 0)
    return settings.SAMPLE_PEOPLE_BELOW > 0 and not User.objects.real()[last : last + 1].exists()


def are_synthetic() -> bool:
    """Whether the respondents were drawn from the reference model, because the real ones could not be fetched."""
    seed = survey_datasets.latest_import()
    return seed is not None and seed.kind == SeedImport.Kind.SYNTHETIC


def list_for(*, viewer: User, purpose: str, circle: Circle | None = None) -> list[SamplePerson]:
    """Return the likest adult respondents whom a person has not judged for a purpose yet.

    Only who is here for the purpose sees any, and nobody does inside a circle.
    """
    if circle is not None or not are_shown():
        return []
    if not Preference.objects.filter(user=viewer, purpose=purpose, is_active=True).exists():
        return []
    return _likest(viewer, purpose, _judged_ids(viewer, purpose))


def standing(*, actor: User) -> QuerySet[SampleVerdict]:
    """Return what a person said of sample people and has not taken back, newest first."""
    said = SampleVerdict.objects.filter(actor=actor, is_current=True).exclude(value=VerdictValue.UNDONE)
    return said.select_related("actor").order_by("-given_at", "-pk")


def token_of(verdict: SampleVerdict) -> str:
    """Return what stands for whom a verdict is about, on the pages of who gave it."""
    return _token(verdict.respondent_id, verdict.actor, verdict.purpose)


def record(*, actor: User, token: str, purpose: str, value: str) -> SampleVerdict:
    """Record what a person says of a sample person; it teaches their own taste only.

    Raises
    ------
    VerdictRefusedError
        When the token belongs to nobody who was shown to this person, or verdict or purpose do not exist.
    """
    if purpose not in Purpose or value not in VerdictValue:
        raise VerdictRefusedError("There is no such purpose or verdict.")
    with transaction.atomic():
        locks.hold(actor.pk)
        respondent_id = _respondent_of(token, actor, purpose)
        former = SampleVerdict.objects.filter(
            actor=actor, respondent_id=respondent_id, purpose=purpose, is_current=True
        )
        current = former.first()
        if current is not None and current.value == value:
            return current
        former.update(is_current=False)
        said = SampleVerdict.objects.create(actor=actor, respondent_id=respondent_id, purpose=purpose, value=value)
        tastes.follow_sample(actor_id=actor.pk, purpose=purpose)
        return said


def _likest(viewer: User, purpose: str, judged: set[int]) -> list[SamplePerson]:
    """Return adult respondents by likeness, each with a reason; the same ones until one of them is judged."""
    version = publishing.active_preference_version()
    if version is None:
        return []
    me = datasets.places_of(version=version.measurement_version, user_ids=[viewer.pk])
    if not len(me.user_ids) or me.n_answered[0] < settings.SHOWN_FROM_ANSWERS:
        return []
    places = survey_datasets.respondent_places(version=version.measurement_version)
    if not len(places):
        return []
    model = models.model_of(version.measurement_version)
    likeness = placement.expected_likeness(me, places, model.full_reliability)[0].astype(np.float64)
    likeness[~places.is_adult | np.isin(places.ids, list(judged))] = -np.inf
    considered = reciprocal.best(likeness, MOST_CONSIDERED)
    considered = considered[np.isfinite(likeness[considered])]
    ids: list[int] = places.ids[considered].tolist()
    shown = displayed.of_respondents(
        viewer=me.scales[0], respondent_ids=ids, scales=places.scales[considered], model=model
    )
    found = [
        SamplePerson(respondent_id, _token(respondent_id, viewer, purpose), label, agreements)
        for respondent_id, (label, agreements) in zip(ids, shown, strict=True)
        if agreements
    ]
    return found[:MOST_SHOWN]


def _token(respondent_id: int, viewer: User, purpose: str) -> str:
    """Return what stands for a respondent on a page: it tells nothing, and no one else can use it."""
    return salted_hmac(f"recommendations.sample-person.{viewer.pk}.{purpose}", str(respondent_id)).hexdigest()


def _respondent_of(token: str, viewer: User, purpose: str) -> int:
    """Return whom a token stands for, among those who are shown now and those who were judged before."""
    judged = _judged_ids(viewer, purpose)
    candidates = {person.respondent_id for person in _likest(viewer, purpose, judged)} | judged
    for respondent_id in candidates:
        if constant_time_compare(_token(respondent_id, viewer, purpose), token):
            return respondent_id
    raise VerdictRefusedError("This person was not shown to you.")


def _judged_ids(viewer: User, purpose: str) -> set[int]:
    """Return the respondents whom a person has liked or passed."""
    judged = SampleVerdict.objects.filter(actor=viewer, purpose=purpose, is_current=True)
    return set(judged.exclude(value=VerdictValue.UNDONE).values_list("respondent_id", flat=True))
