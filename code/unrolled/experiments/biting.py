"""Who bit whom? A task that no bag of words can do, for an average and for an RNN."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits

from unrolled import validate
from unrolled.settings import Scale
from unrolled.settings import scale as chosen_scale

if TYPE_CHECKING:
    from jaxtyping import Float

STEPS: dict[Scale, int] = {"smoke": 3, "site": 150, "full": 1000}
THE, BIT = 0, 1


@dataclass(frozen=True, eq=False)
class WhoBitWhom:
    """Accuracy on pairs of animals never seen together in training; an entry a seed."""

    seeds: tuple[int, ...]
    averaged: Float[np.ndarray, " seeds"]
    """Of a dense net on the mean of the word vectors."""
    recurrent: Float[np.ndarray, " seeds"]
    """Of the last state of an RNN."""


class _Averaged(nn.Module):
    def __init__(self, vocabulary: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, 16)
        self.dense = nn.Sequential(nn.Linear(16, 32), nn.Tanh(), nn.Linear(32, 1))

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        mean = self.embedding(tokens).mean(dim=1)  # (B, T, D) to (B, D)
        logits: torch.Tensor = self.dense(mean)
        return logits.squeeze(-1)


class _Recurrent(nn.Module):
    def __init__(self, vocabulary: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, 16)
        self.rnn = nn.RNN(16, 32, batch_first=True)
        self.readout = nn.Linear(32, 1)

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        _, h_n = self.rnn(self.embedding(tokens))  # (1, B, H)
        logits: torch.Tensor = self.readout(h_n[-1])
        return logits.squeeze(-1)


def who_bit_whom(
    *, seeds: Sequence[int] = (0, 1, 2), animals: int = 10, scale: Scale | None = None
) -> WhoBitWhom:
    """Train on sentences "the X bit the Y", one of the two tame and one wild: which one bit?

    `animals` tame ones and as many wild ones, each a random vector to begin with. Every pair
    occurs in both orders, so half of the answers are yes. A quarter of the pairs is held
    out. Adam, 1e-2, all training sentences at once. Leaves PyTorch's random state as it was.
    """
    animals = validate.size("animals", animals, least=2)
    steps = STEPS[scale or chosen_scale()]
    averaged, recurrent = np.empty((2, len(seeds)))
    for row, seed in enumerate(seeds):
        rng = np.random.default_rng([seed, 1])
        tokens, tame_bit = _sentences(animals)
        held_out = rng.permutation(animals**2) < animals**2 // 4  # by pair
        test = torch.from_numpy(np.tile(held_out, 2))
        with torch.random.fork_rng(devices=[]):
            for kind, accuracy in ((_Averaged, averaged), (_Recurrent, recurrent)):
                torch.manual_seed(seed)
                model = kind(2 + 2 * animals)
                _train(model, tokens[~test], tame_bit[~test], steps)
                with torch.no_grad():
                    said = model(tokens[test]) > 0
                accuracy[row] = (said == tame_bit[test]).float().mean()
    return WhoBitWhom(tuple(seeds), averaged, recurrent)


def _sentences(animals: int) -> tuple[torch.Tensor, torch.Tensor]:
    """All sentences (2·animals², 5), first those in which the tame one bites, and that label."""
    tame, wild = torch.meshgrid(torch.arange(animals), torch.arange(animals), indexing="ij")
    tame, wild = 2 + tame.flatten(), 2 + animals + wild.flatten()
    the, bit = torch.full_like(tame, THE), torch.full_like(tame, BIT)
    tame_bites = torch.stack([the, tame, bit, the, wild], dim=1)
    wild_bites = torch.stack([the, wild, bit, the, tame], dim=1)
    return torch.cat([tame_bites, wild_bites]), torch.arange(2 * animals**2) < animals**2


def _train(model: nn.Module, tokens: torch.Tensor, label: torch.Tensor, steps: int) -> None:
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2, fused=True)
    for _ in range(steps):
        loss = binary_cross_entropy_with_logits(model(tokens), label.float())
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
