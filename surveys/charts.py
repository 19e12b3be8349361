"""The geometry of line charts: numbers become points of an SVG, drawn on the server."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 640.0, 220.0
LEFT, RIGHT, TOP, BOTTOM = 64.0, 12.0, 12.0, 28.0
N_TICKS = 4
MOST_LABELS = 13


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
class LineChart:
    """Everything a template needs to draw one line."""

    title: str
    points: tuple[Point, ...]
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    level: Tick | None
    """A horizontal line with a meaning."""
    width: float = WIDTH
    height: float = HEIGHT
    left: float = LEFT
    right: float = WIDTH - RIGHT
    text_right: float = LEFT - 8

    @property
    def path(self) -> str:
        """The line as SVG writes it."""
        return " ".join(f"{point.x:.1f},{point.y:.1f}" for point in self.points)


def line_chart(
    *, title: str, values: Sequence[tuple[int, float]], decimals: int, level: float | None = None
) -> LineChart:
    """Return the chart of values by number; the vertical axis begins at zero unless something lies below."""
    numbers = [number for number, _ in values]
    heights = [value for _, value in values] + ([] if level is None else [level])
    low, high = min(0.0, *heights), max(heights)
    span = (high - low) or 1.0

    def x(number: int) -> float:
        reach = (numbers[-1] - numbers[0]) or 1
        return LEFT + (number - numbers[0]) / reach * (WIDTH - LEFT - RIGHT)

    def y(value: float) -> float:
        return HEIGHT - BOTTOM - (value - low) / span * (HEIGHT - TOP - BOTTOM)

    step = -(-len(numbers) // MOST_LABELS)
    marks = _round_marks(low, high)
    return LineChart(
        title=title,
        points=tuple(Point(x(number), y(value), f"{number}: {value:,.{decimals}f}") for number, value in values),
        x_ticks=tuple(Tick(x(number), str(number)) for number in numbers[::step]),
        y_ticks=tuple(Tick(y(mark), f"{mark:,.{decimals}f}") for mark in marks),
        level=None if level is None else Tick(y(level), f"{level:g}"),
    )


def _round_marks(low: float, high: float) -> list[float]:
    """Return multiples of 1, 2 or 5 times a power of ten between two values."""
    rough = ((high - low) or 1.0) / N_TICKS
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough)
    return [step * number for number in range(math.ceil(low / step), math.floor(high / step) + 1)]
