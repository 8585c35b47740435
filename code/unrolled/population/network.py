"""Loss and gradients of a whole population, by backpropagation through time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from unrolled.population.cells import CELLS, Cell, Tape
from unrolled.population.stack import Layout

CHECKED_EVERY = 8
"""Steps back after which it is asked whether anything of the gradient is left."""


class Judged(NamedTuple):
    """How each member did on its batch."""

    loss: Tensor  # (S,), nats
    accuracy: Tensor  # (S,)
    gradient: Tensor  # (S, P)


class Reading(NamedTuple):
    """One direction of a forward pass."""

    rows: Tensor  # (T + 1, S, B, H + D + 2): h before the step, its input, 1, 1
    tapes: list[Tape]


def logits(layout: Layout, flat: Tensor, inputs: Tensor) -> Tensor:
    """Return what every member answers, (S, B, outputs), to inputs (T, S, B, D)."""
    *matrices, weight, bias = layout.views(flat)
    readings = _read(layout, matrices, inputs)
    return torch.baddbmm(bias, _last(layout, readings), weight)


class Workspace:
    """Memory for the rows of a reading, used again for every batch.

    A long sequence needs megabytes of it, and to get them from the system each time costs as
    much as to fill them.
    """

    def __init__(self) -> None:
        self.kept: dict[int, Tensor] = {}

    def rows(self, direction: int, like: Tensor, hidden_dim: int) -> Tensor:
        """Return (T + 1, S, B, H + D + 2) numbers for inputs like these, the last two 1."""
        T, S, B, D = like.shape
        shape = (T + 1, S, B, hidden_dim + D + 2)
        rows = self.kept.get(direction)
        if rows is None or rows.shape != shape or rows.dtype != like.dtype:
            rows = self.kept[direction] = like.new_empty(shape)
            rows[0, ..., :hidden_dim] = 0
            rows[..., -2:] = 1
        return rows


def judge(
    layout: Layout,
    flat: Tensor,
    inputs: Tensor,
    labels: Tensor,
    workspace: Workspace | None = None,
) -> Judged:
    """Return each member's mean cross-entropy, its accuracy, and the gradient of the former.

    A member's way back through time ends where its gradient has fallen to so little of itself
    (a hundredth of the last digit) that what it would still add is lost in rounding.

    Args:
        layout: Of the rows of `flat`.
        flat: (S, P).
        inputs: (T, S, B, D).
        labels: (S, B), whole numbers below the number of outputs.
        workspace: Memory to use again.
    """
    *matrices, weight, bias = layout.views(flat)
    readings = _read(layout, matrices, inputs, workspace)
    last = _last(layout, readings)
    answers = torch.baddbmm(bias, last, weight)  # (S, B, outputs)
    loss = cross_entropy(answers.flatten(0, 1), labels.flatten(), reduction="none")
    right = (answers.argmax(-1) == labels).to(flat.dtype)

    gradient = torch.zeros_like(flat)
    *d_matrices, d_weight, d_bias = layout.views(gradient)
    d_answers = _d_answers(answers, labels)
    d_weight.copy_(last.transpose(1, 2) @ d_answers)
    d_bias.copy_(d_answers.sum(1, keepdim=True))
    d_last = d_answers @ weight.transpose(1, 2)
    cell, mask = CELLS[layout.cell], layout.mask(flat.device)
    for number, (reading, matrix, d_matrix) in enumerate(
        zip(readings, matrices, d_matrices, strict=True)
    ):
        H = layout.hidden_dim
        _go_back(cell, matrix, reading, d_last[..., number * H : (number + 1) * H], d_matrix)
        if mask is not None:
            d_matrix *= mask
    return Judged(loss.view_as(right).mean(1), right.mean(1), gradient)


def state_gradients(layout: Layout, flat: Tensor, inputs: Tensor, labels: Tensor) -> Tensor:
    """Return the norm of each member's gradient for its states, by lag: (S, T + 1).

    Of h, and for an LSTM of c as well, as one vector over the batch; of the forward direction.
    Arguments as for `judge`.
    """
    *matrices, weight, bias = layout.views(flat)
    readings = _read(layout, matrices, inputs)
    answers = torch.baddbmm(bias, _last(layout, readings), weight)
    d_answers = _d_answers(answers, labels)
    d_h = (d_answers @ weight.transpose(1, 2))[..., : layout.hidden_dim]
    norms = [d_h.square().sum((1, 2))]
    for step in _backwards(CELLS[layout.cell], matrices[0], readings[0], d_h):
        parts = [step.d_h] if step.d_c is None else [step.d_h, step.d_c]
        norms.append(torch.stack([part.square().sum((1, 2)) for part in parts]).sum(0))
    return torch.stack(norms, 1).sqrt()


def _d_answers(answers: Tensor, labels: Tensor) -> Tensor:
    """The gradient of each member's mean cross-entropy for its answers (S, B, outputs)."""
    gradient = answers.softmax(-1)
    gradient.scatter_add_(2, labels[..., None], torch.full_like(gradient[..., :1], -1.0))
    return gradient / labels.shape[1]


def _read(
    layout: Layout, matrices: list[Tensor], inputs: Tensor, workspace: Workspace | None = None
) -> list[Reading]:
    workspace = workspace or Workspace()
    readings = []
    for direction, matrix in enumerate(matrices):
        x = inputs.flip(0) if direction else inputs
        rows = workspace.rows(direction, x, layout.hidden_dim)
        readings.append(_forward(layout, CELLS[layout.cell], matrix, x, rows))
    return readings


def _last(layout: Layout, readings: list[Reading]) -> Tensor:
    """The last state of each direction, side by side: (S, B, directions · H)."""
    return torch.cat([reading.rows[-1, ..., : layout.hidden_dim] for reading in readings], -1)


def _forward(layout: Layout, cell: Cell, matrix: Tensor, inputs: Tensor, rows: Tensor) -> Reading:
    T, S, B, _ = inputs.shape
    H = layout.hidden_dim
    rows[:-1, ..., H:-2] = inputs
    c = inputs.new_zeros(S, B, H) if cell.memory else None
    sums = inputs.new_empty(S, B, cell.columns * H)
    tapes: list[Tape] = []
    for t in range(T):
        torch.bmm(rows[t], matrix, out=sums)
        c, tape = cell.forward(sums, rows[t, ..., :H], c, rows[t + 1, ..., :H])
        tapes.append(tape)
    return Reading(rows, tapes)


def _go_back(cell: Cell, matrix: Tensor, reading: Reading, d_h: Tensor, d_matrix: Tensor) -> None:
    """Add the gradient for `matrix` to `d_matrix`, from that of the last state back.

    A member whose gradient is down to nothing is set to exactly that, so that its result does
    not depend on how long others go on.
    """
    negligible = d_h.abs().amax((1, 2)) * torch.finfo(d_h.dtype).eps / 100
    for lag, step in enumerate(_backwards(cell, matrix, reading, d_h)):
        d_matrix.baddbmm_(step.before.transpose(1, 2), step.d_sums)
        if lag % CHECKED_EVERY == CHECKED_EVERY - 1:
            states = [step.d_h] if step.d_c is None else [step.d_h, step.d_c]
            left = torch.stack([state.abs().amax((1, 2)) for state in states]).amax(0)
            going = left > negligible
            if not bool(going.any()):
                return
            for state in states:
                state *= going[:, None, None]


class StepBack(NamedTuple):
    """What one step back through time yields."""

    before: Tensor  # (S, B, H + D + 2), what the step multiplied by its weights
    d_sums: Tensor  # (S, B, columns · H)
    d_h: Tensor  # (S, B, H), for the state before the step
    d_c: Tensor | None


def _backwards(cell: Cell, matrix: Tensor, reading: Reading, d_h: Tensor) -> Iterator[StepBack]:
    H = d_h.shape[-1]
    W_h_T = matrix[:, :H].transpose(1, 2).contiguous()
    d_c = torch.zeros_like(d_h) if cell.memory else None
    for t in reversed(range(len(reading.tapes))):
        before, after = reading.rows[t], reading.rows[t + 1, ..., :H]
        d_sums, beside, d_c = cell.backward(d_h, d_c, before[..., :H], after, reading.tapes[t])
        d_h = d_sums @ W_h_T if beside is None else torch.baddbmm(beside, d_sums, W_h_T)
        yield StepBack(before, d_sums, d_h, d_c)
