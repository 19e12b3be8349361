"""The geometry of the personality wheel: sixteen percentiles as points on axes, joined by a smooth closed curve."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

SIZE = 420.0
CENTRE = SIZE / 2
RADIUS = SIZE * 0.33
RINGS = (25, 50, 75, 100)
LABEL_DISTANCE = 16.0


@dataclass(frozen=True)
class Axis:
    """One spoke and where its name stands."""

    name: str
    x: float
    y: float
    label_x: float
    label_y: float
    anchor: str


def point(index: int, percentile: float, n_axes: int) -> tuple[float, float]:
    """Return where a percentile lies on an axis; the first axis points upwards, the others follow clockwise."""
    return _polar(index, RADIUS * percentile / 100, n_axes)


def axes(names: Sequence[str]) -> list[Axis]:
    """Return the spokes of the wheel with their names outside the outer ring."""
    spokes = []
    for index, name in enumerate(names):
        x, y = point(index, 100, len(names))
        label_x, label_y = _polar(index, RADIUS + LABEL_DISTANCE, len(names))
        sideways = (label_x - CENTRE) / RADIUS
        anchor = "start" if sideways > 0.2 else "end" if sideways < -0.2 else "middle"
        spokes.append(Axis(name, x, y, label_x, label_y + 4, anchor))
    return spokes


def curve(percentiles: Sequence[float]) -> str:
    """Return a closed SVG path through all points, as a Catmull-Rom spline written as Bezier curves."""
    points = [point(index, value, len(percentiles)) for index, value in enumerate(percentiles)]
    n = len(points)
    path = f"M{_pair(points[0])}"
    for index in range(n):
        before, start, end, after = (points[(index + step) % n] for step in (-1, 0, 1, 2))
        leave = (start[0] + (end[0] - before[0]) / 6, start[1] + (end[1] - before[1]) / 6)
        arrive = (end[0] - (after[0] - start[0]) / 6, end[1] - (after[1] - start[1]) / 6)
        path += f"C{_pair(leave)} {_pair(arrive)} {_pair(end)}"
    return path + "Z"


def _polar(index: int, distance: float, n_axes: int) -> tuple[float, float]:
    """Return the point at a distance from the centre on an axis."""
    angle = 2 * math.pi * index / n_axes - math.pi / 2
    return CENTRE + distance * math.cos(angle), CENTRE + distance * math.sin(angle)


def _pair(where: tuple[float, float]) -> str:
    """Return a point as SVG writes it."""
    return f"{where[0]:.1f} {where[1]:.1f}"
