"""Drawings of personality: the wheel, an interval on a line, a meter."""

from collections.abc import Sequence
from typing import Any, Protocol

from django import template

from surveys import wheel as geometry

register = template.Library()

N_LABELS = 5
METER_WIDTH = 64


class Measured(Protocol):
    """One factor of one person, in percentiles of the norm."""

    name: str
    percentile: float
    low: float
    high: float


@register.inclusion_tag("surveys/includes/wheel.html")
def wheel(factors: Sequence[Measured], title: str = "Personality wheel") -> dict[str, Any]:
    """Draw sixteen percentiles as a wheel, with the room that the answers still leave as a pale band."""
    values = [factor.percentile for factor in factors]
    return {
        "title": title,
        "factors": factors,
        "size": int(geometry.SIZE),
        "centre": geometry.CENTRE,
        "rings": [(f"{geometry.RADIUS * ring / 100:.1f}", ring == 50) for ring in geometry.RINGS],
        "axes": geometry.axes([factor.name for factor in factors]),
        "shape": geometry.curve(values),
        "band": geometry.curve([factor.high for factor in factors]) + geometry.curve([f.low for f in factors]),
        "dots": [geometry.point(index, value, len(values)) for index, value in enumerate(values)],
    }


@register.inclusion_tag("surveys/includes/interval.html")
def interval(factor: Measured) -> dict[str, Any]:
    """Draw where a person stands on one factor, and how far the answers still leave room."""
    return {"factor": factor, "width": factor.high - factor.low}


@register.inclusion_tag("surveys/includes/meter.html")
def meter(label: int) -> dict[str, Any]:
    """Draw a label of five steps as a short bar."""
    return {"label": label, "steps": N_LABELS, "width": METER_WIDTH * label // N_LABELS, "full": METER_WIDTH}
