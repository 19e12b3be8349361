"""Giving answer sheets their place; what is stale is found in the database, never remembered in a queue."""

from collections.abc import Sequence

import numpy as np
from django.db import connection, transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from accounts.services import changes
from ml.items import N_ITEMS
from ml.placement import Placements
from surveys.models import AnswerSheet, MeasurementVersion, Placement
from surveys.services import models

BATCH_SIZE = 1000
VECTORS = ("space", "axes", "reliability", "scales")


def place_sheet(*, sheet: AnswerSheet) -> Placement | None:
    """Place one sheet under the version in use; without one, the sweep does it once there is."""
    version = models.active_version()
    if version is None:
        return None
    _place([sheet], version)
    return Placement.objects.get(sheet=sheet, version=version)


def place_stale(*, limit: int | None = None) -> int:
    """Place current sheets whose place is older than their answers, and return how many."""
    version = models.active_version()
    if version is None:
        return 0
    sheets = list(_stale(version).order_by("changed_at")[: limit or BATCH_SIZE])
    _place(sheets, version)
    return len(sheets)


def place_everyone(*, version: MeasurementVersion) -> int:
    """Place every current sheet that a version has not placed yet, and return how many."""
    n_placed = 0
    while sheets := list(_stale(version).order_by("pk")[:BATCH_SIZE]):
        _place(sheets, version)
        n_placed += len(sheets)
    return n_placed


def waiting() -> QuerySet[AnswerSheet]:
    """Return the sheets that the version in use has not placed as they are now; none without such a version."""
    version = models.active_version()
    return AnswerSheet.objects.none() if version is None else _stale(version)


def _stale(version: MeasurementVersion) -> QuerySet[AnswerSheet]:
    """Return the current sheets with answers that a version has not seen."""
    fresh = Placement.objects.filter(sheet=OuterRef("pk"), version=version, sheet_revision=OuterRef("revision"))
    return AnswerSheet.objects.filter(~Exists(fresh), is_current=True, revision__gt=0)


def _place(sheets: Sequence[AnswerSheet], version: MeasurementVersion) -> None:
    """Compute places and write them in one statement, beside who has a new one where the version is in use."""
    if not sheets:
        return
    answers = np.frombuffer(b"".join(bytes(sheet.answers) for sheet in sheets), dtype=np.int8).reshape(-1, N_ITEMS)
    placed = models.model_of(version).place(answers)
    rows = [_row(sheet, version, placed, index) for index, sheet in enumerate(sheets)]
    # MySQL finds by itself which unique constraint a row meets, and refuses to be told.
    is_told = connection.features.supports_update_conflicts_with_target
    with transaction.atomic():
        Placement.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["sheet", "version"] if is_told else None,
            update_fields=["sheet_revision", "n_answered", *VECTORS, "type", "placed_at"],
        )
        if version.is_active:
            changes.note(*(sheet.user_id for sheet in sheets))


def _row(sheet: AnswerSheet, version: MeasurementVersion, placed: Placements, index: int) -> Placement:
    """Return the row of one placed sheet."""
    vectors = {name: np.asarray(getattr(placed, name)[index], dtype="<f4").tobytes() for name in VECTORS}
    return Placement(
        sheet=sheet,
        version=version,
        sheet_revision=sheet.revision,
        n_answered=sheet.n_answered,
        type=int(placed.types[index]),
        placed_at=timezone.now(),
        **vectors,
    )
