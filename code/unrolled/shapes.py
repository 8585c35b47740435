"""Drawings of stacked and bidirectional networks, with the shapes of tensors that were computed."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, NamedTuple

import torch
from torch import nn

from unrolled import validate_tensor

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

X = (0.0, 1.0, 2.6, 3.6)
"""Where the first two and the last two steps stand; dots between them."""


class Run(NamedTuple):
    """What a drawing says about one run of a network."""

    inputs: tuple[int, ...]
    output: tuple[int, ...]
    h_n: tuple[int, ...]
    reads: tuple[int, ...]
    """The width of what each layer reads, from its weights."""
    ends: dict[int, str]
    """Where in `output` the states of `h_n` were found: those of the top layer."""


def run(rnn: nn.RNN, inputs: torch.Tensor) -> Run:
    """Run `rnn` on `inputs` (B, T, D) without dropout, and read the shapes off what comes out.

    Raises:
        TypeError: Not an `nn.RNN`, or inputs that are no tensor of its dtype.
        ValueError: Not batch first, or inputs without a batch, of fewer than two steps, or of
            another width.
    """
    if not isinstance(rnn, nn.RNN):
        raise TypeError(f"rnn: got {type(rnn).__name__}, expected torch.nn.RNN")
    validate_tensor.tensor("inputs", inputs, rnn.get_parameter("weight_ih_l0").dtype)
    if not rnn.batch_first or inputs.ndim != 3 or inputs.shape[1] < 2:
        raise ValueError(
            f"inputs: got shape {tuple(inputs.shape)}, batch_first={rnn.batch_first}, "
            "expected (B, T, D) with T of at least 2, and batch_first=True"
        )
    validate_tensor.tensor("inputs", inputs, None, ("B", "T", rnn.input_size))
    training = rnn.training
    with torch.no_grad():
        output, h_n = rnn.eval()(inputs)
    rnn.train(training)
    reads = tuple(getattr(rnn, f"weight_ih_l{k}").shape[1] for k in range(rnn.num_layers))
    shapes = tuple(inputs.shape), tuple(output.shape), tuple(h_n.shape)
    return Run(*shapes, reads, _ends(output, h_n))


def _ends(output: torch.Tensor, h_n: torch.Tensor) -> dict[int, str]:
    """Look for every state of `h_n` at both ends of `output`, in each block of H numbers."""
    width, found = h_n.shape[-1], {}
    for low in range(0, output.shape[-1], width):
        part = "" if output.shape[-1] == width else f", {low or ''}:{low + width}"
        for step in (-1, 0):
            there = output[:, step, low : low + width]
            for index, state in enumerate(h_n):
                if torch.allclose(there, state, rtol=0, atol=1e-6):
                    found[index] = f"output[:, {step}{part}]"
    return found


def network_shapes(rnn: nn.RNN, inputs: torch.Tensor) -> Figure:
    """Draw a network's layers and directions, with the shapes that it had on these inputs.

    A bold frame is a final state, and beside it stands its place in `h_n`; a grey frame
    holds the two states that the next layer reads side by side.

    Raises:
        TypeError, ValueError: As `run`.
    """
    import matplotlib.pyplot as plt

    seen = run(rnn, inputs)
    directions = 2 if rnn.bidirectional else 1
    top = seen.h_n[0]
    fig, ax = plt.subplots(figsize=(4.9, 1.5 + 0.58 * top))
    ax.axis("off")
    ax.set(xlim=(-2.0, 5.0), ylim=(-1.6, top + 0.6))
    middle = (X[0] + X[-1]) / 2
    ax.text(middle, -1.5, f"inputs {seen.inputs}", ha="center")
    ax.text(middle, top + 0.35, f"output {seen.output}", ha="center")
    ax.text(5.0, top + 0.35, f"h_n {seen.h_n}", ha="right")
    steps = seen.inputs[1]
    for x, step in zip(X, (1, 2, steps - 1, steps), strict=True):
        ax.text(x, -1.05, f"{step}", ha="center", color="C7", fontsize=9)
        _arrow(ax, (x, top - 0.6), (x, top + 0.25), "C7")
    ax.text(middle, -1.05, "…", ha="center", color="C7", fontsize=9)
    for layer, width in enumerate(seen.reads):
        _layer(ax, layer, directions, width)
    for index in range(top):
        _row(ax, index, directions, seen.h_n[-1])
    return fig


def _layer(ax: Axes, layer: int, directions: int, width: int) -> None:
    """What comes into a layer, and a frame around the states of each step."""
    from matplotlib.patches import FancyBboxPatch

    low = layer * directions
    for x in X:
        _arrow(ax, (x, low - (0.75 if layer == 0 else 0.6)), (x, low - 0.32), "C7")
        if directions == 2:
            frame = FancyBboxPatch((x - 0.3, low - 0.27), 0.6, 1.54, "round,pad=0.05")
            frame.set(edgecolor="C7", facecolor="none", linewidth=0.8)
            ax.add_patch(frame)
    text = f"layer {layer + 1}\nreads {width}"
    ax.text(-2.0, low, text, va="center", fontsize=9, color="C7")


def _row(ax: Axes, index: int, directions: int, width: int) -> None:
    """One direction of one layer: its states, and which of them is `h_n[index]`."""
    y, backward = float(index), directions == 2 and index % 2 == 1
    colour, end = ("C1", X[0]) if backward else ("C0", X[-1])
    for x in X:
        bold = 2.4 if x == end else 0.8
        style = {"boxstyle": "round", "edgecolor": colour, "facecolor": "none", "lw": bold}
        ax.text(x, y, f"{width}", ha="center", va="center", fontsize=8, bbox=style)
    for left, right in itertools.pairwise(X):
        start, stop = (right, left) if backward else (left, right)
        _arrow(ax, (start, y), (stop, y), colour, room=13.0)
    beside, side = (-0.5, "right") if backward else (4.1, "left")
    ax.text(beside, y, f"h_n[{index}]", color=colour, ha=side, va="center", fontsize=9)


def _arrow(
    ax: Axes, start: tuple[float, float], end: tuple[float, float], colour: str, room: float = 0.0
) -> None:
    style = {"arrowstyle": "-|>", "color": colour, "shrinkA": room, "shrinkB": room, "lw": 1}
    ax.annotate("", xy=end, xytext=start, arrowprops=style)
