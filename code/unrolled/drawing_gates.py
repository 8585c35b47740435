"""Drawings of the gated cells as data flow: one step, from left to right."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Point = tuple[float, float]

KEPT = "C1"
"""The colour of the way that no weight touches."""


def lstm_cell() -> Figure:
    """Draw one step of an LSTM: four gates below, the cell state across the top."""
    ax = _canvas()
    _across(ax, (2.3, 4.6))
    _path(ax, [(0.65, 0.9), (6.9, 0.9)], "C0", arrow=False)
    _path(ax, [(1.0, 0.15), (1.0, 0.9)], "C0", arrow=False)
    for x, letter in ((2.3, "f"), (3.8, "i"), (5.4, "g"), (6.9, "o")):
        _path(ax, [(x, 0.9), (x, 1.85)], "C0")
        _box(ax, (x, 2.2), "tanh" if letter == "g" else "σ")
        ax.text(x + 0.15, 3.0, f"${letter}_t$", color="C0", va="center")
    _path(ax, [(2.3, 2.55), (2.3, 5.7)], "C0")
    _path(ax, [(3.8, 2.55), (3.8, 4.2), (4.3, 4.2)], "C0")
    _path(ax, [(5.4, 2.55), (5.4, 4.2), (4.9, 4.2)], "C0")
    _path(ax, [(4.6, 4.5), (4.6, 5.7)], "C0")
    _path(ax, [(8.2, 6.0), (8.2, 5.15)], "C0")
    _box(ax, (8.2, 4.8), "tanh")
    _path(ax, [(8.2, 4.45), (8.2, 3.9)], "C0")
    _path(ax, [(6.9, 2.55), (6.9, 3.6), (7.9, 3.6)], "C0")
    _path(ax, [(8.2, 3.3), (8.2, 0.9), (8.95, 0.9)], "C0")
    for place, sign in (((2.3, 6.0), "×"), ((4.6, 6.0), "+"), ((4.6, 4.2), "×"), ((8.2, 3.6), "×")):
        _node(ax, place, sign, KEPT if place[1] == 6.0 else "C0")
    _ends(ax, {"$c_{t-1}$": (0.6, 6.0), "$c_t$": (9.4, 6.0), "$h_t$": (9.4, 0.9)})
    _ends(ax, {"$h_{t-1}$": (0.1, 0.9), "$x_t$": (1.0, -0.15)})
    return ax.get_figure(root=True)  # type: ignore[return-value]


def gru_cell() -> Figure:
    """Draw one step of a GRU as PyTorch computes it: the state goes across the top."""
    ax = _canvas()
    _across(ax, (6.75, 8.2))
    _path(ax, [(1.5, 6.0), (1.5, 1.1), (6.6, 1.1)], "C0", arrow=False)
    _path(ax, [(0.9, 0.2), (6.9, 0.2)], "C2", arrow=False)
    for x in (2.3, 6.6):
        _path(ax, [(x, 1.1), (x, 1.85)], "C0")
        _path(ax, [(x + 0.3, 0.2), (x + 0.3, 1.85)], "C2")
        _box(ax, (x + 0.15, 2.2), "σ")
    _path(ax, [(3.8, 1.1), (3.8, 1.85)], "C0")
    _box(ax, (3.8, 2.2), "$W$")
    _path(ax, [(5.3, 0.2), (5.3, 3.65)], "C2")
    _path(ax, [(3.8, 2.55), (3.8, 3.7)], "C0")
    _path(ax, [(2.45, 2.55), (2.45, 4.0), (3.5, 4.0)], "C0")
    _path(ax, [(4.1, 4.0), (4.75, 4.0)], "C0")
    _box(ax, (5.3, 4.0), "tanh")
    _path(ax, [(6.75, 2.55), (6.75, 5.7)], "C0")
    _path(ax, [(6.75, 3.0), (7.75, 3.0)], "C0")
    _box(ax, (8.2, 3.0), "1 −")
    _path(ax, [(8.2, 3.35), (8.2, 3.7)], "C0")
    _path(ax, [(5.85, 4.0), (7.9, 4.0)], "C0")
    _path(ax, [(8.2, 4.3), (8.2, 5.7)], "C0")
    signs = {(6.75, 6.0): "×", (8.2, 6.0): "+", (3.8, 4.0): "×", (8.2, 4.0): "×"}
    for place, sign in signs.items():
        _node(ax, place, sign, KEPT if place[1] == 6.0 else "C0")
    for place, letter in (((2.3, 3.3), "r"), ((6.6, 5.2), "z"), ((6.4, 4.3), "n")):
        ax.text(*place, f"${letter}_t$", color="C0", ha="right", va="center")
    _ends(ax, {"$h_{t-1}$": (0.6, 6.0), "$h_t$": (9.4, 6.0), "$x_t$": (0.6, 0.2)})
    return ax.get_figure(root=True)  # type: ignore[return-value]


def _canvas() -> Axes:
    import matplotlib.pyplot as plt

    _, ax = plt.subplots(figsize=(4.9, 3.2))
    ax.axis("off")
    ax.set(xlim=(-0.3, 9.8), ylim=(-0.5, 6.6))
    return ax


def _across(ax: Axes, nodes: Sequence[float]) -> None:
    """The way that no weight touches, with a gap for each node on it."""
    starts = [1.15, *(x + 0.3 for x in nodes)]
    ends = [*(x - 0.3 for x in nodes), 8.95]
    for start, end in zip(starts, ends, strict=True):
        _path(ax, [(start, 6.0), (end, 6.0)], KEPT, width=2.5)


def _path(
    ax: Axes, points: Sequence[Point], colour: str, *, arrow: bool = True, width: float = 1.2
) -> None:
    """Draw a line through the points, with an arrow at its end."""
    x, y = zip(*points, strict=True)
    ax.plot(x, y, color=colour, lw=width, solid_capstyle="butt", solid_joinstyle="round")
    if arrow:
        style = {"arrowstyle": "-|>", "color": colour, "lw": width, "shrinkA": 0, "shrinkB": 0}
        ax.annotate("", xy=points[-1], xytext=points[-2], arrowprops=style)


def _box(ax: Axes, place: Point, text: str) -> None:
    style = {"boxstyle": "round,pad=0.25", "facecolor": "none", "edgecolor": "C7"}
    ax.text(*place, text, ha="center", va="center", bbox=style)


def _node(ax: Axes, place: Point, sign: str, colour: str) -> None:
    """A circle with an operation in it."""
    ax.plot(*place, "o", ms=13, mfc="none", mec=colour)
    ax.text(*place, sign, ha="center", va="center", color=colour)


def _ends(ax: Axes, named: dict[str, Point]) -> None:
    for name, place in named.items():
        ax.text(*place, name, ha="center", va="center")
