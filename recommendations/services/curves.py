"""Charts of lines as SVG: small, readable in light and dark, and told apart by more than colour."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT = 760, 400
LEFT, RIGHT, TOP, BOTTOM = 64, 210, 46, 52
LABEL_GAP = 17
N_TICKS = 5
ROUNDING = 1e-9
# Blue, vermilion, green and purple of Okabe and Ito, grey and ink: told apart by most eyes, on paper and on ink.
COLOURS = {
    "grey": ("#767676", "#9a9a9a"),
    "blue": ("#0072b2", "#56b4e9"),
    "vermilion": ("#c24e00", "#ff8f4d"),
    "green": ("#00795a", "#2fd0a3"),
    "purple": ("#a04a83", "#e39ccb"),
    "ink": ("#22201d", "#f3efe8"),
}
STYLE = """
.paper { fill: #fbf8f3 } .words { fill: #22201d; font: 13px system-ui, sans-serif }
.title { font-size: 16px; font-weight: 600 }
.grid { stroke: #22201d; stroke-opacity: .14 } .line { fill: none; stroke-width: 2.2; stroke-linejoin: round }
"""
DARK = ".paper { fill: #1b1a18 } .words { fill: #f3efe8 } .grid { stroke: #f3efe8; stroke-opacity: .2 }"


@dataclass(frozen=True)
class Line:
    """One line of a chart; where a value is None the line is broken."""

    name: str
    xs: Sequence[float]
    ys: Sequence[float | None]
    colour: str
    is_dashed: bool = False


@dataclass(frozen=True)
class Chart:
    """What a chart shows and says of itself."""

    title: str
    description: str
    x_label: str
    y_label: str
    lines: Sequence[Line]

    def svg(self) -> str:
        """Return the chart as a file's content; it needs no font, script or style from elsewhere."""
        scale = _Scale(self.lines)
        parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
            'aria-labelledby="title description">',
            f'<title id="title">{escape(self.title)}</title><desc id="description">{escape(self.description)}</desc>',
            f"<style>{_style()}</style>",
            f'<rect class="paper" width="{WIDTH}" height="{HEIGHT}" rx="8"/>',
            _words(LEFT, 26, self.title, "words title"),
            *_axes(scale, self.x_label, self.y_label),
            *(_path(line, scale) for line in self.lines),
            *_labels(self.lines, scale),
            "</svg>",
        ]
        return "\n".join(parts) + "\n"


class _Scale:
    """From values to places, with round numbers at the edges."""

    def __init__(self, lines: Sequence[Line]) -> None:
        xs = [x for line in lines for x in line.xs] or [0.0, 1.0]
        ys = [y for line in lines for y in line.ys if y is not None] or [0.0, 1.0]
        self.x_ticks, self.y_ticks = _ticks(min(0.0, *xs), max(xs)), _ticks(min(ys), max(ys))

    def x(self, value: float) -> float:
        first, last = self.x_ticks[0], self.x_ticks[-1]
        return LEFT + (value - first) / (last - first) * (WIDTH - LEFT - RIGHT)

    def y(self, value: float) -> float:
        first, last = self.y_ticks[0], self.y_ticks[-1]
        return HEIGHT - BOTTOM - (value - first) / (last - first) * (HEIGHT - TOP - BOTTOM)


def _ticks(least: float, most: float) -> list[float]:
    """Return two round numbers or more, from below the least value to above the most."""
    wanted = ((most - least) or abs(most) or 1.0) / N_TICKS
    magnitude = 10.0 ** math.floor(math.log10(wanted))
    step = next(size * magnitude for size in (1, 2, 2.5, 5, 10) if size * magnitude >= wanted)
    first, last = math.floor(least / step + ROUNDING), math.ceil(most / step - ROUNDING)
    return [number * step for number in range(first, max(last, first + 1) + 1)]


def _axes(scale: _Scale, x_label: str, y_label: str) -> list[str]:
    parts = []
    for tick in scale.y_ticks:
        y = scale.y(tick)
        parts.append(f'<path class="grid" d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}"/>')
        parts.append(_words(LEFT - 8, y + 4, f"{tick:g}", "words", "end"))
    below = HEIGHT - BOTTOM + 19
    parts += [_words(scale.x(tick), below, f"{tick:g}", "words", "middle") for tick in scale.x_ticks]
    parts.append(_words((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 12, x_label, "words", "middle"))
    middle = (TOP + HEIGHT - BOTTOM) / 2
    turned = f' transform="rotate(-90 16 {middle:.1f})"'
    parts.append(_words(16, middle, y_label, "words", "middle", turned))
    return parts


def _path(line: Line, scale: _Scale) -> str:
    steps, is_down = [], False
    for x, y in zip(line.xs, line.ys, strict=True):
        if y is not None:
            steps.append(f"{'L' if is_down else 'M'}{scale.x(x):.1f} {scale.y(y):.1f}")
        is_down = y is not None
    return f'<path class="line {line.colour}{" dashed" if line.is_dashed else ""}" d="{"".join(steps)}"/>'


def _labels(lines: Sequence[Line], scale: _Scale) -> list[str]:
    """Return the legend: each line's name as near to its end as the others leave room."""
    ends = sorted(
        (scale.y(next((y for y in reversed(line.ys) if y is not None), scale.y_ticks[0])), index)
        for index, line in enumerate(lines)
    )
    places: list[float] = []
    for wanted, _ in ends:
        places.append(max(wanted, places[-1] + LABEL_GAP if places else TOP))
    above = max(0.0, places[-1] - (HEIGHT - BOTTOM)) if places else 0.0
    parts, x = [], WIDTH - RIGHT + 10
    for place, (_, index) in zip(places, ends, strict=True):
        line, y = lines[index], place - above
        dashed = " dashed" if line.is_dashed else ""
        parts.append(f'<path class="line {line.colour}{dashed}" d="M{x} {y:.1f}h26"/>')
        parts.append(_words(x + 33, y + 4, line.name, "words"))
    return parts


def _words(x: float, y: float, text: str, kind: str, anchor: str = "start", more: str = "") -> str:
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{more}>{escape(text)}</text>'


def _style() -> str:
    light = " ".join(f".{name} {{ stroke: {pair[0]} }}" for name, pair in COLOURS.items())
    dark = " ".join(f".{name} {{ stroke: {pair[1]} }}" for name, pair in COLOURS.items())
    return (
        f"{STYLE}.dashed {{ stroke-dasharray: 6 5 }}\n{light}\n@media (prefers-color-scheme: dark) {{ {DARK} {dark} }}"
    )
