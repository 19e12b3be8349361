"""Learning who likes whom: from all verdicts that stand to a new version of the preference model."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.conf import settings
from django.db import transaction
from django.db.models import Count
from numpy.typing import NDArray

from accounts.models import Purpose
from ml import preference_evaluation, preference_gates, preferences
from ml.preferences import People, Population, Preferences, Verdicts
from recommendations import datasets, feedback
from recommendations.feedback import Feedback
from recommendations.models import PreferenceVersion, Taste, Verdict
from recommendations.services import arms, publishing, tastes
from surveys.models import MeasurementVersion, TrainingRun
from surveys.services import models, training
from surveys.services.training import RefusedError, Say

BATCH_SIZE = 1000
# Versions whose tastes are kept: the one in use and the one to return to.
KEPT_VERSIONS = 2


# The verdicts of one purpose as rows of the people, and which verdicts of the table they are.
Rows = tuple[Verdicts, NDArray[np.int64]]


@dataclass(frozen=True)
class Candidate:
    """What was learned from the verdicts of each purpose, not stored yet."""

    run: TrainingRun
    measurement: MeasurementVersion
    user_ids: NDArray[np.int64]
    people: People
    rows: Mapping[str, Rows]
    models: Mapping[str, Preferences]


def learn(*, run: TrainingRun, say: Say = training.silent) -> Candidate:
    """Fit a candidate to all verdicts that stand.

    Raises
    ------
    RefusedError
        When there is no measurement model, no purpose has verdicts enough that predict better than likeness does, or
        some purpose would be served worse than by the model in use.
    """
    in_use = publishing.active_preference_version()
    if in_use is None:
        raise RefusedError("There is no measurement model in use yet; train or load one first.")
    measurement = in_use.measurement_version
    say("Gathering verdicts.")
    places = datasets.places_of(version=measurement)
    people = tastes.people_of(places, models.model_of(measurement).full_reliability)
    rows = {purpose: _rows(feedback.feedback(purpose=purpose), places.user_ids) for purpose in Purpose.values}
    learned, report = _learn_each(people, rows, say)
    say("Comparing what was learned with the model in use.")
    reasons = _compare(in_use, people, places.user_ids, rows, learned, report["purposes"])
    run.n_members, run.n_respondents, run.report = len(places.user_ids), 0, report
    run.save(update_fields=["n_members", "n_respondents", "report"])
    if not learned:
        raise RefusedError("No purpose has verdicts enough yet that predict better than likeness does.")
    if reasons:
        raise RefusedError(" ".join(reasons))
    return Candidate(run, measurement, places.user_ids, people, rows, learned)


@transaction.atomic
def store(*, candidate: Candidate) -> PreferenceVersion:
    """Write a version and what it knows of everybody who said something or of whom something was said."""
    version = PreferenceVersion.objects.create(
        measurement_version=candidate.measurement,
        kind=PreferenceVersion.Kind.LEARNED,
        weights={purpose: tastes.stored(model.population) for purpose, model in candidate.models.items()},
        thresholds={purpose: _threshold(candidate.run, purpose) for purpose in candidate.models},
        training_run=candidate.run,
    )
    for purpose, model in candidate.models.items():
        verdicts, ids = candidate.rows[purpose]
        known = np.unique(np.concatenate([verdicts.actors, verdicts.targets]))
        of_known = tastes.taste_rows(version, purpose, candidate.user_ids[known], model.personal.rows(known))
        Taste.objects.bulk_create(of_known, batch_size=BATCH_SIZE)
        _write_without(model, candidate.people, verdicts, ids)
    return version


def is_worthwhile() -> bool:
    """Whether some purpose has verdicts enough; counts every verdict, so a yes may still turn out to be too early."""
    counts = Verdict.objects.filter(is_current=True).values("purpose").annotate(n=Count("pk"))
    return counts.filter(n__gte=settings.LEARN_FROM_VERDICTS).exists()


def forget_old_tastes() -> int:
    """Remove what versions knew of people that nobody returns to; return how many rows that were."""
    kept = PreferenceVersion.objects.filter(published_at__isnull=False).order_by("-is_active", "-published_at", "-pk")
    in_step = {version.pk for version, _ in arms.kept_in_step()}
    in_step.update(kept.values_list("pk", flat=True)[:KEPT_VERSIONS])
    deleted, _ = Taste.objects.exclude(version__in=in_step).delete()
    return deleted


def _threshold(run: TrainingRun, purpose: str) -> float:
    """Return from which probability on a like is predicted; rounded down, so that histograms divide there."""
    return int(run.report["purposes"][purpose]["held_out"]["threshold"] * 1000) / 1000


def _rows(said: Feedback, user_ids: NDArray[np.int64]) -> Rows:
    """Return the verdicts between people who have a place, as rows of these, and the ids of the verdicts."""
    is_placed = np.isin(said.actor_ids, user_ids) & np.isin(said.target_ids, user_ids)
    actors, targets = (np.searchsorted(user_ids, ids[is_placed]) for ids in (said.actor_ids, said.target_ids))
    rows = Verdicts(actors, targets, said.liked[is_placed], np.ones(int(is_placed.sum())))
    return rows, said.verdict_ids[is_placed]


def _learn_each(
    people: People, verdicts: Mapping[str, Rows], say: Say
) -> tuple[dict[str, Preferences], dict[str, Any]]:
    """Return a model for each purpose in which verdicts predict better than likeness, and the report of all."""
    enough = {purpose: rows for purpose, (rows, _) in verdicts.items() if _is_enough(rows)}
    around = _of_all(people, list(enough.values()))
    learned: dict[str, Preferences] = {}
    report: dict[str, Any] = {}
    for purpose, (rows, _) in verdicts.items():
        report[purpose] = {"verdicts": len(rows), "likes": int(rows.liked.sum()), "is_learned": False}
        if purpose not in enough:
            report[purpose]["reason"] = f"Fewer than {settings.LEARN_FROM_VERDICTS} verdicts, or too few of one kind."
            continue
        say(f"Learning from {len(rows)} verdicts: {Purpose(purpose).label}.")
        penalties = preferences.choose_penalties(people, rows)
        held_out = preference_evaluation.against_likeness(people, rows, penalties)
        report[purpose] |= {"held_out": held_out}
        if not held_out["is_better"]:
            report[purpose]["reason"] = "Verdicts do not predict better than likeness does."
            continue
        learned[purpose] = preferences.fit(people, rows, penalties=penalties, around=around)
        report[purpose]["is_learned"] = True
    return learned, {"purposes": report}


def _compare(
    in_use: PreferenceVersion,
    people: People,
    user_ids: NDArray[np.int64],
    verdicts: Mapping[str, Rows],
    learned: Mapping[str, Preferences],
    report: dict[str, Any],
) -> list[str]:
    """Write into the report how each purpose fares beside the model in use; return where it would be served worse."""
    reasons = []
    for purpose, (rows, _) in verdicts.items():
        is_learned = purpose in learned or tastes.population_of(in_use, purpose) is not None
        if not (is_learned and _is_enough(rows)):
            continue
        candidate = learned.get(purpose) or preferences.likeness_only(people)
        served = tastes.preferences_of(in_use, purpose, people, user_ids)
        judged = preference_gates.judge(people, rows, candidate, served)
        report[purpose]["gates"] = [gate.as_dict() for gate in judged]
        reasons += [f"{Purpose(purpose).label}: {gate.reason}" for gate in judged if not gate.is_passed]
    return reasons


def _is_enough(rows: Verdicts) -> bool:
    """Whether there are enough verdicts to learn from, and of both kinds."""
    likes = int(rows.liked.sum())
    return len(rows) >= settings.LEARN_FROM_VERDICTS and min(likes, len(rows) - likes) >= len(rows) // 100 + 10


def _of_all(people: People, parts: list[Verdicts]) -> Population | None:
    """Return what all purposes together show, towards which each is shrunk; None unless there are several."""
    if len(parts) < 2:
        return None
    together = Verdicts(
        *(np.concatenate([getattr(part, name) for part in parts]) for name in ("actors", "targets", "liked", "weights"))
    )
    return preferences.fit(people, together).population


def _write_without(model: Preferences, people: People, rows: Verdicts, ids: NDArray[np.int64]) -> None:
    """Keep with each verdict what its actor would be without it, where its target may still be shown the actor."""
    pairs = set(zip(rows.actors.tolist(), rows.targets.tolist(), strict=True))
    order = np.argsort(rows.actors, kind="stable")
    changed: list[Verdict] = []
    for part in np.split(order, np.flatnonzero(np.diff(rows.actors[order])) + 1):
        left = preferences.left_out(model, people, int(rows.actors[part[0]]), rows.rows(part)).astype("<f4")
        for row, own in zip(part.tolist(), left, strict=True):
            if (int(rows.targets[row]), int(rows.actors[row])) not in pairs:
                changed.append(Verdict(pk=int(ids[row]), without=own.tobytes()))
    Verdict.objects.bulk_update(changed, ["without"], batch_size=BATCH_SIZE)
