"""Who bit whom? A task that needs the order of the words, for three kinds of network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits

from unrolled import validate
from unrolled.asked import asked_scale, asked_seeds
from unrolled.settings import Scale

if TYPE_CHECKING:
    from jaxtyping import Float

STEPS: dict[Scale, int] = {"smoke": 3, "site": 150, "full": 1000}
THE, BIT, BITTEN = 0, 1, 2
"""The three words that are no animals; BITTEN stands for "was bitten by"."""


@dataclass(frozen=True, eq=False)
class WhoBitWhom:
    """Accuracy on pairs of animals never seen together in training; an entry a seed."""

    seeds: tuple[int, ...]
    averaged: Float[np.ndarray, " seeds"]
    """Of a dense net on the mean of the word vectors."""
    last_word: Float[np.ndarray, " seeds"]
    """Of a dense net on the vector of the last word alone."""
    recurrent: Float[np.ndarray, " seeds"]
    """Of the last state of an RNN."""


class _Dense(nn.Module):
    """A dense net on the mean of all word vectors, or of the last one alone."""

    def __init__(self, vocabulary: int, words: slice) -> None:
        super().__init__()
        self.words = words
        self.embedding = nn.Embedding(vocabulary, 16)
        self.dense = nn.Sequential(nn.Linear(16, 32), nn.Tanh(), nn.Linear(32, 1))

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        mean = self.embedding(tokens[:, self.words]).mean(dim=1)  # (B, T, D) to (B, D)
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
    """Train on "the X bit the Y" and "the X was bitten by the Y": did the tame animal bite?

    One of the two is tame and one is wild, of `animals` each; all begin as random vectors.
    Every pair occurs in both orders and with both verbs, so that neither the words nor the
    last of them give the answer away. A quarter of the pairs is held out. Adam, 1e-2, all
    training sentences at once. Leaves PyTorch's random state as it was.

    Raises:
        TypeError, ValueError: An argument of another kind, or out of its range.
    """
    animals = validate.size("animals", animals, least=2)
    steps = STEPS[asked_scale(scale)]
    asked_seeds(seeds)
    accuracy = np.empty((3, len(seeds)))
    for row, seed in enumerate(seeds):
        tokens, tame_bit = sentences(animals)
        pairs = np.random.default_rng([seed, 1]).permutation(animals**2) < animals**2 // 4
        test = torch.from_numpy(np.tile(pairs, 4))
        vocabulary = 3 + 2 * animals
        with torch.random.fork_rng(devices=[]):
            for kind in range(3):
                torch.manual_seed(seed)
                model = (
                    _Dense(vocabulary, slice(None)),
                    _Dense(vocabulary, slice(-1, None)),
                    _Recurrent(vocabulary),
                )[kind]
                _train(model, tokens[~test], tame_bit[~test], steps)
                with torch.no_grad():
                    said = model(tokens[test]) > 0
                accuracy[kind, row] = (said == tame_bit[test]).float().mean()
    return WhoBitWhom(tuple(seeds), *accuracy)


def sentences(animals: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Return all sentences (4·animals², 5), and whether the tame animal bit in each.

    Four blocks, in each of which the pairs come in the same order.
    """
    tame, wild = torch.meshgrid(torch.arange(animals), torch.arange(animals), indexing="ij")
    tame, wild = 3 + tame.flatten(), 3 + animals + wild.flatten()
    blocks, labels = [], []
    for first, second, verb in (
        (tame, wild, BIT),
        (wild, tame, BIT),
        (tame, wild, BITTEN),
        (wild, tame, BITTEN),
    ):
        the = torch.full_like(first, THE)
        blocks.append(torch.stack([the, first, torch.full_like(first, verb), the, second], dim=1))
        biter = first if verb == BIT else second
        labels.append(biter == tame)
    return torch.cat(blocks), torch.cat(labels)


def _train(model: nn.Module, tokens: torch.Tensor, label: torch.Tensor, steps: int) -> None:
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2, fused=True)
    for _ in range(steps):
        loss = binary_cross_entropy_with_logits(model(tokens), label.float())
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
