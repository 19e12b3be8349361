"""The geometry of the personality wheel: percentiles as points on axes, joined by a smooth closed curve."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

# Room for the longest name on either side of the outer ring, in letters that a phone still shows legibly.
WIDTH = 360.0
HEIGHT = 300.0
CENTRE_X = WIDTH / 2
CENTRE_Y = HEIGHT / 2
RADIUS = 112.0
RINGS = (25, 50, 75, 100)
NORM = 50
LABEL_DISTANCE = 11.0
HALF_LETTER = 4.0
# Names this near to the vertical stand above or below the ring, the others beside it.
UPRIGHT = 0.2

# Kin stands beside kin, clockwise from the top: company, ideas, reserve, strain and order.
ORDER = (
    "Warmth",
    "Liveliness",
    "Boldness",
    "Dominance",
    "Openness",
    "Imagination",
    "Reasoning",
    "Sensitivity",
    "Self-reliance",
    "Privateness",
    "Apprehension",
    "Vigilance",
    "Tension",
    "Order",
    "Duty",
    "Calm",
)


@dataclass(frozen=True)
class Reading:
    """Where somebody is on one factor, and between which percentiles they may as well be."""

    name: str
    percentile: float
    low: float
    high: float

    @property
    def is_certain(self) -> bool:
        """Whether there is no room left, as with the centre of a type."""
        return self.low == self.high


@dataclass(frozen=True)
class Axis:
    """One spoke and where its name stands."""

    name: str
    x: float
    y: float
    label_x: float
    label_y: float
    anchor: str


def arranged(readings: Sequence[Reading]) -> list[Reading]:
    """Return readings in the order of the wheel; names it does not know keep their order behind the others."""
    places = {name: place for place, name in enumerate(ORDER)}
    return sorted(readings, key=lambda reading: places.get(reading.name, len(places)))


def point(index: int, percentile: float, n_axes: int) -> tuple[float, float]:
    """Return where a percentile lies on an axis; the first axis points upwards, the others follow clockwise."""
    return _polar(index, RADIUS * percentile / 100, n_axes)


def axes(names: Sequence[str]) -> list[Axis]:
    """Return the spokes of the wheel with their names outside the outer ring."""
    spokes = []
    for index, name in enumerate(names):
        x, y = point(index, 100, len(names))
        label_x, label_y = _polar(index, RADIUS + LABEL_DISTANCE, len(names))
        sideways = (x - CENTRE_X) / RADIUS
        anchor = "start" if sideways > UPRIGHT else "end" if sideways < -UPRIGHT else "middle"
        # A name above the ring stands on its line, one below hangs from it, one beside is centred on it.
        label_y += HALF_LETTER * (1 + (y - CENTRE_Y) / RADIUS)
        spokes.append(Axis(name, x, y, label_x, label_y, anchor))
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


def outline(percentiles: Sequence[float], n_steps: int = 12) -> list[tuple[float, float]]:
    """Return points on the closed curve, so close that straight lines between them look round."""
    points = [point(index, value, len(percentiles)) for index, value in enumerate(percentiles)]
    n, found = len(points), []
    for index in range(n):
        before, start, end, after = (points[(index + step) % n] for step in (-1, 0, 1, 2))
        for step in range(n_steps):
            t = step / n_steps
            weights = (
                (-t + 2 * t**2 - t**3) / 2,
                (2 - 5 * t**2 + 3 * t**3) / 2,
                (t + 4 * t**2 - 3 * t**3) / 2,
                (-(t**2) + t**3) / 2,
            )
            corners = (before, start, end, after)
            found.append(
                (
                    sum(weight * corner[0] for weight, corner in zip(weights, corners, strict=True)),
                    sum(weight * corner[1] for weight, corner in zip(weights, corners, strict=True)),
                )
            )
    return found


def ring(percentile: float) -> float:
    """Return the radius of the circle on which a percentile lies."""
    return RADIUS * percentile / 100


def _polar(index: int, distance: float, n_axes: int) -> tuple[float, float]:
    """Return the point at a distance from the centre on an axis."""
    angle = 2 * math.pi * index / n_axes - math.pi / 2
    return CENTRE_X + distance * math.cos(angle), CENTRE_Y + distance * math.sin(angle)


def _pair(where: tuple[float, float]) -> str:
    """Return a point as SVG writes it."""
    return f"{where[0]:.1f} {where[1]:.1f}"
