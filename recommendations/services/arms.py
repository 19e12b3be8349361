"""Which version of the preference model ranks whose lists: one for everybody, or by arm while an experiment goes on."""

import datetime
from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Exists, F, FilteredRelation, OuterRef, Q, QuerySet

from accounts.models import User
from recommendations.models import Arm, Experiment, PreferenceVersion, Verdict

# So long after its time somebody may look at the figures, which are complete after 7 days, before learning goes on.
DECIDED_WITHIN = datetime.timedelta(days=14)


@dataclass(frozen=True)
class Serving:
    """By which version somebody's lists are ranked, and by which those of the other arm."""

    version: PreferenceVersion
    arm: Arm = Arm.ALL
    other: PreferenceVersion | None = None


def serving_for(*, viewer: User, now: datetime.datetime) -> Serving | None:
    """Return what ranks a viewer's lists; None while no model is published. One query."""
    champion, experiment = _in_use()
    if champion is None:
        return None
    if experiment is None or not experiment.assigns_at(now):
        return Serving(champion)
    challenger = experiment.challenger
    if challenger.measurement_version_id != champion.measurement_version_id:
        # Its vectors would be of other axes; no experiment begins like this, and none may go on like this.
        return Serving(champion)
    challenger.measurement_version = champion.measurement_version
    if experiment.arm_of(viewer.public_id) == Arm.CHALLENGER:
        return Serving(challenger, Arm.CHALLENGER, champion)
    return Serving(champion, Arm.CHAMPION, challenger)


def kept_in_step() -> Iterator[tuple[PreferenceVersion, str]]:
    """Yield the versions that follow what people say, each with the column of what somebody is without a verdict."""
    champion, experiment = _in_use()
    if champion is None:
        return
    yield champion, column_of(champion)
    if experiment is not None:
        experiment.challenger.measurement_version = champion.measurement_version
        yield experiment.challenger, column_of(experiment.challenger)


def column_of(version: PreferenceVersion) -> str:
    """Return where a version keeps what the actor of a verdict would be without it."""
    return "without" if version.is_active else "without_challenger"


def is_still_served(now: datetime.datetime) -> Q:
    """Return which impressions a list in force may consist of: a challenger's lists end with its experiment."""
    open_ones = Experiment.objects.filter(outcome=Experiment.Outcome.OPEN, ends_at__gt=now)
    goes_on = Exists(open_ones.filter(challenger=OuterRef("preference_version")))
    return ~Q(experiment_arm=Arm.CHALLENGER) | Q(preference_version__is_active=True) | Q(goes_on)


def open_experiment() -> Experiment | None:
    """Return the experiment that nothing has ended yet."""
    return Experiment.objects.filter(outcome=Experiment.Outcome.OPEN).first()


def undecided(now: datetime.datetime) -> QuerySet[Experiment]:
    """Return the experiment whose time is over, if it waits for a decision."""
    return Experiment.objects.filter(outcome=Experiment.Outcome.OPEN, ends_at__lte=now)


def why_learning_waits(now: datetime.datetime) -> str:
    """Return why the schedule learns and publishes nothing new at a moment; empty when nothing is in the way."""
    experiment = open_experiment()
    if experiment is None or (experiment.ends_at is not None and now >= experiment.ends_at + DECIDED_WITHIN):
        return ""
    return f"{experiment} is not decided yet; whatever is published now would end it."


def follow_publication(*, version: PreferenceVersion, now: datetime.datetime) -> None:
    """End the open experiment when the version that was just published is not its champion."""
    experiment = Experiment.objects.select_for_update().filter(outcome=Experiment.Outcome.OPEN).first()
    if experiment is None or experiment.champion_id == version.pk:
        return
    if experiment.challenger_id == version.pk:
        end(
            experiment=experiment, outcome=Experiment.Outcome.PUBLISHED, now=now, reason="The challenger was published."
        )
        return
    is_same = experiment.champion.measurement_version_id == version.measurement_version_id
    reason = f"Another {'preference' if is_same else 'measurement'} version was published meanwhile."
    end(experiment=experiment, outcome=Experiment.Outcome.OVERTAKEN, now=now, reason=reason)


def end(
    *,
    experiment: Experiment,
    outcome: Experiment.Outcome,
    now: datetime.datetime,
    reason: str,
    decided_by: User | None = None,
) -> None:
    """Write how an experiment ended; the caller has its row locked. What was kept for the challenger moves or goes."""
    kept = Verdict.objects.filter(without_challenger__isnull=False)
    if outcome == Experiment.Outcome.PUBLISHED:
        kept = Verdict.objects.filter(Q(without__isnull=False) | Q(without_challenger__isnull=False))
        kept.update(without=F("without_challenger"), without_challenger=None)
    else:
        kept.update(without_challenger=None)
    experiment.outcome, experiment.ended_at = outcome, now
    experiment.reason, experiment.decided_by = reason, decided_by
    experiment.save(update_fields=["outcome", "ended_at", "reason", "decided_by"])


def _in_use() -> tuple[PreferenceVersion | None, Experiment | None]:
    """Return the version in use with its measurement version, and the open experiment with it; one query."""
    is_open = FilteredRelation("championed", condition=Q(championed__outcome=Experiment.Outcome.OPEN))
    versions = PreferenceVersion.objects.filter(is_active=True).annotate(experiment=is_open)
    joined: tuple[str, ...] = ("measurement_version", "experiment__challenger")
    version = versions.select_related(*joined).first()
    return version, getattr(version, "experiment", None)
