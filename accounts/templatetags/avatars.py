"""Drawn avatars: two soft shapes that follow from the public id, with an initial."""

import functools
import math
import uuid
from typing import Any

from django import template
from django.template import Context
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from accounts.models import Photo, User
from accounts.services import photos

register = template.Library()

HUES = ("pine", "ember", "ochre", "plum", "slate")
N_POINTS = 16
# Which file is sharp enough for each size of avatar, on screens with two points to a pixel.
FILES = {"": "middle", "small": "small", "large": "middle", "huge": "large"}
CENTRE = 48.0
HALO_RADIUS = 41.0
BODY_RADIUS = 35.0


@register.inclusion_tag("includes/avatar.html")
def avatar(public_id: uuid.UUID, name: str, size: str = "") -> dict[str, Any]:
    """Draw somebody's avatar, `small`, middling or `large`; the same id always gives the same shape."""
    waves = public_id.bytes
    return {
        "halo": blob(waves[8:12], HALO_RADIUS),
        "body": blob(waves[:4], BODY_RADIUS),
        "hue": HUES[public_id.int % len(HUES)],
        "initial": name[:1].upper(),
        "size": size,
    }


@register.simple_tag(takes_context=True)
def portrait(context: Context | dict[str, Any], person: User, size: str = "", purpose: str = "") -> SafeString:
    """Show somebody's photo where the viewer may see it, else the drawn avatar; callers fetch `photo` with the person.

    One's own photo is shown to oneself in any case.
    """
    viewer = context["request"].user
    photo: Photo | None = getattr(person, "photo", None)
    if photo is None or not (person == viewer or photo.is_shown_for(purpose)):
        name = person.profile.display_name if hasattr(person, "profile") else ""
        return _drawn(person.public_id, name, size)
    file = FILES[size]
    token = photos.token_for(photo=photo, viewer=viewer, size=file, purpose=purpose)
    drawn = {"token": token, "size": size, "side": photos.SIZES[file]}
    return render_to_string("includes/portrait.html", drawn)


@functools.lru_cache(maxsize=4096)
def _drawn(public_id: uuid.UUID, name: str, size: str) -> SafeString:
    """Return an avatar, which follows from these three alone."""
    return render_to_string("includes/avatar.html", avatar(public_id, name, size))


def blob(waves: bytes, radius: float) -> str:
    """Return a smooth closed outline around the centre whose two waves are taken from four bytes."""
    depth, turn, small, other = (byte / 255 for byte in waves)
    points = []
    for index in range(N_POINTS):
        angle = 2 * math.pi * index / N_POINTS
        wave = (0.5 + depth) * math.sin(2 * angle + 6 * turn) + (0.5 + small) * math.sin(3 * angle + 6 * other)
        distance = radius * (1 + 0.045 * wave)
        points.append((CENTRE + distance * math.cos(angle), CENTRE + distance * math.sin(angle)))
    return _through_middles(points)


def _through_middles(points: list[tuple[float, float]]) -> str:
    """Return a path that bends at each point and passes through the middle between each two of them."""
    middles = [((x + points[index - 1][0]) / 2, (y + points[index - 1][1]) / 2) for index, (x, y) in enumerate(points)]
    path = f"M{middles[0][0]:.1f} {middles[0][1]:.1f}"
    for index, (x, y) in enumerate(points):
        end_x, end_y = middles[(index + 1) % len(points)]
        path += f"Q{x:.1f} {y:.1f} {end_x:.1f} {end_y:.1f}"
    return path + "Z"
