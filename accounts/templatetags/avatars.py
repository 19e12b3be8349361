"""Drawn avatars: a soft shape that follows from the public id, with an initial."""

import math
import uuid
from typing import Any

from django import template

register = template.Library()

N_POINTS = 48
N_COLOURS = 3


@register.inclusion_tag("accounts/includes/avatar.html")
def avatar(public_id: uuid.UUID, name: str) -> dict[str, Any]:
    """Draw somebody's avatar; the same id always gives the same shape."""
    return {"shape": blob(public_id), "colour": public_id.int % N_COLOURS, "initial": name[:1].upper()}


def blob(public_id: uuid.UUID) -> str:
    """Return a rounded closed outline whose waves are taken from the bytes of an id."""
    depth, turn, small, other = (byte / 255 for byte in public_id.bytes[:4])
    points = []
    for index in range(N_POINTS):
        angle = 2 * math.pi * index / N_POINTS
        radius = 38 + 5 * (depth - 0.5) * math.sin(2 * angle + 6 * turn) + 5 * small * math.cos(3 * angle + 6 * other)
        points.append(f"{48 + radius * math.cos(angle):.1f} {48 + radius * math.sin(angle):.1f}")
    return "M" + "L".join(points) + "Z"
