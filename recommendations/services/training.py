"""A whole training of either model: a run is claimed, a candidate trained, and the new pair published."""

import datetime
import logging
import traceback

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from ml.pipeline import TrainingConfig
from recommendations.services import arms, learning, publishing
from surveys.models import TrainingRun
from surveys.services import due, leases, models, training
from surveys.services.training import Say

MEASUREMENT, PREFERENCE = TrainingRun.Kind.MEASUREMENT, TrainingRun.Kind.PREFERENCE

logger = logging.getLogger(__name__)


class BusyError(Exception):
    """Another worker is training; what was asked for waits its turn."""


def retrain(
    *,
    kind: TrainingRun.Kind = MEASUREMENT,
    asked_by: User | None = None,
    config: TrainingConfig | None = None,
    say: Say = training.silent,
) -> TrainingRun:
    """Ask for a training and do it here and now; the run says how it ended.

    Raises
    ------
    BusyError
        When another worker is training already.
    """
    training.clear_away_dead(kind=kind)
    # In one transaction, so that no worker takes the run from under the one who asked.
    with transaction.atomic():
        training.request(kind=kind, asked_by=asked_by)
        run = leases.claim(kind=kind)
    if run is None:
        raise BusyError("Another training is running; this one waits, and the worker does it next.")
    return _carry_out(run, config, say)


def continue_training(*, config: TrainingConfig | None = None) -> TrainingRun | None:
    """Do the training that waits, if one does, or the one whose worker stopped; safe to call at any time.

    A measurement model goes first: what is learned of people is learned on the places that it gives.
    """
    for kind in (MEASUREMENT, PREFERENCE):
        training.clear_away_dead(kind=kind)
        run = leases.claim(kind=kind)
        if run is not None:
            return _carry_out(run, config, training.silent)
    version = models.active_version()
    if version is not None:
        # An import after the last training brought respondents who have no place yet.
        training.place_respondents(version=version)
    return None


def request_learning(*, asked_by: User | None = None) -> TrainingRun | None:
    """Ask for the preference model to learn; None while an experiment goes on, or there are too few verdicts."""
    if arms.why_learning_waits(timezone.now()) or not learning.is_worthwhile():
        return None
    return training.request(kind=PREFERENCE, asked_by=asked_by)


def request_when_due(*, now: datetime.datetime) -> TrainingRun | None:
    """Ask for the measurement model to be trained; None while it is not due, or an experiment would end by it."""
    return None if arms.why_learning_waits(now) or not due.is_due(now=now) else training.request()


def _carry_out(run: TrainingRun, config: TrainingConfig | None, say: Say) -> TrainingRun:
    """Train and publish; whatever goes wrong, the pair in use goes on serving and the reason stands on the run."""
    try:
        with leases.renewed(run=run):
            if run.kind == PREFERENCE:
                _learn(run, say)
            else:
                _train(run, config, say)
    except (training.RefusedError, publishing.MismatchError) as reason:
        _give_up(run, TrainingRun.Status.REFUSED, str(reason))
    except KeyboardInterrupt:
        _give_up(run, TrainingRun.Status.FAILED, "Stopped by hand.")
        raise
    except Exception as error:
        _log(run, error)
        _give_up(run, TrainingRun.Status.FAILED, f"An unexpected error ended the training ({type(error).__name__}).")
    else:
        training.forget_old_places()
        learning.forget_old_tastes()
    return run


def _train(run: TrainingRun, config: TrainingConfig | None, say: Say) -> None:
    """Train a measurement model and publish it; what was learned of people is then learned anew on its places."""
    version = training.run_measurement(run=run, config=config, say=say)
    say("Publishing.")
    with transaction.atomic():
        _end(run)
        publishing.publish(measurement_version=version)
    request_learning()


def _learn(run: TrainingRun, say: Say) -> None:
    """Learn from all verdicts and publish what was learned."""
    _refuse_during_an_experiment()
    candidate = learning.learn(run=run, say=say)
    say("Publishing.")
    with transaction.atomic():
        _end(run)
        _refuse_during_an_experiment()
        publishing.publish(preference_version=learning.store(candidate=candidate))


def _refuse_during_an_experiment() -> None:
    """Publish nothing over an experiment that waits for its decision."""
    if reason := arms.why_learning_waits(timezone.now()):
        raise training.RefusedError(reason)


def _end(run: TrainingRun) -> None:
    """End the run together with its publication, both or neither; one that was taken for dead publishes nothing."""
    leases.end(run=run, status=TrainingRun.Status.SUCCEEDED)


def _give_up(run: TrainingRun, status: TrainingRun.Status, reason: str) -> None:
    """Remove what the run has made and write why it ended."""
    training.discard_candidate(run=run)
    try:
        leases.end(run=run, status=status, error=reason)
    except leases.LeaseLostError:
        run.refresh_from_db()


def _log(run: TrainingRun, error: Exception) -> None:
    """Log where an error came from without its message, which may quote a row."""
    frames = "".join(traceback.format_tb(error.__traceback__))
    logger.error("Training run %s ended by %s:\n%s", run.pk, type(error).__name__, frames)
