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
    """One direction of a forward pass, with states as the cell holds them."""

    matrix: Tensor  # (S, H + D + 2, columns · H), what multiplied the rows
    rows: Tensor  # (T + 1, S, B, H + D + 2): state before the step, its input, 1, 1
    states: tuple[Tensor, ...]  # T + 1 of (S, B, H), within the rows
    tapes: list[Tape]


def logits(layout: Layout, flat: Tensor, inputs: Tensor) -> Tensor:
    """Return what every member answers, (S, B, outputs), to inputs (T, S, B, D)."""
    *matrices, weight, bias = layout.views(flat)
    readings = _read(layout, matrices, inputs)
    return torch.baddbmm(bias, _last(layout, readings), weight)


class Workspace:
    """Memory for a reading and its way back, used again for every batch.

    A long sequence needs megabytes of it, and to get them from the system each time costs as
    much as to fill them.
    """

    def __init__(self) -> None:
        self.kept: dict[str, Tensor] = {}

    def rows(self, direction: int, like: Tensor, hidden_dim: int, rest: float) -> Tensor:
        """Return (T + 1, S, B, H + D + 2) numbers for inputs like these, the last two 1."""
        T, S, B, D = like.shape
        rows, new = self._memory(f"rows {direction}", like, (T + 1, S, B, hidden_dim + D + 2))
        if new:
            rows[0, ..., :hidden_dim] = rest
            rows[..., -2:] = 1
        return rows

    def d_sums(self, like: Tensor, columns: int) -> Tensor:
        """Return (T, S, B, columns) numbers for as many steps as in these rows."""
        T, S, B, _ = like.shape
        return self._memory("d_sums", like, (T - 1, S, B, columns))[0]

    def _memory(self, name: str, like: Tensor, shape: tuple[int, ...]) -> tuple[Tensor, bool]:
        kept = self.kept.get(name)
        new = kept is None or kept.shape != shape or kept.dtype != like.dtype
        if new:
            kept = self.kept[name] = like.new_empty(shape)
        assert kept is not None
        return kept, new


def judge(
    layout: Layout,
    flat: Tensor,
    inputs: Tensor,
    labels: Tensor,
    workspace: Workspace | None = None,
) -> Judged:
    """Return each member's mean cross-entropy, its accuracy, and the gradient of the former.

    A member's way back through time ends where its gradient has fallen to so little of itself
    (the last digit) that what it would still add is lost in rounding.

    Args:
        layout: Of the rows of `flat`.
        flat: (S, P).
        inputs: (T, S, B, D).
        labels: (S, B), whole numbers below the number of outputs.
        workspace: Memory to use again.
    """
    *matrices, weight, bias = layout.views(flat)
    workspace = workspace or Workspace()
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
    for number, (reading, d_matrix) in enumerate(zip(readings, d_matrices, strict=True)):
        H = layout.hidden_dim
        d_sums = workspace.d_sums(reading.rows, d_matrix.shape[-1])
        d_h = d_last[..., number * H : (number + 1) * H]
        lags = _go_back(cell, reading, d_h, d_sums)
        _multiply(reading.rows[:-1], d_sums, lags, d_matrix)
        cell.gradient(d_matrix)
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
    squares, cell = [d_h.square().sum((1, 2))], CELLS[layout.cell]
    d_sums = Workspace().d_sums(readings[0].rows, matrices[0].shape[-1])
    for states in _backwards(cell, readings[0], d_h, d_sums):
        of_each = [(state / cell.scale).square().sum((1, 2)) for state in states]
        squares.append(torch.stack(of_each).sum(0))
    return torch.stack(squares, 1).sqrt()


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
        rows = workspace.rows(direction, x, layout.hidden_dim, CELLS[layout.cell].rest)
        readings.append(_forward(layout, CELLS[layout.cell], matrix, x, rows))
    return readings


def _last(layout: Layout, readings: list[Reading]) -> Tensor:
    """The last state of each direction, side by side: (S, B, directions · H)."""
    shown = CELLS[layout.cell].shown
    return torch.cat([shown(reading.states[-1]) for reading in readings], -1)


def _forward(layout: Layout, cell: Cell, matrix: Tensor, inputs: Tensor, rows: Tensor) -> Reading:
    _, S, B, _ = inputs.shape
    H = layout.hidden_dim
    rows[:-1, ..., H:-2] = inputs
    matrix = cell.weights(matrix)
    c = inputs.new_zeros(S, B, H) if cell.memory else None
    sums = inputs.new_empty(S, B, cell.columns * H)
    states = rows[..., :H].unbind()
    tapes: list[Tape] = []
    for row, h, after in zip(rows.unbind()[:-1], states, states[1:], strict=False):
        torch.bmm(row, matrix, out=sums)
        c, tape = cell.forward(sums, h, c, after)
        tapes.append(tape)
    return Reading(matrix, rows, states, tapes)


def _go_back(cell: Cell, reading: Reading, d_h: Tensor, d_sums: Tensor) -> list[int]:
    """Write the gradients of all sums to `d_sums`; return how many steps back each member went.

    A member whose gradient is down to nothing is set to exactly that, so that its result does
    not depend on how long others go on.
    """
    negligible = cell.scale * _largest(d_h) * torch.finfo(d_h.dtype).eps
    lags = torch.full_like(negligible, CHECKED_EVERY, dtype=torch.long)
    for lag, states in enumerate(_backwards(cell, reading, d_h, d_sums), 1):
        if lag % CHECKED_EVERY == 0:
            left = torch.stack([_largest(state) for state in states]).amax(0)
            going = left > negligible
            if not bool(going.any()):
                break
            lags += CHECKED_EVERY * going
            for state in states:
                state *= going[:, None, None]
    return lags.tolist()


def _largest(state: Tensor) -> Tensor:
    """Each member's largest absolute number, (S,)."""
    return state.abs().amax((1, 2))


def _multiply(rows: Tensor, d_sums: Tensor, lags: list[int], d_matrix: Tensor) -> None:
    """Write each member's gradient for its matrix, one product over all its steps and samples."""
    for member, lag in enumerate(lags):
        before, d_after = (x[-lag:, member].flatten(0, 1) for x in (rows, d_sums))
        torch.mm(before.T, d_after, out=d_matrix[member])


def _backwards(cell: Cell, reading: Reading, d_h: Tensor, d_sums: Tensor) -> Iterator[list[Tensor]]:
    """Yield the gradients before each step, the last step first.

    For the state as it is held, and for c if there is one; what is yielded may be changed, and
    is, with the next step. The gradient of the sums is written to `d_sums` (T, S, B, columns · H).
    """
    H = d_h.shape[-1]
    W_T = reading.matrix[:, :H].transpose(1, 2).contiguous()
    d_h = cell.scale * d_h
    d_c = torch.zeros_like(d_h) if cell.memory else None
    states = reading.states
    for t in reversed(range(len(reading.tapes))):
        beside, d_c = cell.backward(d_h, d_c, states[t], states[t + 1], reading.tapes[t], d_sums[t])
        if beside is None:
            torch.bmm(d_sums[t], W_T, out=d_h)
        else:
            torch.baddbmm(beside, d_sums[t], W_T, out=d_h)
        yield [d_h] if d_c is None else [d_h, d_c]
