"""Training the measurement model: from everybody's answers to a candidate that is ready to be published."""

import hashlib
import io
from collections.abc import Callable
from importlib import resources
from typing import Any

import numpy as np
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone
from numpy.typing import NDArray

from accounts.models import User
from ml import artifacts, gates, pipeline, reliability, responses
from ml.measurement import MeasurementModel
from ml.pipeline import TrainingConfig
from surveys import datasets
from surveys.datasets import TrainingArrays
from surveys.models import MeasurementVersion, Placement, TrainingRun
from surveys.services import leases, models, placing

Say = Callable[[str], None]

# Kaiser calls data below this unfit for factor analysis.
LEAST_ADEQUACY = 0.5
# A run that is given up by its worker is tried again, but not for ever: the data may be what kills it.
MOST_DEATHS_IN_A_ROW = 3


class RefusedError(Exception):
    """The candidate did not pass its gates; the message says which, in one sentence."""


def silent(_line: str) -> None:
    """Say nothing: what is said while training unless somebody listens."""


def request(*, kind: str = TrainingRun.Kind.MEASUREMENT, asked_by: User | None = None) -> TrainingRun:
    """Ask for a training; whoever asks while one is waiting gets that one."""
    run, _ = TrainingRun.objects.get_or_create(
        kind=kind, status=TrainingRun.Status.WAITING, defaults={"asked_by": asked_by}
    )
    return run


@transaction.atomic
def clear_away_dead(*, kind: str) -> None:
    """End a run whose worker stopped, remove what it left behind and, unless this happens again and again, retry."""
    run = leases.release_dead(kind=kind)
    if run is None:
        return
    discard_candidate(run=run)
    finished = TrainingRun.objects.filter(kind=kind, finished_at__isnull=False).order_by("-finished_at", "-pk")
    latest = list(finished.values_list("error", flat=True)[:MOST_DEATHS_IN_A_ROW])
    if latest != [leases.WORKER_STOPPED] * MOST_DEATHS_IN_A_ROW:
        request(kind=kind, asked_by=run.asked_by)


def run_measurement(*, run: TrainingRun, config: TrainingConfig | None = None, say: Say = silent) -> MeasurementVersion:
    """Train a candidate and place everyone under it; the model in use goes on serving, and nothing is published.

    Raises
    ------
    RefusedError
        When the data are degenerate, or the candidate fails a gate (:mod:`ml.gates`).
    """
    say("Gathering answers.")
    arrays = datasets.training_arrays()
    run.n_respondents, run.n_members = arrays.n_respondents, arrays.n_members
    run.report = {"data": data_report(arrays)}
    run.save(update_fields=["n_respondents", "n_members", "report"])
    say(f"Training on {arrays.n_respondents} respondents and {arrays.n_members} members.")
    in_use = _model_in_use()
    model = _train(arrays, in_use, config)
    run.report = model.report | {
        "data": model.report["data"] | run.report["data"],
        "differential_functioning": functioning_of_items(),
    }
    run.save(update_fields=["report"])
    say("Comparing the candidate with the model in use." if in_use else "Judging the candidate.")
    _pass_gates(run, model, in_use, arrays)
    version = _store(run, model)
    say("Placing everyone under the candidate.")
    placing.place_everyone(version=version)
    place_respondents(version=version)
    return version


def functioning_of_items() -> dict[str, Any]:
    """Return which items work otherwise in some groups of respondents; of members nothing of the kind is asked.

    Empty without a seed dataset.
    """
    answers, groups = datasets.grouped_respondents()
    return reliability.differential_functioning(answers, groups) if len(answers) else {}


def refuse_unfit(candidate: MeasurementModel) -> None:
    """Let a candidate pass whose answers hang together.

    Raises
    ------
    RefusedError
        When they do so too little for any model.
    """
    adequacy = candidate.report["correlations"]["kmo"]
    if not adequacy >= LEAST_ADEQUACY:
        raise RefusedError(
            f"The answers hang together too little: sampling adequacy {adequacy:.2f}, at least {LEAST_ADEQUACY} needed."
        )


def _pass_gates(
    run: TrainingRun, candidate: MeasurementModel, in_use: MeasurementModel | None, arrays: TrainingArrays
) -> None:
    """Write on the run how the candidate was judged, and refuse it when it fails a gate."""
    refuse_unfit(candidate)
    try:
        # Other people judge each time, so that no candidate passes for ever by luck.
        judged = gates.judge(candidate, in_use, arrays.answers, weights=_weights(arrays), random_state=run.pk)
    except ValueError as error:
        raise RefusedError(f"The candidate cannot be judged by people it has not seen. {error}") from error
    run.report["gates"] = [gate.as_dict() for gate in judged]
    run.save(update_fields=["report"])
    reasons = [gate.reason for gate in judged if not gate.is_passed]
    if reasons:
        raise RefusedError(" ".join(reasons))


def place_respondents(*, version: MeasurementVersion) -> int:
    """Place the respondents of the latest seed dataset under a version, once, and return how many were placed."""
    return datasets.write_respondent_places(version=version, model=models.model_of(version))


def discard_candidate(*, run: TrainingRun) -> None:
    """Remove the version that a run made and nobody published, with its files and places."""
    version = MeasurementVersion.objects.filter(training_run=run, published_at__isnull=True).first()
    if version is not None:
        places = version.respondent_places.name
        version.delete()
        if places:
            default_storage.delete(places)
    default_storage.delete(_artifact_name(run))


def forget_old_places(*, n_kept: int = 2) -> None:
    """Drop the places of versions that were in use long ago; rolling back to one of them places everyone anew."""
    published = MeasurementVersion.objects.filter(published_at__isnull=False).order_by("-is_active", "-published_at")
    for version in published[n_kept:]:
        Placement.objects.filter(version=version).delete()
        if places := version.respondent_places.name:
            version.respondent_places.name = ""
            version.save(update_fields=["respondent_places"])
            default_storage.delete(places)


@transaction.atomic
def install_reference() -> MeasurementVersion:
    """Return the version of the model that ships with the project; the first call makes it, and the run that shows it.

    The run's report is the one that was written when the reference model was computed.
    """
    content = resources.files("ml").joinpath("reference/model.npz").read_bytes()
    sha256 = hashlib.sha256(content).hexdigest()
    version = MeasurementVersion.objects.filter(is_reference=True, sha256=sha256).first()
    if version is not None:
        return version
    report = artifacts.load_reference().report
    now = timezone.now()
    run = TrainingRun.objects.create(
        kind=TrainingRun.Kind.MEASUREMENT,
        status=TrainingRun.Status.SUCCEEDED,
        started_at=now,
        finished_at=now,
        n_respondents=report["data"]["people"],
        n_members=0,
        report=report,
    )
    return _store_content(run, content, is_reference=True)


def data_report(arrays: TrainingArrays) -> dict[str, Any]:
    """Return, for the report, who was learnt from, who was left out and why, and what each counts."""
    return {
        "seed": arrays.seed,
        "respondents": arrays.n_respondents,
        # Being a minor is the last rule: who is left out for that alone would have been learnt from.
        "respondents_with_minors": arrays.n_respondents + arrays.left_out_respondents.get(responses.MINOR, 0),
        "members": arrays.n_members,
        "respondent_weight": float(arrays.weights[0]) if arrays.n_respondents else 0.0,
        "left_out_respondents": arrays.left_out_respondents,
        "left_out_members": arrays.left_out_members,
    }


def _model_in_use() -> MeasurementModel | None:
    """Return the model that places people now."""
    version = models.active_version()
    return None if version is None else models.model_of(version)


def _train(arrays: TrainingArrays, in_use: MeasurementModel | None, config: TrainingConfig | None) -> MeasurementModel:
    """Train, and turn what the data do not allow into a refusal."""
    try:
        return pipeline.train_measurement(
            arrays.answers,
            weights=_weights(arrays),
            norm_rows=arrays.is_norm,
            config=config,
            previous=in_use,
        )
    except ValueError as error:
        raise RefusedError(str(error)) from error


def _weights(arrays: TrainingArrays) -> NDArray[np.float64] | None:
    """Return what each row counts; equal weights are said by none, which is the same and costs less."""
    return None if (arrays.weights == 1).all() else arrays.weights


def _store(run: TrainingRun, model: MeasurementModel) -> MeasurementVersion:
    """Keep a trained model as a candidate."""
    content = io.BytesIO()
    artifacts.save(model, content)
    return _store_content(run, content.getvalue(), is_reference=False)


def _store_content(run: TrainingRun, content: bytes, *, is_reference: bool) -> MeasurementVersion:
    """Keep a model's file, named for its run so that it is found should the worker stop here, and then its row."""
    name = _artifact_name(run)
    default_storage.delete(name)
    return MeasurementVersion.objects.create(
        training_run=run,
        is_reference=is_reference,
        artifact=default_storage.save(name, ContentFile(content)),
        sha256=hashlib.sha256(content).hexdigest(),
    )


def _artifact_name(run: TrainingRun) -> str:
    """Return where the model of a run is stored."""
    return f"models/run-{run.pk}.npz"
