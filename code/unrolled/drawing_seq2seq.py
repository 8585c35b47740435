"""A drawing of an encoder and its decoder, from the model itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unrolled import validate, validate_kinds
from unrolled.drawing import _arrow, _box
from unrolled.models.seq2seq import Seq2Seq

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def encoder_decoder(model: Seq2Seq, past: int, steps: int) -> Figure:
    """Draw `past` steps of the encoder and `steps` of the decoder, with what is fed back.

    Raises:
        TypeError, ValueError: Not a `Seq2Seq`, or a number of steps below 1.
    """
    import matplotlib.pyplot as plt

    validate_kinds.instance("model", model, Seq2Seq)
    past, steps = validate.size("past", past), validate.size("steps", steps)
    fig, ax = plt.subplots(figsize=(4.9, 2.9))
    ax.axis("off")
    ax.set(xlim=(0.6, past + steps + 0.4), ylim=(-0.2, 2.75))
    for t in range(1, past + 1):
        _column(fig, float(t), f"$x_{{{t}}}$", f"$h_{{{t}}}$", "C0")
        if t > 1:
            _arrow(ax, (t - 1.0, 1.0), (float(t), 1.0), "C0")
    for n in range(1, steps + 1):
        x = float(past + n)
        from_state = model.feedback == "state"
        fed = f"g_{{{n - 1}}}" if from_state else rf"\hat{{y}}_{{{n - 1}}}"
        first = f"h_{{{past}}}" if from_state else f"x_{{{past}}}"
        _column(fig, x, f"${fed if n > 1 else first}$", f"$g_{{{n}}}$", "C1")
        _box(ax, (x, 2.0), rf"$\hat{{y}}_{{{n}}}$")
        _arrow(ax, (x, 1.0), (x, 2.0), "C1")
        _arrow(ax, (x - 1, 1.0), (x, 1.0), "C1" if n > 1 else "C2")
        if n > 1:
            _arrow(ax, (x - 1, 1.0 if from_state else 2.0), (x, 0.0), "C3")
    kind = model.cell.upper()
    ax.text(1 + (past - 1) / 2, 1.42, f"encoder, {kind}", color="C0", ha="center")
    ax.text(past + (steps + 1) / 2, 2.5, f"decoder, {kind}", color="C1", ha="center")
    return fig


def _column(fig: Figure, x: float, read: str, state: str, colour: str) -> None:
    (ax,) = fig.axes
    _box(ax, (x, 0.0), read)
    _box(ax, (x, 1.0), state)
    _arrow(ax, (x, 0.0), (x, 1.0), colour)
