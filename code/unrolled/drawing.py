"""Drawings for the chapters: what a network looks like, rather than what it does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unrolled import validate, validate_kinds

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Point = tuple[float, float]


def unrolled_network(steps: int, *, gradients: bool = True) -> Figure:
    """Draw a vanilla RNN without its loop: a column a step.

    Args:
        steps: How many; each takes as much room as the width leaves.
        gradients: Draw them too, against the arrows, in a second colour.

    Raises:
        TypeError, ValueError: `steps` is not an integer of at least 1, `gradients` not a flag.
    """
    import matplotlib.pyplot as plt

    steps = validate.size("steps", steps)
    gradients = validate_kinds.flag("gradients", gradients)
    fig, ax = plt.subplots()
    ax.axis("off")
    ax.set(xlim=(-0.25, steps + 0.45), ylim=(-0.15, 2.15))
    aside = 0.04 if gradients else 0.0
    _box(ax, (0.0, 1.0), "$h_0$")
    for t in range(1, steps + 1):
        x = float(t)
        for letter, height in {"x": 0.0, "h": 1.0, "y": 2.0}.items():
            _box(ax, (x, height), f"${letter}_{{{t}}}$")
        _arrow(ax, (x, 0.0), (x, 1.0), "C0")
        ax.text(x + 0.05, 0.35, "$W_{xh}$", color="C0")
        _arrow(ax, (x - aside, 1.0), (x - aside, 2.0), "C0")
        ax.text(x - 0.05 - aside, 1.5, "$W_{hy}$", color="C0", ha="right", va="center")
        _arrow(ax, (x - 1, 1 + aside), (x, 1 + aside), "C0")
        ax.text(x - 0.5, 1.06 + aside, "$W_{hh}$", color="C0", ha="center")
        if gradients:
            _arrow(ax, (x + aside, 2.0), (x + aside, 1.0), "C1")
            _arrow(ax, (x, 1 - aside), (x - 1, 1 - aside), "C1")
            back = rf"$\delta_{{{t}}}W_{{hh}}^\top$"
            ax.text(x - 0.5, 0.89, back, color="C1", ha="center", va="top")
    return fig


def folded_network() -> Figure:
    """Draw a vanilla RNN as it is: one cell, and a loop from its state to itself."""
    import matplotlib.pyplot as plt
    from matplotlib.patches import FancyArrowPatch
    from matplotlib.path import Path

    fig, ax = plt.subplots(figsize=(4.9, 2.6))
    ax.axis("off")
    ax.set(xlim=(-2.2, 2.6), ylim=(-0.15, 2.15))
    for letter, height in {"x": 0.0, "h": 1.0, "y": 2.0}.items():
        _box(ax, (0.0, height), f"${letter}_t$")
    _arrow(ax, (0.0, 0.0), (0.0, 1.0), "C0")
    ax.text(-0.05, 0.5, "$W_{xh}$", color="C0", ha="right", va="center")
    _arrow(ax, (0.0, 1.0), (0.0, 2.0), "C0")
    ax.text(-0.05, 1.5, "$W_{hy}$", color="C0", ha="right", va="center")
    loop = Path([(0.18, 1.08), (0.9, 1.5), (0.9, 0.5), (0.18, 0.92)], [1, 4, 4, 4])
    ax.add_patch(
        FancyArrowPatch(path=loop, arrowstyle="-|>", mutation_scale=10, color="C0", fill=False)
    )
    ax.text(0.8, 1.0, "$W_{hh}$", color="C0", va="center")
    return fig


def _box(ax: Axes, place: Point, text: str) -> None:
    style = {"boxstyle": "round", "facecolor": "none", "edgecolor": "C7"}
    ax.text(*place, text, ha="center", va="center", bbox=style)


def _arrow(ax: Axes, start: Point, end: Point, colour: str) -> None:
    """Draw an arrow that stops short of the boxes at its ends."""
    style = {"arrowstyle": "-|>", "color": colour, "shrinkA": 15, "shrinkB": 15}
    ax.annotate("", xy=end, xytext=start, arrowprops=style)
