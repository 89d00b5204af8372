"""Charts as SVG, drawn on the server. Readable without colour: each part has its own pattern, each line its own marks, values stand beside them.

Widths are per cent and heights pixels, so that a chart fits a phone and its letters keep their size. Beneath each stands its table.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from markupsafe import Markup, escape

HEIGHT = 170  # of the field of values, in pixels
ABOVE, BELOW = 22, 26  # room for values and for names
MOST_NAMES, FEW_NAMES = 13, 6  # on a wide screen, on a phone
#: The drawing in each pattern; a tone that is not here is plain.
FILLS = {
    "late": '<path d="M-2 2l4-4M0 8l8-8M6 10l4-4" fill="none" stroke-width="2"/>',
    "overdue": '<path d="M0 0l8 8M8 0l-8 8" fill="none" stroke-width="1.6"/>',
    "silent": '<circle cx="2" cy="2" r="1.3"/><circle cx="6" cy="6" r="1.3"/>',
}


@dataclass(frozen=True)
class Series:
    """One kind of value over all columns. tone: of the style sheet, which gives it colour and pattern. values: None where there is nothing to say."""

    label: str
    tone: str
    values: Sequence[int | None]


def columns(names: Sequence[str], parts: Sequence[Series], words: str) -> Markup:
    """Stacked columns, the total above each. words: what the chart shows, for who does not see it."""
    totals = [sum(part.values[k] or 0 for part in parts) for k in range(len(names))]
    highest, wide = max([*totals, 1]), 100 / max(len(names), 1)
    drawn = []
    for k, total in enumerate(totals):
        top = float(ABOVE + HEIGHT)
        for part in parts:
            tall = HEIGHT * (part.values[k] or 0) / highest
            top -= tall
            if tall:
                drawn.append(_box(k * wide + wide * .16, top, wide * .68, tall, part.tone))
        if total and len(names) <= MOST_NAMES:
            drawn.append(_text((k + .5) * wide, top - 6, str(total), "chart__value"))
    return _frame(names, drawn, words)


def lines(names: Sequence[str], series: Sequence[Series], words: str) -> Markup:
    """One line for each series with its own marks, and the value beside each mark."""
    highest = max([v for line in series for v in line.values if v is not None] + [1])
    wide, drawn = 100 / max(len(names), 1), []
    for place, line in enumerate(series):
        points = [((k + .5) * wide, ABOVE + HEIGHT - HEIGHT * value / highest, value) for k, value in enumerate(line.values) if value is not None]
        for (x1, y1, _), (x2, y2, _) in pairwise(points):
            drawn.append(Markup('<line class="chart__line chart__line--{}" x1="{:.2f}%" y1="{:.1f}" x2="{:.2f}%" y2="{:.1f}"/>').format(line.tone, x1, y1, x2, y2))
        for x, y, value in points:
            drawn.append(_mark(x, y, line.tone))
            if len(names) <= MOST_NAMES:
                drawn.append(_text(x, y + (20 if place else -10), str(value), "chart__value"))
    return _frame(names, drawn, words, below=BELOW + 20)


def bar(parts: Sequence[Series], words: str) -> Markup:
    """Shares of one whole, side by side."""
    total, at, drawn = sum(part.values[0] or 0 for part in parts), 0.0, []
    for part in parts:
        width = 100 * (part.values[0] or 0) / total if total else 0
        if width:
            drawn.append(Markup('<rect {} x="{:.2f}%" width="{:.2f}%" height="100%"/>').format(_part(part.tone), at, width))
        at += width
    return Markup('<svg class="bar" role="img" aria-label="{}">{}</svg>').format(words, Markup("").join(drawn))


def swatch(tone: str) -> Markup:
    """A piece of the pattern, for the legend."""
    return Markup('<svg class="swatch" aria-hidden="true"><rect {} width="100%" height="100%"/></svg>').format(_part(tone))


def mark(tone: str) -> Markup:
    """A line's mark, for the legend."""
    return Markup('<svg class="swatch" aria-hidden="true">{}</svg>').format(_mark(50, 7, tone))


def patterns() -> Markup:
    """What the parts are filled with, to stand once in a page that has charts."""
    drawn = Markup("").join(
        Markup('<pattern id="fill-{0}" class="fill fill--{0}" width="8" height="8" patternUnits="userSpaceOnUse"><rect width="8" height="8"/>{1}</pattern>')
        .format(tone, Markup(shape)) for tone, shape in FILLS.items())
    return Markup('<svg class="fills" width="0" height="0" aria-hidden="true"><defs>{}</defs></svg>').format(drawn)


def _part(tone: str) -> Markup:
    """Attributes of a part: a plain colour, or a colour with its pattern."""
    return Markup('class="part part--{0}" fill="url(#fill-{0})"').format(tone) if tone in FILLS else Markup('class="part part--{}"').format(tone)


def _frame(names: Sequence[str], drawn: Sequence[Markup], words: str, below: int = BELOW) -> Markup:
    floor, wide = ABOVE + HEIGHT, 100 / max(len(names), 1)
    every = -(-len(names) // MOST_NAMES)
    labels = [_text((k + .5) * wide, floor + below - 8, name, "chart__name" if k // every % 2 == 0 else "chart__name chart__name--between")
              for k, name in enumerate(names) if k % every == 0]
    many = Markup(" chart--many") if len(names) > FEW_NAMES else ""
    inside = Markup("").join([*drawn, Markup('<line class="chart__floor" x1="0" y1="{0}" x2="100%" y2="{0}"/>').format(floor), *labels])
    return Markup('<svg class="chart{}" role="img" aria-label="{}" width="100%" height="{}">{}</svg>').format(many, words, floor + below, inside)


def _box(x: float, y: float, width: float, height: float, tone: str) -> Markup:
    return Markup('<rect {} x="{:.2f}%" y="{:.1f}" width="{:.2f}%" height="{:.1f}"/>').format(_part(tone), x, y, width, height)


def _text(x: float, y: float, text: str, kind: str) -> Markup:
    return Markup('<text class="{}" x="{:.2f}%" y="{:.1f}" text-anchor="middle">{}</text>').format(kind, x, y, escape(text))


def _mark(x: float, y: float, tone: str) -> Markup:
    """A nested svg takes a place in per cent, which a path cannot."""
    shapes = {"median": '<path d="M6 0l6 6-6 6-6-6z"/>', "ninetieth": '<circle cx="6" cy="6" r="4.2" fill="none" stroke-width="2.6"/>'}
    return Markup('<svg class="chart__mark chart__mark--{}" x="{:.2f}%" y="{:.1f}" width="12" height="12" overflow="visible"><g transform="translate(-6)">{}</g></svg>').format(
        tone, x, y - 6, Markup(shapes[tone]))
