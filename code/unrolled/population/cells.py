"""One step of each kind of cell, forward and back, for a whole population.

The product with the weights is not here: a step gets its sums (S, B, columns · H) and returns
their gradient. The columns of one gate stand together.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

Tape = list[Tensor]
"""What a step keeps for its way back, beside the states before and after it."""


class Cell(NamedTuple):
    """What happens between the sums of a step and the next state.

    Attributes:
        columns: Sums for each unit.
        memory: Whether there is a second state, the c of an LSTM.
        forward: (sums, h before, c before, h to write) -> (c after, tape). May overwrite sums.
        backward: (d_h, d_c, h before, h after, tape) -> (d_sums, d_h before beside what goes
            through the weights, d_c before).
    """

    columns: int
    memory: bool
    forward: Callable[[Tensor, Tensor, Tensor | None, Tensor], tuple[Tensor | None, Tape]]
    backward: Callable[
        [Tensor, Tensor | None, Tensor, Tensor, Tape],
        tuple[Tensor, Tensor | None, Tensor | None],
    ]


def fast_tanh(a: Tensor, out: Tensor | None = None) -> Tensor:
    """Return tanh(a); on a CPU by NumPy, whose tanh takes a fraction of PyTorch's time."""
    if out is None:
        out = torch.empty_like(a)
    if a.device.type == "cpu":
        np.tanh(a.numpy(), out=out.numpy())
    else:
        torch.tanh(a, out=out)
    return out


def _tanh(sums: Tensor, h: Tensor, c: Tensor | None, out: Tensor) -> tuple[None, Tape]:
    fast_tanh(sums, out)
    return None, []


def _tanh_back(
    d_h: Tensor, d_c: Tensor | None, h: Tensor, after: Tensor, tape: Tape
) -> tuple[Tensor, None, None]:
    return torch.addcmul(d_h, d_h, after * after, value=-1), None, None


def _relu(sums: Tensor, h: Tensor, c: Tensor | None, out: Tensor) -> tuple[None, Tape]:
    torch.clamp(sums, min=0, out=out)
    return None, []


def _relu_back(
    d_h: Tensor, d_c: Tensor | None, h: Tensor, after: Tensor, tape: Tape
) -> tuple[Tensor, None, None]:
    return d_h * (after > 0), None, None


def _lstm(sums: Tensor, h: Tensor, c: Tensor | None, out: Tensor) -> tuple[Tensor, Tape]:
    assert c is not None
    i, f, g, o = sums.chunk(4, dim=-1)
    i, f, o, g = i.sigmoid(), f.sigmoid(), o.sigmoid(), fast_tanh(g)
    new = torch.addcmul(f * c, i, g)
    shown = fast_tanh(new)
    torch.mul(o, shown, out=out)
    return new, [i, f, g, o, c, shown]


def _lstm_back(
    d_h: Tensor, d_c: Tensor | None, h: Tensor, after: Tensor, tape: Tape
) -> tuple[Tensor, None, Tensor]:
    assert d_c is not None
    i, f, g, o, c, shown = tape
    d_c = torch.addcmul(d_c, d_h * o, 1 - shown * shown)
    d_sums = torch.cat(
        (
            d_c * g * i * (1 - i),
            d_c * c * f * (1 - f),
            d_c * i * (1 - g * g),
            d_h * shown * o * (1 - o),
        ),
        dim=-1,
    )
    return d_sums, None, d_c * f


def _gru(sums: Tensor, h: Tensor, c: Tensor | None, out: Tensor) -> tuple[None, Tape]:
    r, z, n, inner = sums.chunk(4, dim=-1)  # n without, and only, what comes from the state
    r, z = r.sigmoid(), z.sigmoid()
    n = fast_tanh(torch.addcmul(n, r, inner))
    torch.addcmul(n, z, h - n, out=out)
    return None, [r, z, n, inner.clone()]


def _gru_back(
    d_h: Tensor, d_c: Tensor | None, h: Tensor, after: Tensor, tape: Tape
) -> tuple[Tensor, Tensor, None]:
    r, z, n, inner = tape
    d_n = d_h * (1 - z) * (1 - n * n)
    d_sums = torch.cat(
        (d_n * inner * r * (1 - r), d_h * (h - n) * z * (1 - z), d_n, d_n * r), dim=-1
    )
    return d_sums, d_h * z, None


CELLS = {
    "tanh": Cell(1, False, _tanh, _tanh_back),
    "relu": Cell(1, False, _relu, _relu_back),
    "lstm": Cell(4, True, _lstm, _lstm_back),
    "gru": Cell(4, False, _gru, _gru_back),
}
