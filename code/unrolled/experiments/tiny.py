"""What does a character model lose when its weights are rounded to a few bits?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, NamedTuple

import numpy as np
import torch

from unrolled import validate, validate_kinds
from unrolled.asked import asked_scale, asked_seeds
from unrolled.data.tiny_text import held_out_text, lanes, training_text
from unrolled.quantise import rounded
from unrolled.settings import Scale, device
from unrolled.tiny import TinyChar, loss, matrices, train, with_matrices

if TYPE_CHECKING:
    from jaxtyping import Float, Shaped


class Budget(NamedTuple):
    """Updates, and held-out pieces of 512 characters; all of them when `None`."""

    steps: int
    pieces: int | None


BUDGETS: dict[Scale, Budget] = {
    "smoke": Budget(5, 4),
    "site": Budget(500, None),
    "full": Budget(10000, None),
}


@dataclass(frozen=True, eq=False)
class TinyModels:
    """Losses on held-out text in nats a character, before and after rounding; a row a seed."""

    seeds: tuple[int, ...]
    hidden_dim: int
    steps: int
    characters: int
    """How many were held out."""
    bits: tuple[int, ...]
    loss: Float[np.ndarray, " seeds"]
    rounded: Float[np.ndarray, "seeds bits"]
    models: Annotated[tuple[TinyChar, ...], "seeds"]


def held_out_pieces(scale: Scale | None = None) -> Shaped[np.ndarray, "B T"]:
    """Return what the models are tested on: the held-out text in pieces of 512 characters."""
    return lanes(held_out_text(), 512)[: BUDGETS[asked_scale(scale)].pieces]


def _check_bits(name: str, bits: int) -> None:
    if validate.size(name, bits, least=2) > 8:
        raise ValueError(f"{name}: got {bits}, expected at most 8")


def tiny_models(
    *,
    seeds: Sequence[int] = (0, 1, 2),
    hidden_dim: int = 161,
    bits: Sequence[int] = (8, 6, 4, 3),
    scale: Scale | None = None,
) -> TinyModels:
    """Train a `TinyChar` on source code; round its matrices to so many bits; test each.

    Batches of 16 pieces of 24 characters. Biases stay float32. Held-out pieces are read from
    a state of zeros. Leaves PyTorch's random state as it was.

    Raises:
        TypeError, ValueError: An argument of another kind, or out of its range.
    """
    for each in validate_kinds.sequence("bits", bits):  # none, to train alone
        _check_bits("bits", each)
    budget = BUDGETS[asked_scale(scale)]
    validate.size("hidden_dim", hidden_dim)
    pieces = held_out_pieces(scale)
    asked_seeds(seeds)
    before, models = np.empty(len(seeds)), []
    after = np.empty((len(seeds), len(bits)))
    for row, seed in enumerate(seeds):
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            model = TinyChar(hidden_dim).to(device())
            train(model, training_text(), steps=budget.steps, batch=16, length=24)
            weights = matrices(model)
            before[row] = loss(model, pieces)
            for column, width in enumerate(bits):
                small = with_matrices(rounded(weights, bits=width)).to(device())
                after[row, column] = loss(small, pieces)
        models.append(model.cpu())
    return TinyModels(
        tuple(seeds),
        hidden_dim,
        budget.steps,
        pieces[:, 1:].size,
        tuple(bits),
        before,
        after,
        tuple(models),
    )
