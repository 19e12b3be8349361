"""Trying a version of the preference model beside the one in use: begun and decided by people, never by itself."""

import datetime
from collections.abc import Iterator

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from accounts.models import User
from recommendations.models import Experiment, PreferenceVersion, SampleVerdict, Taste, Verdict
from recommendations.models.experiment import LARGEST_SHARE, MOST_DAYS
from recommendations.services import arms, publishing, tastes


class RefusedError(Exception):
    """What was asked for cannot be done now; the message says why, in one sentence."""


def challengers() -> QuerySet[PreferenceVersion]:
    """Return the versions that can be tried: made for the measurement version in use, and not forgotten."""
    knows_somebody = Exists(Taste.objects.filter(version=OuterRef("pk")))
    versions = PreferenceVersion.objects.filter(measurement_version__is_active=True, is_active=False)
    return versions.filter(Q(kind=PreferenceVersion.Kind.LIKENESS) | Q(knows_somebody)).order_by("-pk")


@transaction.atomic
def start(
    *,
    started_by: User,
    challenger: PreferenceVersion,
    share: int,
    n_days: int,
    note: str,
    now: datetime.datetime | None = None,
) -> Experiment:
    """Begin to try a version; one that has learned something first catches up with what people said since.

    Raises
    ------
    RefusedError
        When another experiment is not decided yet, or this version cannot be compared with the one in use.
    """
    publishing.lock_versions()
    champion = publishing.active_preference_version()
    if champion is None or champion.pk == challenger.pk:
        raise RefusedError("There is nothing to compare this version with.")
    if champion.measurement_version_id != challenger.measurement_version_id:
        raise RefusedError("This version was made for another measurement version.")
    if not challengers().filter(pk=challenger.pk).exists():
        raise RefusedError("What this version had learned of people is forgotten.")
    if not (1 <= share <= LARGEST_SHARE and 1 <= n_days <= MOST_DAYS):
        raise RefusedError(f"At most {LARGEST_SHARE} % of the viewers, for at most {MOST_DAYS} days.")
    if arms.open_experiment() is not None:
        raise RefusedError("Another experiment is not decided yet.")
    Verdict.objects.filter(without_challenger__isnull=False).update(without_challenger=None)
    experiment = Experiment.objects.create(
        champion=champion, challenger=challenger, share=share, n_days=n_days, note=note, started_by=started_by
    )
    if not challenger.weights:
        _begin(experiment, now or timezone.now())
    return experiment


def prepare(*, now: datetime.datetime | None = None) -> None:
    """Bring the challenger in step, and then give lists; safe to call at any time, and again after it broke off.

    Whoever says something meanwhile is followed at once, since the experiment is there already.
    """
    experiment = Experiment.objects.filter(outcome=Experiment.Outcome.OPEN, started_at=None).first()
    if experiment is None:
        return
    for purpose, actor_id in _who_said_something(experiment.challenger):
        if not Experiment.objects.filter(pk=experiment.pk, outcome=Experiment.Outcome.OPEN).exists():
            return
        tastes.catch_up(version=experiment.challenger, purpose=purpose, actor_id=actor_id)
    with transaction.atomic():
        waiting = Experiment.objects.select_for_update().filter(pk=experiment.pk, started_at=None)
        if (found := waiting.filter(outcome=Experiment.Outcome.OPEN).first()) is not None:
            _begin(found, now or timezone.now())


@transaction.atomic
def decide(
    *,
    experiment: Experiment,
    outcome: Experiment.Outcome,
    decided_by: User,
    reason: str,
    now: datetime.datetime | None = None,
) -> Experiment:
    """End an experiment: stop it, keep the champion, or publish the challenger for everybody.

    Raises
    ------
    RefusedError
        When it has ended already, or has given no lists yet and so shows nothing.
    """
    publishing.lock_versions()
    found = Experiment.objects.select_for_update().get(pk=experiment.pk)
    if not found.is_open:
        raise RefusedError("This experiment has ended already.")
    if outcome != Experiment.Outcome.STOPPED and found.started_at is None:
        raise RefusedError("This experiment has not begun yet; it can only be stopped.")
    if outcome == Experiment.Outcome.PUBLISHED:
        publishing.publish(preference_version=found.challenger)
        Experiment.objects.filter(pk=found.pk).update(reason=reason, decided_by=decided_by)
    else:
        arms.end(experiment=found, outcome=outcome, now=now or timezone.now(), reason=reason, decided_by=decided_by)
    found.refresh_from_db()
    return found


def _begin(experiment: Experiment, now: datetime.datetime) -> None:
    experiment.started_at, experiment.ends_at = now, now + datetime.timedelta(days=experiment.n_days)
    experiment.save(update_fields=["started_at", "ends_at"])


def _who_said_something(version: PreferenceVersion) -> Iterator[tuple[str, int]]:
    """Yield whose taste a version has to learn, by purpose."""
    for purpose in version.weights:
        said = Verdict.objects.filter(purpose=purpose, is_current=True).values_list("actor_id", flat=True)
        said_of_samples = SampleVerdict.objects.filter(purpose=purpose, is_current=True).values_list("actor_id")
        actor_ids = set(said.order_by().distinct()) | {actor_id for (actor_id,) in said_of_samples.order_by()}
        for actor_id in sorted(actor_ids):
            yield purpose, actor_id
