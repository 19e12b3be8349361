"""Drawings of personality: the wheel, its small emblem, an interval on a line, a meter."""

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from surveys import wheel as geometry
from surveys.wheel import Reading

register = template.Library()

N_LABELS = 5
SEGMENT_WIDTH = 10
SEGMENT_STEP = 13


class Measured(Protocol):
    """One factor of one person, in percentiles of the norm."""

    @property
    def name(self) -> str: ...
    @property
    def percentile(self) -> float: ...
    @property
    def low(self) -> float: ...
    @property
    def high(self) -> float: ...


@dataclass(frozen=True)
class Shape:
    """One person on a wheel."""

    path: str
    band: str
    dots: list[tuple[float, float]]


@register.inclusion_tag("includes/wheel.html")
def wheel(
    factors: Sequence[Measured | Mapping[str, Any]],
    title: str = "Personality wheel",
    other: Sequence[Measured | Mapping[str, Any]] | None = None,
    name: str = "You",
    other_name: str = "",
) -> dict[str, Any]:
    """Draw percentiles as a wheel, with the room that answers still leave as a pale band; or two people, without."""
    readings = geometry.arranged([_reading(factor) for factor in factors])
    others = geometry.arranged([_reading(factor) for factor in other or ()])
    return _dial() | {
        "title": title,
        "axes": geometry.axes([reading.name for reading in readings]),
        "shape": _shape(readings, is_banded=not others),
        "other": _shape(others, is_banded=False) if others else None,
        "name": name,
        "other_name": other_name,
        "rows": [
            (reading.name, reading.percentile, against.percentile if against else None)
            for reading, against in zip(readings, others or [None] * len(readings), strict=True)
        ],
    }


@register.inclusion_tag("includes/emblem.html")
def emblem(factors: Sequence[Measured | Mapping[str, Any]], hue: str = "ember") -> dict[str, Any]:
    """Draw a small wheel without names, as the mark of a type; hues are those of the avatars."""
    readings = geometry.arranged([_reading(factor) for factor in factors])
    return _dial() | {"shape": _shape(readings, is_banded=False), "hue": hue}


@register.inclusion_tag("includes/interval.html")
def interval(factor: Measured | Mapping[str, Any]) -> dict[str, Any]:
    """Draw where a person stands on one factor, and how far the answers still leave room."""
    reading = _reading(factor)
    return {"reading": reading, "width": reading.high - reading.low, "norm": geometry.NORM}


@register.simple_tag
def meter(label: int) -> SafeString:
    """Draw a label of five steps, 1 to 5, as so many filled segments."""
    return _drawn_meter(label)


@functools.cache
def _drawn_meter(label: int) -> SafeString:
    """Draw each of the five meters once: a page of people shows many."""
    context = {
        "segments": [(SEGMENT_STEP * step, step < label) for step in range(N_LABELS)],
        "segment_width": SEGMENT_WIDTH,
        "width": SEGMENT_STEP * (N_LABELS - 1) + SEGMENT_WIDTH,
    }
    return render_to_string("includes/meter.html", context)


def _reading(factor: Measured | Mapping[str, Any]) -> Reading:
    """Return a factor as the wheel reads it; without an interval it is certain."""
    if isinstance(factor, Mapping):
        percentile = float(factor["percentile"])
        low, high = factor.get("low", percentile), factor.get("high", percentile)
        return Reading(str(factor["name"]), percentile, float(low), float(high))
    return Reading(factor.name, float(factor.percentile), float(factor.low), float(factor.high))


def _shape(readings: Sequence[Reading], *, is_banded: bool) -> Shape:
    """Return the curve of one person, the band around it, and its points."""
    values = [reading.percentile for reading in readings]
    band = ""
    if is_banded and not all(reading.is_certain for reading in readings):
        band = geometry.curve([reading.high for reading in readings])
        band += geometry.curve([reading.low for reading in readings])
    return Shape(
        path=geometry.curve(values),
        band=band,
        dots=[geometry.point(index, value, len(values)) for index, value in enumerate(values)],
    )


def _dial() -> dict[str, Any]:
    """Return what every wheel has in common."""
    return {
        "width": geometry.WIDTH,
        "height": geometry.HEIGHT,
        "centre_x": geometry.CENTRE_X,
        "centre_y": geometry.CENTRE_Y,
        "radius": geometry.RADIUS,
        "rings": [(geometry.ring(percentile), percentile == geometry.NORM) for percentile in geometry.RINGS],
    }
