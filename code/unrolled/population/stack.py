"""From PyTorch modules to stacked weights and back.

A member is a one-layer `nn.RNN`, `nn.LSTM` or `nn.GRU` and the `nn.Linear` that reads its last
state. All its numbers are one row of a matrix (S, P). In it each direction of reading is one
matrix (H + D + 2, columns · H), which multiplies (h, x, 1, 1): the two ones are for the two
biases that PyTorch's modules have.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

import torch
from torch import Tensor, nn

from unrolled.population.cells import CELLS
from unrolled.validate_kinds import sequence, short

Member = tuple[nn.RNNBase, nn.Linear]


@dataclass(frozen=True)
class Layout:
    """What the members of a population have in common, and where their weights stand.

    Attributes:
        cell: `"tanh"`, `"relu"`, `"lstm"` or `"gru"`.
        directions: 1, or 2 for a network that reads forwards and backwards.
    """

    cell: str
    input_dim: int
    hidden_dim: int
    outputs: int
    directions: int

    @property
    def shapes(self) -> list[tuple[int, int]]:
        """Of a member's matrices: one for each direction, the read-out, and its bias."""
        rows = self.hidden_dim + self.input_dim + 2
        columns = CELLS[self.cell].columns * self.hidden_dim
        read = (self.directions * self.hidden_dim, self.outputs)
        return [(rows, columns)] * self.directions + [read, (1, self.outputs)]

    def views(self, flat: Tensor) -> list[Tensor]:
        """Return the matrices (S, rows, columns) in the rows of `flat` (S, P), as views."""
        sizes = [rows * columns for rows, columns in self.shapes]
        ends = list(accumulate(sizes))
        return [
            flat[:, end - size : end].view(-1, *shape)
            for size, end, shape in zip(sizes, ends, self.shapes, strict=True)
        ]

    def mask(self, device: torch.device) -> Tensor | None:
        """Return 1 where a direction's matrix has a weight, 0 where a GRU must have none."""
        if self.cell != "gru":
            return None
        H = self.hidden_dim
        mask = torch.ones(self.shapes[0], device=device)
        mask[:H, 2 * H : 3 * H] = mask[-1, 2 * H : 3 * H] = 0  # n without what the state says
        mask[H:-1, 3 * H :] = 0  # and that alone
        return mask


def layout_of(members: Sequence[Member]) -> Layout:
    """Return what all members share.

    Raises:
        TypeError: Not pairs of modules.
        ValueError: No member, or one that differs, or of a kind that cannot be stacked.
    """
    if not sequence("members", members):
        raise ValueError("members: got none, expected at least one")
    layouts = {_layout(*_pair(member)) for member in members}
    if len(layouts) > 1:
        raise ValueError(f"members: got {sorted(map(str, layouts))}, expected all of one kind")
    return layouts.pop()


def stack(members: Sequence[Member]) -> Tensor:
    """Return the weights of all members, a row (P,) for each.

    Raises:
        ValueError: As `layout_of`.
    """
    layout = layout_of(members)
    with torch.no_grad():
        return torch.stack([_row(layout, *member) for member in members])


def unstack(flat: Tensor, members: Sequence[Member]) -> None:
    """Write the rows of `flat` into the modules, the inverse of `stack`."""
    layout = layout_of(members)
    with torch.no_grad():
        for row, (rnn, readout) in zip(flat, members, strict=True):
            *matrices, weight, bias = layout.views(row[None])
            readout.weight.copy_(weight[0].T)
            readout.bias.copy_(bias[0, 0])
            for direction, matrix in enumerate(matrices):
                for name, value in _unpacked(layout, matrix[0]).items():
                    getattr(rnn, name + "_reverse" * direction).copy_(value)


def _pair(member: object) -> Member:
    match member:
        case (nn.RNNBase() as rnn, nn.Linear() as readout):
            return rnn, readout
    raise TypeError(f"members: got {short(member)}, expected pairs of nn.RNNBase and nn.Linear")


def _layout(rnn: nn.RNNBase, readout: nn.Linear) -> Layout:
    cell = {"RNN_TANH": "tanh", "RNN_RELU": "relu"}.get(rnn.mode, rnn.mode.lower())
    if rnn.num_layers != 1 or not rnn.bias or rnn.proj_size or cell not in CELLS:
        raise ValueError(f"members: got {rnn}, expected one layer with biases, no projection")
    directions = 2 if rnn.bidirectional else 1
    if readout.in_features != directions * rnn.hidden_size or readout.bias is None:
        expected = directions * rnn.hidden_size
        raise ValueError(f"members: got {readout}, expected {expected} inputs and a bias")
    return Layout(cell, rnn.input_size, rnn.hidden_size, readout.out_features, directions)


def _row(layout: Layout, rnn: nn.RNNBase, readout: nn.Linear) -> Tensor:
    matrices = [_packed(layout, rnn, "_reverse" * d) for d in range(layout.directions)]
    parts = [*matrices, readout.weight.T, readout.bias]
    return torch.cat([part.reshape(-1) for part in parts])


def _packed(layout: Layout, rnn: nn.RNNBase, suffix: str) -> Tensor:
    names = ("weight_hh_l0", "weight_ih_l0", "bias_ih_l0", "bias_hh_l0")
    W_h, W_x, b_x, b_h = (getattr(rnn, name + suffix) for name in names)
    full = torch.cat((W_h.T, W_x.T, b_x[None], b_h[None]))  # (H + D + 2, columns of PyTorch)
    if layout.cell == "gru":
        mask = layout.mask(full.device)
        assert mask is not None
        full = torch.cat((full, full[:, 2 * layout.hidden_dim :]), dim=1) * mask
    return full


def _unpacked(layout: Layout, matrix: Tensor) -> dict[str, Tensor]:
    H = layout.hidden_dim
    if layout.cell == "gru":
        matrix = torch.cat((matrix[:, : 2 * H], matrix[:, 2 * H : 3 * H] + matrix[:, 3 * H :]), 1)
    return {
        "weight_hh_l0": matrix[:H].T,
        "weight_ih_l0": matrix[H:-2].T,
        "bias_ih_l0": matrix[-2],
        "bias_hh_l0": matrix[-1],
    }
