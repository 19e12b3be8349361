"""Copies of everything about oneself, as JSON and as one table a part."""

import csv
import io
import json
import zipfile
from collections.abc import Iterator
from functools import partial
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import User
from privacy.inventory import INVENTORY, Entry
from privacy.models import Export
from privacy.models.export import LASTS

JSON_NAME = "kindred.json"
READ_ME = (
    "kindred.json holds everything at once, the tables the same part by part. Others appear by a random number only.\n"
    "Answers are in the order of the survey, from 1 (very inaccurate) to 5 (very accurate), null where you gave none.\n"
    "What others said of you is theirs and not in here.\n"
)


def make(*, user: User) -> Export:
    """Write a copy of everything about a person; the copies from before go."""
    parts = {entry.name: list(rows_of(entry, user)) for entry in INVENTORY if entry.exported}
    export = Export(user=user)
    with transaction.atomic():
        # Held, so that two requests at once leave one copy.
        User.objects.select_for_update().get(pk=user.pk)
        remove(user=user)
        export.file.save("", ContentFile(_zipped(parts)), save=False)
        export.save(force_insert=True)
    return export


def of(*, user: User) -> Export | None:
    """Return the copy that a person can fetch now."""
    return Export.objects.filter(user=user, created_at__gt=timezone.now() - LASTS).order_by("-created_at").first()


def remove(*, user: User) -> None:
    """Remove a person's copies; their files go once that is certain."""
    _remove(list(Export.objects.filter(user=user)))


def remove_expired() -> int:
    """Remove every copy whose time is over; return how many."""
    expired = list(Export.objects.filter(created_at__lte=timezone.now() - LASTS))
    _remove(expired)
    return len(expired)


def rows_of(entry: Entry, user: User) -> Iterator[dict[str, Any]]:
    """Return what a model keeps of a person, row by row."""
    for owner in entry.owners:
        own = {name: F(f"{owner}_{name}") for name in entry.own_side}
        rows = entry.model._default_manager.filter(**{owner: user.pk}).order_by("pk")
        for row in rows.values(*entry.exported, **own):
            yield {name: entry.decoded[name](value) if name in entry.decoded else value for name, value in row.items()}


def _remove(exports: list[Export]) -> None:
    for export in exports:
        export.delete()
        transaction.on_commit(partial(default_storage.delete, export.file.name))


def _zipped(parts: dict[str, list[dict[str, Any]]]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("read-me.txt", READ_ME)
        archive.writestr(JSON_NAME, json.dumps(parts, cls=DjangoJSONEncoder, indent=2, ensure_ascii=False))
        for name, rows in parts.items():
            if rows:
                archive.writestr(f"{name}.csv", _table(rows))
    return content.getvalue()


def _table(rows: list[dict[str, Any]]) -> str:
    """Return rows as a table; a cell that a spreadsheet would take for a formula is written as text."""
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(rows[0]))
    writer.writeheader()
    for row in rows:
        writer.writerow({name: _cell(value) for name, value in row.items()})
    return text.getvalue()


def _cell(value: Any) -> Any:
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")):
        return f"'{value}"
    return value
