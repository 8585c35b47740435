"""Loss and gradients of a whole population, by backpropagation through time."""

from __future__ import annotations

from collections.abc import Iterator
from functools import reduce
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


class Steps(NamedTuple):
    """Numbers of every step, all of a member's in one piece, and a view of each step."""

    whole: Tensor  # (S, steps, B, columns)
    each: tuple[Tensor, ...]  # of (S, B, columns)


class Reading(NamedTuple):
    """One direction of a forward pass, with states as the cell holds them."""

    matrix: Tensor  # (S, H + D + 2, columns · H), what multiplied the rows
    rows: Steps  # T + 1 of H + D + 2 columns: state before the step, its input, 1, 1
    states: Steps  # the first H of these columns
    tapes: list[Tape]


def logits(layout: Layout, flat: Tensor, inputs: Tensor) -> Tensor:
    """Return what every member answers, (S, B, outputs), to inputs (T, S, B, D)."""
    *matrices, weight, bias = layout.views(flat)
    readings = _read(layout, matrices, inputs)
    return torch.baddbmm(bias, _last(layout, readings), weight)


class Workspace:
    """Memory for a reading and its way back, used again for every batch.

    A long sequence needs megabytes of it, and to get them from the system each time costs as
    much as to fill them; and to make hundreds of views takes time as well.
    """

    def __init__(self) -> None:
        self.kept: dict[str, Steps] = {}

    def rows(self, direction: int, like: Tensor, hidden_dim: int, rest: float) -> list[Steps]:
        """Return rows for inputs (T, S, B, D) like these, the last two columns 1; and states."""
        T, S, B, D = like.shape
        names = f"rows {direction}", f"states {direction}"
        if self._make(names[0], like, (S, T + 1, B, hidden_dim + D + 2)):
            rows = self.kept[names[0]].whole
            rows[:, 0, :, :hidden_dim] = rest
            rows[..., -2:] = 1
            states = rows[..., :hidden_dim]
            self.kept[names[1]] = Steps(states, states.unbind(1))
        return [self.kept[name] for name in names]

    def d_sums(self, like: Tensor, columns: int) -> Steps:
        """Return as many columns for each of T steps, of rows like these."""
        S, states, B, _ = like.shape
        self._make("d_sums", like, (S, states - 1, B, columns))
        return self.kept["d_sums"]

    def _make(self, name: str, like: Tensor, shape: tuple[int, ...]) -> bool:
        kept = self.kept.get(name)
        if kept and kept.whole.shape == shape and kept.whole.dtype == like.dtype:
            return False
        whole = like.new_empty(shape)
        self.kept[name] = Steps(whole, whole.unbind(1))
        return True


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
        d_sums = workspace.d_sums(reading.rows.whole, d_matrix.shape[-1])
        d_h = d_last[..., number * H : (number + 1) * H]
        lags = _go_back(cell, reading, d_h, d_sums)
        _multiply(reading.rows.whole[:, :-1], d_sums.whole, lags, d_matrix)
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
    d_sums = Workspace().d_sums(readings[0].rows.whole, matrices[0].shape[-1])
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
        steps = workspace.rows(direction, x, layout.hidden_dim, CELLS[layout.cell].rest)
        readings.append(_forward(layout, CELLS[layout.cell], matrix, x, *steps))
    return readings


def _last(layout: Layout, readings: list[Reading]) -> Tensor:
    """The last state of each direction, side by side: (S, B, directions · H)."""
    shown = CELLS[layout.cell].shown
    return torch.cat([shown(reading.states.each[-1]) for reading in readings], -1)


def _forward(
    layout: Layout, cell: Cell, matrix: Tensor, inputs: Tensor, rows: Steps, states: Steps
) -> Reading:
    _, S, B, _ = inputs.shape
    H = layout.hidden_dim
    rows.whole[:, :-1, :, H:-2] = inputs.transpose(0, 1)
    matrix = cell.weights(matrix)
    c = inputs.new_zeros(S, B, H) if cell.memory else None
    sums = inputs.new_empty(S, B, cell.columns * H)
    tapes: list[Tape] = []
    for row, h, after in zip(rows.each, states.each, states.each[1:], strict=False):
        torch.bmm(row, matrix, out=sums)
        c, tape = cell.forward(sums, h, c, after)
        tapes.append(tape)
    return Reading(matrix, rows, states, tapes)


def _go_back(cell: Cell, reading: Reading, d_h: Tensor, d_sums: Steps) -> list[int]:
    """Write the gradients of all sums to `d_sums`; return how many steps back each member went.

    A member whose gradient is down to nothing is set to exactly that, so that its result does
    not depend on how long others go on.
    """
    negligible = cell.scale * _largest(d_h) * torch.finfo(d_h.dtype).eps
    lags = [CHECKED_EVERY] * len(d_h)
    for step, states in enumerate(_backwards(cell, reading, d_h, d_sums), 1):
        if step % CHECKED_EVERY == 0:
            going = reduce(torch.maximum, map(_largest, states)) > negligible
            goes = going.tolist()
            if not any(goes):
                break
            lags = [lag + CHECKED_EVERY * on for lag, on in zip(lags, goes, strict=True)]
            if not all(goes):
                for state in states:
                    state *= going[:, None, None]
    return lags


def _largest(state: Tensor) -> Tensor:
    """Each member's largest absolute number, (S,)."""
    return state.abs().amax((1, 2))


def _multiply(rows: Tensor, d_sums: Tensor, lags: list[int], d_matrix: Tensor) -> None:
    """Write each member's gradient for its matrix, one product over all its steps and samples."""
    if min(lags) == max(lags):
        before, d_after = (x[:, -lags[0] :].flatten(1, 2) for x in (rows, d_sums))
        torch.bmm(before.transpose(1, 2), d_after, out=d_matrix)
        return
    for member, lag in enumerate(lags):
        before, d_after = (x[member, -lag:].flatten(0, 1) for x in (rows, d_sums))
        torch.mm(before.T, d_after, out=d_matrix[member])


def _backwards(cell: Cell, reading: Reading, d_h: Tensor, d_sums: Steps) -> Iterator[list[Tensor]]:
    """Yield the gradients before each step, the last step first.

    For the state as it is held, and for c if there is one; what is yielded may be changed, and
    is, with the next step. The gradient of the sums (S, B, columns · H) is written to `d_sums`.
    """
    H = d_h.shape[-1]
    W_T = reading.matrix[:, :H].transpose(1, 2).contiguous()
    d_h = cell.scale * d_h
    d_c = torch.zeros_like(d_h) if cell.memory else None
    states = reading.states.each
    for t in reversed(range(len(reading.tapes))):
        d_sum = d_sums.each[t]
        beside, d_c = cell.backward(d_h, d_c, states[t], states[t + 1], reading.tapes[t], d_sum)
        if beside is None:
            torch.bmm(d_sum, W_T, out=d_h)
        else:
            torch.baddbmm(beside, d_sum, W_T, out=d_h)
        yield [d_h] if d_c is None else [d_h, d_c]
