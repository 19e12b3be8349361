"""When the measurement model is to be trained again: once a week, or as soon as there is clearly more to learn from."""

import datetime

from surveys import datasets
from surveys.models import TrainingRun

LONGEST = datetime.timedelta(days=7)
# People are that many more, as a share of those who were learned from.
GROWTH = 0.05
Status = TrainingRun.Status


def is_due(*, now: datetime.datetime) -> bool:
    """Whether it is time for a training; one that failed does not count, one that was refused does."""
    ended = TrainingRun.objects.filter(
        kind=TrainingRun.Kind.MEASUREMENT, status__in=(Status.SUCCEEDED, Status.REFUSED), started_at__isnull=False
    )
    last = ended.order_by("-started_at").first()
    if last is None or last.started_at is None or now - last.started_at >= LONGEST:
        return True
    seed = datasets.latest_import()
    if seed is not None and seed.imported_at > last.started_at:
        return True
    before = sum(last.report.get("data", {}).get("left_out_members", {}).values()) + (last.n_members or 0)
    learned_from = (last.n_respondents or 0) + (last.n_members or 0)
    return bool(datasets.sheets_to_learn_from().count() - before >= max(1, GROWTH * learned_from))
