"""Loadings as heat maps: numbers in cells that are coloured by their size, a class for each of a few ranges."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from numpy.typing import NDArray

from ml.items import GLOBAL_FACTORS, ITEMS, SCALES
from surveys.models import MeasurementVersion, TrainingRun
from surveys.services import models
from surveys.tables import Cell, Table

# Below the first a cell is not coloured; beyond the last it cannot get darker.
RANGES = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6)


@dataclass(frozen=True)
class HeatCell:
    """One loading, as it is read and as it is coloured."""

    text: str
    shade: str


@dataclass(frozen=True)
class HeatRow:
    """What loads, and on what how much."""

    name: str
    group: str
    cells: tuple[HeatCell, ...]

    @property
    def drawn(self) -> SafeString:
        """The cells of a table's row: thousands of them stand on a page, which a template is slow at."""
        return format_html_join("", '<td class="{}">{}</td>', ((cell.shade, cell.text) for cell in self.cells))


@dataclass(frozen=True)
class HeatMap:
    """A table of loadings."""

    columns: tuple[str, ...]
    rows: tuple[HeatRow, ...]


def missing(run: TrainingRun) -> str:
    """Return why the loadings of a run cannot be shown; nothing when they can."""
    version = version_of(run)
    if version is None:
        return "No version came of this run, so its loadings were not kept."
    return why_unreadable(version)


def why_unreadable(version: MeasurementVersion) -> str:
    """Return what is the matter with a version's stored model; nothing when it can be read."""
    try:
        models.model_of(version)
    except OSError:
        return f"The stored model of {str(version).lower()} is missing on disk."
    except (models.ArtifactDamagedError, ValueError):
        return f"The stored model of {str(version).lower()} is damaged."
    return ""


def version_of(run: TrainingRun) -> MeasurementVersion | None:
    """Return the version that a run made, if one was kept."""
    return getattr(run, "measurement_version", None)


def of_items(version: MeasurementVersion) -> HeatMap:
    """Return the items' loadings on the factors of the space, each item beside those that load where it does."""
    loadings = models.model_of(version).space_loadings
    rows = tuple(
        HeatRow(ITEMS[item].text, ITEMS[item].scale, tuple(_cell(value) for value in loadings[item]))
        for item in _in_blocks(loadings)
    )
    return HeatMap(tuple(str(number) for number in range(1, loadings.shape[1] + 1)), rows)


def of_scales(globals_: Sequence[dict[str, list[float]]]) -> HeatMap | None:
    """Return the scales' loadings on the global factors from a report; None where the report has none."""
    if not globals_:
        return None
    rows = tuple(
        HeatRow(scale.name, scale.letter, tuple(_cell(found["loadings"][i]) for found in globals_))
        for i, scale in enumerate(SCALES)
    )
    return HeatMap(tuple(factor.name for factor in GLOBAL_FACTORS), rows)


def table_of_items(version: MeasurementVersion) -> Table:
    """Return the items' loadings with all their digits, and their communalities."""
    loadings = models.model_of(version).space_loadings
    rows: list[list[Cell]] = [
        [ITEMS[item].scale, ITEMS[item].text, *loadings[item].tolist(), float((loadings[item] ** 2).sum())]
        for item in _in_blocks(loadings)
    ]
    numbers = [f"Factor {number}" for number in range(1, loadings.shape[1] + 1)]
    return Table("loadings", ["Scale", "Item", *numbers, "Communality"], rows)


def _in_blocks(loadings: NDArray[np.float64]) -> list[int]:
    """Return the items by the factor on which each loads most, the strongest first."""
    size = np.abs(loadings)
    order: list[int] = np.lexsort((-size.max(axis=1), size.argmax(axis=1))).tolist()
    return order


def _cell(value: float) -> HeatCell:
    """Return a loading without the zero before its point, and the class of its size and sign."""
    shade = int(np.searchsorted(RANGES, abs(value), side="right"))
    sign = "−" if round(value, 2) < 0 else ""
    text = f"{abs(value):.2f}"
    return HeatCell(sign + (text[1:] if text.startswith("0") else text), f"{'less' if value < 0 else 'more'}-{shade}")
