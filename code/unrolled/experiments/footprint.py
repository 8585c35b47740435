"""How many bytes does a recurrent network keep, and how many does attention keep?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import nn

from unrolled import validate
from unrolled.asked import asked_each, asked_scale, asked_seeds
from unrolled.attention import fused, with_matrix
from unrolled.footprint import saved_bytes
from unrolled.settings import Scale

if TYPE_CHECKING:
    from jaxtyping import Float, Shaped

COMPARED: dict[Scale, int | None] = {"smoke": 250, "site": None, "full": None}
"""Over how many steps the two kinds of attention are compared; over all where `None`."""

KINDS = ("RNN", "fused attention", "attention with its matrix")
WHOLE = ("lengths",)
"""Not to be taken apart by a grid: all are drawn from one random state, one after the other."""


@dataclass(frozen=True, eq=False)
class TrainingMemory:
    """Bytes that autograd keeps for the backward pass; a row a seed."""

    seeds: tuple[int, ...]
    lengths: tuple[int, ...]
    kinds: tuple[str, ...]
    saved: Shaped[np.ndarray, "seeds kinds lengths"]
    gap: Float[np.ndarray, "seeds lengths"]
    """Largest difference, in outputs and gradients, between the two kinds of attention."""


def training_memory(
    *,
    seeds: Sequence[int] = (0, 1, 2),
    lengths: Sequence[int] = (250, 500, 1000),
    width: int = 64,
    scale: Scale | None = None,
) -> TrainingMemory:
    """Count what one layer of each kind saves in a forward pass over one sequence.

    Inputs, states, queries, keys and values have `width` numbers a step, float32; one head;
    parameters are not counted. Leaves PyTorch's random state as it was.

    Raises:
        TypeError, ValueError: An argument of another kind, or out of its range.
    """
    width = validate.size("width", width)
    asked_each("lengths", lengths, validate.size)
    compared = COMPARED[asked_scale(scale)]
    asked_seeds(seeds)
    saved = np.empty((len(seeds), len(KINDS), len(lengths)), np.int64)
    gap = np.empty((len(seeds), len(lengths)))
    for row, seed in enumerate(seeds):
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            rnn = nn.RNN(width, width, batch_first=True)

            def states(x: torch.Tensor, rnn: nn.RNN = rnn) -> torch.Tensor:
                return rnn(x)[0]  # type: ignore[no-any-return]

            for column, length in enumerate(lengths):
                x = torch.randn(1, length, width, requires_grad=True)  # (B, T, D)
                saved[row, 0, column] = saved_bytes(_bound(states, x), besides=rnn.parameters())
                saved[row, 1:, column], gap[row, column] = _attention(length, width, compared)
    return TrainingMemory(tuple(seeds), tuple(lengths), KINDS, saved, gap)


def _attention(length: int, width: int, compared: int | None) -> tuple[list[int], float]:
    """Bytes of the fused form and of the other one, and how far their results are apart."""
    projected = torch.randn(3, 1, length, width)
    d_out = torch.randn(1, length, width)
    sizes, results = [], []
    for attend in (fused, with_matrix):
        q, k, v = (each.clone().requires_grad_() for each in projected)
        sizes.append(saved_bytes(_bound(attend, q, k, v)))
        q, k, v = (each[:, :compared] for each in (q, k, v))
        out = attend(q, k, v)
        results.append([out, *torch.autograd.grad(out, (q, k, v), d_out[:, :compared])])
    pairs = zip(*results, strict=True)
    return sizes, max(float((one - other).detach().abs().max()) for one, other in pairs)


def _bound(attend: Callable[..., torch.Tensor], *given: torch.Tensor) -> Callable[[], torch.Tensor]:
    return lambda: attend(*given)
