"""What stands on a dashboard: a table of numbers, the same as CSV, and a chart of them."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from ml.metric_histograms import Estimate

Cell = str | int | float | Estimate | None
Kind = Literal["text", "count", "number", "change", "written", "figure"]
NOT_ENOUGH = "not enough data"
# From here on decimals are noise.
WITHOUT_DECIMALS = 1000


@dataclass(frozen=True)
class Column:
    """A column, and how its cells are written."""

    name: str
    kind: Kind = "figure"
    """``written``: a number that is a text already."""


@dataclass(frozen=True)
class Written:
    """How a cell is read."""

    text: str
    rests_on: str = ""
    """Interval and number of observations."""
    heat: int | None = None
    """The figure in tenths, from 0 to 10."""
    kind: str = "figure"


@dataclass(frozen=True)
class Panel:
    """One part of a dashboard."""

    slug: str
    title: str
    text: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    chart: dict[str, Any] | None = None
    is_heat_map: bool = False

    @property
    def chart_id(self) -> str:
        """The id of the element with the chart's numbers."""
        return f"{self.slug}-numbers"

    @property
    def is_drawn(self) -> bool:
        """Whether the chart has anything to draw; axes alone say nothing."""
        return self.chart is not None and any(
            value is not None for series in self.chart["series"] for value in series["values"]
        )

    @property
    def lines(self) -> Iterator[list[Written]]:
        """The rows as they are read."""
        for row in self.rows:
            yield [written(cell, column.kind) for cell, column in zip(row, self.columns, strict=True)]

    def csv(self) -> str:
        """Return the table for a spreadsheet: a figure takes four columns, and what is not known is empty."""
        file = io.StringIO()
        writer = csv.writer(file)
        parts = ("", ", low", ", high", ", n")
        writer.writerow(
            name
            for column in self.columns
            for name in ([column.name + part for part in parts] if column.kind == "figure" else [column.name])
        )
        for row in self.rows:
            writer.writerow(value for cell in row for value in _values(cell))
        return file.getvalue()


def written(cell: Cell, kind: Kind) -> Written:
    """Return how a cell is read, its interval and the number of observations."""
    if isinstance(cell, Estimate):
        n = f"n {cell.n:,}"
        if cell.value is None or cell.low is None or cell.high is None:
            return Written(NOT_ENOUGH, n)
        interval = f"{cell.low:.3f} to {cell.high:.3f}, {n}"
        return Written(f"{cell.value:.3f}", interval, min(10, max(0, round(10 * cell.value))))
    if cell is None:
        return Written("–", kind=kind)
    if kind == "change" and not isinstance(cell, str):
        return Written(_signed(cell), kind=kind)
    if kind == "number" and isinstance(cell, float):
        return Written(f"{cell:,.{_decimals(cell)}f}", kind=kind)
    return Written(f"{cell:,}" if isinstance(cell, int) else str(cell), kind=kind)


def _signed(change: float) -> str:
    """Return a change with its sign; one that rounds to nothing has none."""
    text = f"{change:+,}" if isinstance(change, int) else f"{change:+,.{_decimals(change)}f}"
    return text if text.strip("+-0.,") else text[1:]


def _decimals(value: float) -> int:
    """Return how many decimals say something of a number of this size."""
    return 3 if abs(value) < WITHOUT_DECIMALS else 0


def line(name: str, estimates: Sequence[Estimate], hue: int, **more: Any) -> dict[str, Any]:
    """Return a series of a chart, with the interval around it."""
    return {
        "name": name,
        "values": [one.value for one in estimates],
        "low": [one.low for one in estimates],
        "high": [one.high for one in estimates],
        "hue": hue,
    } | more


def _values(cell: Cell) -> list[str | int | float]:
    if isinstance(cell, Estimate):
        return ["" if value is None else value for value in (cell.value, cell.low, cell.high, cell.n)]
    if cell is None:
        return [""]
    # A text that a spreadsheet would take for a formula stays a text.
    return [f"'{cell}" if isinstance(cell, str) and cell[:1] in "=+-@\t\r" else cell]
