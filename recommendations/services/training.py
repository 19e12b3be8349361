"""A whole retraining: a run is claimed, a candidate trained, everyone placed, and the new pair published."""

import logging
import traceback

from django.db import transaction

from accounts.models import User
from ml.pipeline import TrainingConfig
from recommendations.services import publishing
from surveys.models import MeasurementVersion, TrainingRun
from surveys.services import leases, models, training
from surveys.services.training import Say

KIND = TrainingRun.Kind.MEASUREMENT

logger = logging.getLogger(__name__)


class BusyError(Exception):
    """Another worker is training; what was asked for waits its turn."""


def retrain(
    *, asked_by: User | None = None, config: TrainingConfig | None = None, say: Say = training.silent
) -> TrainingRun:
    """Ask for a training and do it here and now; the run says how it ended.

    Raises
    ------
    BusyError
        When another worker is training already.
    """
    training.clear_away_dead(kind=KIND)
    # In one transaction, so that no worker takes the run from under the one who asked.
    with transaction.atomic():
        training.request(kind=KIND, asked_by=asked_by)
        run = leases.claim(kind=KIND)
    if run is None:
        raise BusyError("Another training is running; this one waits, and the worker does it next.")
    return _carry_out(run, config, say)


def continue_training(*, config: TrainingConfig | None = None) -> TrainingRun | None:
    """Do the training that waits, if one does, or the one whose worker stopped; safe to call at any time."""
    training.clear_away_dead(kind=KIND)
    run = leases.claim(kind=KIND)
    if run is not None:
        return _carry_out(run, config, training.silent)
    version = models.active_version()
    if version is not None:
        # An import after the last training brought respondents who have no place yet.
        training.place_respondents(version=version)
    return None


def _carry_out(run: TrainingRun, config: TrainingConfig | None, say: Say) -> TrainingRun:
    """Train and publish; whatever goes wrong, the pair in use goes on serving and the reason stands on the run."""
    try:
        with leases.renewed(run=run):
            version = training.run_measurement(run=run, config=config, say=say)
            say("Publishing.")
            _publish(run, version)
    except training.RefusedError as reason:
        _give_up(run, TrainingRun.Status.REFUSED, str(reason))
    except KeyboardInterrupt:
        _give_up(run, TrainingRun.Status.FAILED, "Stopped by hand.")
        raise
    except Exception as error:
        _log(run, error)
        _give_up(run, TrainingRun.Status.FAILED, f"An unexpected error ended the training ({type(error).__name__}).")
    else:
        training.forget_old_places()
    return run


def _publish(run: TrainingRun, version: MeasurementVersion) -> None:
    """End the run and publish what it made, both or neither; a run that was taken for dead publishes nothing."""
    with transaction.atomic():
        leases.end(run=run, status=TrainingRun.Status.SUCCEEDED)
        publishing.publish(measurement_version=version)


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
