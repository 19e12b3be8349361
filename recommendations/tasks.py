"""What the worker does about models; a message is a hint, the rows say what is to be done."""

from celery import shared_task
from django.utils import timezone

from recommendations.services import circles, experiments, exposure, newcomers
from recommendations.services import training as retraining


@shared_task(time_limit=3600)
def continue_training() -> None:
    """Do the training that waits, or the one whose worker stopped."""
    retraining.continue_training()


@shared_task(time_limit=3600)
def prepare_experiment() -> None:
    """Bring a challenger in step that waits to give lists."""
    experiments.prepare()


@shared_task(time_limit=300)
def tend_exposure() -> None:
    """See to it that attention is spread and nobody waits too long."""
    exposure.tend(now=timezone.now())


@shared_task(time_limit=300)
def forget_left_circles() -> None:
    """Take the circle off lists of people who left it."""
    circles.forget_left()


@shared_task(time_limit=600)
def tell_of_newcomers() -> None:
    """Note for who wants to know it that somebody like them has come."""
    newcomers.tell(now=timezone.now())


@shared_task(time_limit=60)
def request_learning() -> None:
    """Ask for the daily learning from verdicts and tell the worker."""
    if retraining.request_learning() is not None:
        continue_training.delay()


@shared_task(time_limit=60)
def request_retrain() -> None:
    """Ask for a training of the measurement model when one is due, and tell the worker."""
    if retraining.request_when_due(now=timezone.now()) is not None:
        continue_training.delay()
