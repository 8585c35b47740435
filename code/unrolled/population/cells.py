"""One step of each kind of cell, forward and back, for a whole population.

The product with the weights is not here: a step gets its sums (S, B, columns · H) and writes
their gradient. The columns of one gate stand together.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

from unrolled.population import logistic

Tape = list[Tensor]
"""What a step keeps for its way back, beside the states before and after it."""


def _as_it_is(tensor: Tensor) -> Tensor:
    return tensor


class Cell(NamedTuple):
    """What happens between the sums of a step and the next state.

    Attributes:
        columns: Sums for each unit.
        memory: Whether there is a second state, the c of an LSTM.
        forward: (sums, h before, c before, h to write) -> (c after, tape). May overwrite sums.
        backward: (gradient of h, of c, h before, h after, tape, d_sums to write) -> (gradient of h
            before beside what goes through the weights, of c before).
        rest: The state before the first step, as it is held.
        scale: How much h changes with the state as it is held.
        weights: Makes of a matrix what multiplies the rows (state as held, x, 1, 1).
        gradient: Makes of the gradient for the former, in place, that for the matrix.
        shown: Makes of a state as held the state h.
    """

    columns: int
    memory: bool
    forward: Callable[[Tensor, Tensor, Tensor | None, Tensor], tuple[Tensor | None, Tape]]
    backward: Callable[
        [Tensor, Tensor | None, Tensor, Tensor, Tape, Tensor],
        tuple[Tensor | None, Tensor | None],
    ]
    rest: float = 0.0
    scale: float = 1.0
    shown: Callable[[Tensor], Tensor] = _as_it_is
    weights: Callable[[Tensor], Tensor] = _as_it_is
    gradient: Callable[[Tensor], object] = _as_it_is


def fast_tanh(a: Tensor) -> Tensor:
    """Return tanh(a), by way of σ, which on a CPU takes half the time."""
    return (2 * a).sigmoid_().mul_(2).sub_(1)


def _tanh(sums: Tensor, s: Tensor, c: Tensor | None, out: Tensor) -> tuple[None, Tape]:
    torch.sigmoid(sums, out=out)
    return None, []


def _tanh_back(
    d_s: Tensor, d_c: Tensor | None, s: Tensor, after: Tensor, tape: Tape, d_sums: Tensor
) -> tuple[None, None]:
    torch.ops.aten.sigmoid_backward.grad_input(d_s, after, grad_input=d_sums)  # d_s · s(1 - s)
    return None, None


def _relu(sums: Tensor, h: Tensor, c: Tensor | None, out: Tensor) -> tuple[None, Tape]:
    torch.clamp(sums, min=0, out=out)
    return None, []


def _relu_back(
    d_h: Tensor, d_c: Tensor | None, h: Tensor, after: Tensor, tape: Tape, d_sums: Tensor
) -> tuple[None, None]:
    torch.mul(d_h, after > 0, out=d_sums)
    return None, None


def _lstm(sums: Tensor, h: Tensor, c: Tensor | None, out: Tensor) -> tuple[Tensor, Tape]:
    assert c is not None
    i, f, g, o = sums.chunk(4, dim=-1)
    i, f, o, g = i.sigmoid(), f.sigmoid(), o.sigmoid(), fast_tanh(g)
    new = torch.addcmul(f * c, i, g)
    shown = fast_tanh(new)
    torch.mul(o, shown, out=out)
    return new, [i, f, g, o, c, shown]


def _lstm_back(
    d_h: Tensor, d_c: Tensor | None, h: Tensor, after: Tensor, tape: Tape, d_sums: Tensor
) -> tuple[None, Tensor]:
    assert d_c is not None
    i, f, g, o, c, shown = tape
    d_c = torch.addcmul(d_c, d_h * o, 1 - shown * shown)
    torch.cat(
        (
            d_c * g * i * (1 - i),
            d_c * c * f * (1 - f),
            d_c * i * (1 - g * g),
            d_h * shown * o * (1 - o),
        ),
        dim=-1,
        out=d_sums,
    )
    return None, d_c * f


def _gru(sums: Tensor, h: Tensor, c: Tensor | None, out: Tensor) -> tuple[None, Tape]:
    r, z, n, inner = sums.chunk(4, dim=-1)  # n without, and only, what comes from the state
    r, z = r.sigmoid(), z.sigmoid()
    n = fast_tanh(torch.addcmul(n, r, inner))
    torch.addcmul(n, z, h - n, out=out)
    return None, [r, z, n, inner.clone()]


def _gru_back(
    d_h: Tensor, d_c: Tensor | None, h: Tensor, after: Tensor, tape: Tape, d_sums: Tensor
) -> tuple[Tensor, None]:
    r, z, n, inner = tape
    d_n = d_h * (1 - z) * (1 - n * n)
    torch.cat(
        (d_n * inner * r * (1 - r), d_h * (h - n) * z * (1 - z), d_n, d_n * r), -1, out=d_sums
    )
    return d_h * z, None


CELLS = {
    "tanh": Cell(
        1,
        False,
        _tanh,
        _tanh_back,
        logistic.REST,
        logistic.SCALE,
        logistic.h_of,
        logistic.weights_for_s,
        logistic.gradient_for_h,
    ),
    "relu": Cell(1, False, _relu, _relu_back),
    "lstm": Cell(4, True, _lstm, _lstm_back),
    "gru": Cell(4, False, _gru, _gru_back),
}
