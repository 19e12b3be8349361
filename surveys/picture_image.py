"""The wheel as a PNG, for sharing: the shape alone, without a name, a number or the room that answers leave."""

import io
from collections.abc import Sequence

from PIL import Image, ImageDraw, ImageFont

from surveys import wheel

# Drawn this many times larger and then reduced, which smooths every edge.
OVERSAMPLING = 2
SCALE = 2.6
MARGIN = 24.0
LETTER = 10.5
N_SHADES = 32
PAPER, CARD, LINE, EDGE, INK, SOFT, EMBER = (
    "#faf7f1", "#ffffff", "#ddd5c7", "#b9ae9c", "#221f1a", "#5c564c", "#b4481f",
)  # fmt: skip
FILL = (180, 72, 31, 56)

Point = tuple[float, float]


def png(names: Sequence[str], percentiles: Sequence[float]) -> bytes:
    """Return the wheel of percentiles in the order of names, 1061 x 905 pixels in some 45 kB; it takes some 0.1 s."""
    readings = wheel.arranged([wheel.Reading(*pair, *pair[1:] * 2) for pair in zip(names, percentiles, strict=True)])
    width, height = ((size + 2 * MARGIN) * SCALE * OVERSAMPLING for size in (wheel.WIDTH, wheel.HEIGHT))
    image = Image.new("RGB", (round(width), round(height)), PAPER)
    draw = ImageDraw.Draw(image, "RGBA")
    _dial(draw, [reading.name for reading in readings])
    values = [reading.percentile for reading in readings]
    outline = [_at(*where) for where in wheel.outline(values)]
    draw.polygon(outline, fill=FILL)
    draw.line([*outline, outline[0]], fill=EMBER, width=_length(2.4), joint="curve")
    for index, value in enumerate(values):
        _circle(draw, wheel.point(index, value, len(values)), 3.0, fill=EMBER)
    small = image.resize((image.width // OVERSAMPLING, image.height // OVERSAMPLING), Image.Resampling.LANCZOS)
    written = io.BytesIO()
    # A few dozen shades are all that smooth edges need, in a fifth of the bytes: the page has to stay light.
    small.quantize(N_SHADES, dither=Image.Dither.NONE).save(written, "PNG", optimize=True)
    return written.getvalue()


def _dial(draw: ImageDraw.ImageDraw, names: Sequence[str]) -> None:
    """Draw what every wheel has in common."""
    centre = (wheel.CENTRE_X, wheel.CENTRE_Y)
    _circle(draw, centre, wheel.RADIUS, fill=CARD)
    font = ImageFont.load_default(_length(LETTER))
    anchors = {"start": "ls", "middle": "ms", "end": "rs"}
    for axis in wheel.axes(names):
        draw.line([_at(*centre), _at(axis.x, axis.y)], fill=LINE, width=_length(0.8))
        draw.text(_at(axis.label_x, axis.label_y), axis.name, fill=SOFT, font=font, anchor=anchors[axis.anchor])
    for percentile in wheel.RINGS:
        is_norm = percentile == wheel.NORM
        _circle(draw, centre, wheel.ring(percentile), outline=EDGE if is_norm else LINE, width=1.4 if is_norm else 0.8)


def _circle(draw: ImageDraw.ImageDraw, centre: Point, radius: float, *, width: float = 1.0, **colours: str) -> None:
    """Draw a circle, filled or not."""
    (x, y), reach = _at(*centre), radius * SCALE * OVERSAMPLING
    draw.ellipse((x - reach, y - reach, x + reach, y + reach), width=_length(width), **colours)


def _at(x: float, y: float) -> Point:
    """Return where a point of the wheel lies on the enlarged image."""
    return (x + MARGIN) * SCALE * OVERSAMPLING, (y + MARGIN) * SCALE * OVERSAMPLING


def _length(size: float) -> int:
    """Return a length of the wheel in pixels of the enlarged image."""
    return max(1, round(size * SCALE * OVERSAMPLING))
