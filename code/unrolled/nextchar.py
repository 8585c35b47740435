"""A small reader of text that guesses each next character, in one direction or two."""

from __future__ import annotations

import argparse
import inspect
from bisect import bisect_left
from functools import lru_cache
from typing import NamedTuple

import torch
from torch import nn
from torch.nn.functional import cross_entropy
from torch.nn.utils import clip_grad_norm_

EMBEDDING = 32
WINDOW = 16
"""Characters that a reader sees at once; it guesses what follows each of them."""


class Text(NamedTuple):
    """A text as numbers, split in order: nine tenths to train on, the rest held out."""

    train: torch.Tensor
    held_out: torch.Tensor
    alphabet: str
    """The characters of the first part; one more number stands for all others."""

    @property
    def vocabulary(self) -> int:
        return len(self.alphabet) + 1


@lru_cache(maxsize=1)
def source_text() -> Text:
    """Return the source of Python's own module `argparse`, in lower case."""
    text = inspect.getsource(argparse).lower()
    cut = len(text) * 9 // 10
    alphabet = "".join(sorted(set(text[:cut])))
    number = {character: n for n, character in enumerate(alphabet)}
    numbers = torch.tensor([number.get(character, len(alphabet)) for character in text])
    return Text(numbers[:cut], numbers[cut:], alphabet)


def noise_text(seed: int) -> Text:
    """Return as many characters of the same alphabet, each drawn without regard to the others."""
    like = source_text()
    generator = torch.Generator().manual_seed(seed)
    count = len(like.train) + len(like.held_out)
    numbers = torch.randint(len(like.alphabet), (count,), generator=generator)
    return Text(numbers[: len(like.train)], numbers[len(like.train) :], like.alphabet)


class NextCharacter(nn.Module):
    """Characters in, a logit for each possible next one out: (B, T) to (B, T, V)."""

    def __init__(self, vocabulary: int, hidden_dim: int, layers: int, directions: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, EMBEDDING)
        self.rnn = nn.RNN(
            EMBEDDING, hidden_dim, layers, batch_first=True, bidirectional=directions == 2
        )
        self.readout = nn.Linear(directions * hidden_dim, vocabulary)

    def forward(self, characters: torch.Tensor) -> torch.Tensor:
        output, _ = self.rnn(self.embedding(characters))
        logits: torch.Tensor = self.readout(output)
        return logits


def parameters(model: nn.Module) -> int:
    """Return how many numbers there are to learn."""
    return sum(parameter.numel() for parameter in model.parameters())


def fitting_width(vocabulary: int, layers: int, directions: int, budget: int) -> int:
    """Return the hidden size whose number of parameters comes closest to `budget`."""

    def size(hidden_dim: int) -> int:
        with torch.device("meta"):  # shapes only
            return parameters(NextCharacter(vocabulary, hidden_dim, layers, directions))

    above = max(2, bisect_left(range(1024), budget, lo=1, key=size))
    return min((above - 1, above), key=lambda hidden_dim: abs(size(hidden_dim) - budget))


def train(model: nn.Module, characters: torch.Tensor, batches: int) -> None:
    """Train in place: 32 random windows a batch, Adam from 1e-2 to 0, clipped to norm 1."""
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2, fused=True)
    schedule = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 0.0, total_iters=batches)
    for _ in range(batches):
        starts = torch.randint(len(characters) - WINDOW, (32,))
        loss = losses(model, windows(characters, starts)).mean()
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()


def losses(model: nn.Module, window: torch.Tensor) -> torch.Tensor:
    """Return the loss of each guess in nats, (B, T), for windows of T + 1 characters."""
    logits, target = model(window[:, :-1]), window[:, 1:]
    each = cross_entropy(logits.flatten(0, 1), target.flatten(), reduction="none")
    return each.view(target.shape)


def windows(characters: torch.Tensor, starts: torch.Tensor) -> torch.Tensor:
    """Cut out a window at each start, and the character after it: (starts, T + 1)."""
    return characters[starts[:, None] + torch.arange(WINDOW + 1)]


@torch.no_grad()
def write(model: nn.Module, prompt: torch.Tensor, count: int) -> torch.Tensor:
    """Continue a prompt, one drawn character at a time, each after a look at the last window."""
    text = prompt.clone()
    for _ in range(count):
        logits = model(text[None, -WINDOW:])[0, -1]  # (V,)
        text = torch.cat([text, torch.multinomial(logits.softmax(0), 1)])
    return text[len(prompt) :]
