"""The geometry of line charts: numbers become points of an SVG, drawn on the server."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

WIDTH, HEIGHT = 640.0, 220.0
LEFT, RIGHT, TOP, BOTTOM = 64.0, 12.0, 12.0, 28.0
N_TICKS = 4
MOST_LABELS = 13
MARK_HEIGHT = 15.0


@dataclass(frozen=True)
class Tick:
    """A place on an axis and what stands beside it."""

    at: float
    text: str


@dataclass(frozen=True)
class Point:
    """One value, where it is drawn, and what a pointer resting on it is told."""

    x: float
    y: float
    text: str


@dataclass(frozen=True)
class Mark:
    """A number on the horizontal axis that means something, and what."""

    x: float
    text_y: float
    text: str


@dataclass(frozen=True)
class LineChart:
    """Everything a template needs to draw one line, and a second one to compare it with."""

    title: str
    points: tuple[Point, ...]
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    level: Tick | None
    """A horizontal line with a meaning."""
    compared: tuple[Point, ...] = ()
    """What the line would be by chance."""
    marks: tuple[Mark, ...] = ()
    width: float = WIDTH
    height: float = HEIGHT
    left: float = LEFT
    right: float = WIDTH - RIGHT
    bottom: float = HEIGHT - BOTTOM
    text_right: float = LEFT - 8

    @property
    def path(self) -> str:
        """The line as SVG writes it."""
        return _path(self.points)

    @property
    def compared_path(self) -> str:
        """The second line as SVG writes it."""
        return _path(self.compared)


def _path(points: Sequence[Point]) -> str:
    """Return points as SVG writes them."""
    return " ".join(f"{point.x:.1f},{point.y:.1f}" for point in points)


def line_chart(
    *,
    title: str,
    values: Sequence[tuple[int, float]],
    decimals: int,
    level: float | None = None,
    compared: Sequence[float] = (),
    marks: Mapping[str, int] = MappingProxyType({}),
) -> LineChart:
    """Return the chart of values by number; the vertical axis begins at zero unless something lies below.

    A second line shows what is compared, number by number; marks name numbers, in the order of their names' heights.
    """
    numbers = [number for number, _ in values]
    heights = [value for _, value in values] + list(compared) + ([] if level is None else [level])
    low, high = min(0.0, *heights), max(heights)
    span = (high - low) or 1.0

    def x(number: int) -> float:
        reach = (numbers[-1] - numbers[0]) or 1
        return LEFT + (number - numbers[0]) / reach * (WIDTH - LEFT - RIGHT)

    def y(value: float) -> float:
        return HEIGHT - BOTTOM - (value - low) / span * (HEIGHT - TOP - BOTTOM)

    def points(of: Sequence[float]) -> tuple[Point, ...]:
        return tuple(Point(x(i), y(value), f"{i}: {value:,.{decimals}f}") for i, value in zip(numbers, of, strict=True))

    step = -(-len(numbers) // MOST_LABELS)
    return LineChart(
        title=title,
        points=points([value for _, value in values]),
        x_ticks=tuple(Tick(x(number), str(number)) for number in numbers[::step]),
        y_ticks=tuple(Tick(y(mark), f"{mark:,.{decimals}f}") for mark in _round_marks(low, high)),
        level=None if level is None else Tick(y(level), f"{level:g}"),
        compared=points(compared) if compared else (),
        marks=tuple(
            Mark(x(number), TOP + MARK_HEIGHT * (row + 1), f"{name} {number}")
            for row, (name, number) in enumerate(marks.items())
            if numbers[0] <= number <= numbers[-1]
        ),
    )


def _round_marks(low: float, high: float) -> list[float]:
    """Return multiples of 1, 2 or 5 times a power of ten between two values."""
    rough = ((high - low) or 1.0) / N_TICKS
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough)
    return [step * number for number in range(math.ceil(low / step), math.floor(high / step) + 1)]
