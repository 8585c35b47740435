"""The results of a grid as one figure: a panel for each quantity."""

from __future__ import annotations

import math
from collections.abc import Sequence
from numbers import Real
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from unrolled.grid.cells import write
from unrolled.grid.summary import Axis, Quantity

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

PANELS = 12


def draw(found: Sequence[Quantity], seeds: Sequence[int]) -> tuple[Figure | None, list[str]]:
    """Draw what has at most two axes; return the figure, and what was not drawn and why.

    One axis: a line, and the range over the seeds as a band. Two: a map of the medians, in
    which a column is a place of the last axis. None: a point for each seed.
    """
    from matplotlib.figure import Figure

    axes = {quantity.name: _long(quantity) for quantity in found}
    drawn = [quantity for quantity in found if len(axes[quantity.name]) <= 2]
    left = [f"{q.name}: {len(axes[q.name])} axes" for q in found if q not in drawn]
    left += [f"{quantity.name}: no room" for quantity in drawn[PANELS:]]
    drawn = drawn[:PANELS]
    if not drawn:
        return None, left
    columns = min(3, len(drawn))
    rows = math.ceil(len(drawn) / columns)
    figure = Figure(figsize=(4 * columns, 3 * rows), layout="constrained")
    panels = list(figure.subplots(rows, columns, squeeze=False).flat)
    for quantity, ax in zip(drawn, panels, strict=False):
        spread = [np.reshape(each, [len(a.labels) for a in axes[quantity.name]])
                  for each in quantity.spread]  # fmt: skip
        _panel(ax, quantity, axes[quantity.name], spread, seeds)
    for ax in panels[len(drawn) :]:
        ax.remove()
    return figure, left


def save_figure(figure: Figure, folder: Path) -> None:
    """Write `figure.svg` and `figure.png`, the same bytes for the same numbers."""
    import matplotlib as mpl

    with mpl.rc_context({"svg.hashsalt": "unrolled"}):
        figure.savefig(folder / "figure.svg", metadata={"Date": None})
        figure.savefig(folder / "figure.png", dpi=150)


def _long(quantity: Quantity) -> list[Axis]:
    """Return the axes along which there is more than one place."""
    return [axis for axis in quantity.axes if len(axis.labels) > 1]


def _panel(
    ax: Axes, quantity: Quantity, axes: list[Axis], spread: list[np.ndarray], seeds: Sequence[int]
) -> None:
    ax.set_title(quantity.name)
    median, low, high = spread
    if not axes:
        ax.plot([str(seed) for seed in seeds], quantity.values.reshape(-1), "o")
        ax.set_xlabel("seed")
    elif len(axes) == 1:
        x = _places(ax, axes[0])
        ax.plot(x, median, marker="o" if len(x) <= 30 else "", markersize=3)
        ax.fill_between(x, low, high, alpha=0.25, linewidth=0)
        ax.set_xlabel(axes[0].name)
        if low.min() > 0 and high.max() > 100 * low.min():
            ax.set_yscale("log")
    else:
        image = ax.imshow(median, aspect="auto", origin="lower", interpolation="nearest")
        ax.figure.colorbar(image, ax=ax)
        for axis, write_on in zip(axes, (ax.set_yticks, ax.set_xticks), strict=True):
            shown = range(0, len(axis.labels), math.ceil(len(axis.labels) / 8))
            write_on(list(shown), [write((axis.labels[i],)) for i in shown])
        ax.set(ylabel=axes[0].name, xlabel=axes[1].name)


def _places(ax: Axes, axis: Axis) -> list[float] | list[str]:
    """Return where the places stand: numbers where they are, on a logarithmic axis if far apart."""
    if not all(isinstance(label, Real) for label in axis.labels):
        return [write((label,)) for label in axis.labels]
    numbers = [float(label) for label in axis.labels]
    if min(numbers) > 0 and max(numbers) >= 20 * min(numbers):
        ax.set_xscale("log")
    return numbers
