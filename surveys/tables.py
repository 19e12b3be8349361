"""Tables of a training's story as files for a spreadsheet."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpResponse

Cell = str | int | float | None


@dataclass(frozen=True)
class Table:
    """Numbers that stand on a page, with full precision."""

    slug: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]

    def csv(self) -> str:
        """Return the table for a spreadsheet; what is not known is empty."""
        file = io.StringIO()
        writer = csv.writer(file)
        writer.writerow(self.columns)
        writer.writerows([_plain(cell) for cell in row] for row in self.rows)
        return file.getvalue()


def answer(table: Table, *, name: str) -> HttpResponse:
    """Return a table as a file to download."""
    headers = {"Content-Disposition": f'attachment; filename="{name}-{table.slug}.csv"'}
    return HttpResponse(table.csv(), content_type="text/csv; charset=utf-8", headers=headers)


def _plain(cell: Cell) -> Cell:
    """Keep a text a text that a spreadsheet would take for a formula."""
    if cell is None:
        return ""
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell
