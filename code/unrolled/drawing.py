"""Drawings for the chapters: what a network looks like, rather than what it does."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Point = tuple[float, float]


def unrolled_network(steps: int) -> Figure:
    """Draw a vanilla RNN without its loop: a column a step, gradients in a second colour."""
    import matplotlib.pyplot as plt

    fig, ax = plt.subplots()
    ax.axis("off")
    ax.set(xlim=(-0.25, steps + 0.45), ylim=(-0.15, 2.15))
    _box(ax, (0.0, 1.0), "$h_0$")
    for t in range(1, steps + 1):
        x = float(t)
        for letter, height in {"x": 0.0, "h": 1.0, "y": 2.0}.items():
            _box(ax, (x, height), f"${letter}_{t}$")
        _arrow(ax, (x, 0.0), (x, 1.0), "C0")
        ax.text(x + 0.05, 0.35, "$W_{xh}$", color="C0")
        _arrow(ax, (x - 0.04, 1.0), (x - 0.04, 2.0), "C0")
        _arrow(ax, (x + 0.04, 2.0), (x + 0.04, 1.0), "C1")
        ax.text(x - 0.09, 1.5, "$W_{hy}$", color="C0", ha="right", va="center")
        _arrow(ax, (x - 1, 1.05), (x, 1.05), "C0")
        ax.text(x - 0.5, 1.1, "$W_{hh}$", color="C0", ha="center")
        _arrow(ax, (x, 0.95), (x - 1, 0.95), "C1")
        back = rf"$\delta_{t}W_{{hh}}^\top$"
        ax.text(x - 0.5, 0.89, back, color="C1", ha="center", va="top")
    return fig


def _box(ax: Axes, place: Point, text: str) -> None:
    style = {"boxstyle": "round", "facecolor": "none", "edgecolor": "C7"}
    ax.text(*place, text, ha="center", va="center", bbox=style)


def _arrow(ax: Axes, start: Point, end: Point, colour: str) -> None:
    """Draw an arrow that stops short of the boxes at its ends."""
    style = {"arrowstyle": "-|>", "color": colour, "shrinkA": 15, "shrinkB": 15}
    ax.annotate("", xy=end, xytext=start, arrowprops=style)
