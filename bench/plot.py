"""The picture of a run: how each page's p99 grows from the smallest database to the largest, and the cost against the reference."""

import statistics
from pathlib import Path

from matplotlib.figure import Figure

from bench.report import NAMES, Result, power

COLOURS = {"sqlite": "#0b6e8f", "postgresql": "#c2571a"}


def draw(result: Result, file: Path) -> None:
    """Write the picture as SVG. A bar for each page and size, in milliseconds; the numbers stand in the table beside it."""
    names = result.of_all_sizes()
    figure = Figure(figsize=(7 * len(result.kinds), 1.5 + 0.36 * len(names)), layout="tight")
    axes = figure.subplots(1, len(result.kinds), squeeze=False)
    for axis, kind in zip(axes[0], result.kinds, strict=True):
        height = 0.8 / len(result.sizes)
        for place, size in enumerate(result.sizes):
            shown = [(row, result.pages[kind][name][size].p99) for row, name in enumerate(names) if name in result.pages[kind]]
            axis.barh([row + place * height for row, _ in shown], [statistics.median(p99) for _, p99 in shown], height,
                      color=COLOURS[kind], alpha=0.4 + 0.6 * place / max(1, len(result.sizes) - 1), label=f"{power(size)} complaints")
        axis.set_yticks([row + 0.4 - height / 2 for row in range(len(names))], names)
        axis.invert_yaxis()
        axis.set_xlabel("p99, milliseconds")
        axis.set_title(NAMES[kind])
        axis.legend()
    figure.savefig(file)
