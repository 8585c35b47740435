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

from unrolled import validate, validate_kinds, validate_tensor

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
    """Return as many characters of the same alphabet, each drawn without regard to the others.

    Raises:
        TypeError, ValueError: Not a seed.
    """
    seed = validate_tensor.seed("seed", seed)
    like = source_text()
    generator = torch.Generator().manual_seed(seed)
    count = len(like.train) + len(like.held_out)
    numbers = torch.randint(len(like.alphabet), (count,), generator=generator)
    return Text(numbers[: len(like.train)], numbers[len(like.train) :], like.alphabet)


class NextCharacter(nn.Module):
    """Characters in, a logit for each possible next one out: (B, T) to (B, T, V).

    Raises:
        TypeError, ValueError: A size below 1, or more than two directions; in a call, not
            integers (B, T) below V.
    """

    def __init__(self, vocabulary: int, hidden_dim: int, layers: int, directions: int) -> None:
        super().__init__()
        vocabulary = validate.size("vocabulary", vocabulary)
        hidden_dim = validate.size("hidden_dim", hidden_dim)
        layers = validate.size("layers", layers)
        if (directions := validate.size("directions", directions)) > 2:
            raise ValueError(f"directions: got {directions}, expected 1 or 2")
        self.embedding = nn.Embedding(vocabulary, EMBEDDING)
        self.rnn = nn.RNN(
            EMBEDDING, hidden_dim, layers, batch_first=True, bidirectional=directions == 2
        )
        self.readout = nn.Linear(directions * hidden_dim, vocabulary)

    def forward(self, characters: torch.Tensor) -> torch.Tensor:
        V = self.embedding.num_embeddings
        characters = validate_tensor.tokens("characters", characters, V, ("B", "T"))
        output, _ = self.rnn(self.embedding(characters))
        logits: torch.Tensor = self.readout(output)
        return logits


def parameters(model: nn.Module) -> int:
    """Return how many numbers there are to learn.

    Raises:
        TypeError: Not a network.
    """
    validate_kinds.instance("model", model, nn.Module)
    return sum(parameter.numel() for parameter in model.parameters())


def fitting_width(vocabulary: int, layers: int, directions: int, budget: int) -> int:
    """Return the hidden size whose number of parameters comes closest to `budget`.

    Raises:
        TypeError, ValueError: Another argument than `NextCharacter` takes, or a budget below 1,
            or above that of 1024 units.
    """
    budget = validate.size("budget", budget)

    def size(hidden_dim: int) -> int:
        with torch.device("meta"):  # shapes only
            return parameters(NextCharacter(vocabulary, hidden_dim, layers, directions))

    if budget > (most := size(1024)):
        raise ValueError(f"budget: got {budget}, expected at most {most}, of 1024 units")
    above = max(2, bisect_left(range(1024), budget, lo=1, key=size))
    return min((above - 1, above), key=lambda hidden_dim: abs(size(hidden_dim) - budget))


def train(model: nn.Module, characters: torch.Tensor, batches: int) -> None:
    """Train in place: 32 random windows a batch, Adam from 1e-2 to 0, clipped to norm 1.

    Raises:
        TypeError, ValueError: Not a network, not a text longer than a window, or no batch.
    """
    validate_kinds.instance("model", model, nn.Module)
    batches = validate.size("batches", batches)
    _check_text(characters)
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
    """Return the loss of each guess in nats, (B, T), for windows of T + 1 characters.

    Raises:
        TypeError, ValueError: Not a network, or not windows of at least two characters.
    """
    validate_kinds.instance("model", model, nn.Module)
    window = _whole("window", window, ("B", "T + 1"))
    if window.shape[1] < 2:
        raise ValueError(f"window: got shape {tuple(window.shape)}, expected two columns or more")
    logits, target = model(window[:, :-1]), window[:, 1:]
    each = cross_entropy(logits.flatten(0, 1), target.flatten(), reduction="none")
    return each.view(target.shape)


def windows(characters: torch.Tensor, starts: torch.Tensor) -> torch.Tensor:
    """Cut out a window at each start, and the character after it: (starts, T + 1).

    Raises:
        TypeError, ValueError: Not a text longer than a window, or a start that is not in it.
    """
    _check_text(characters)
    starts = validate_tensor.tokens("starts", starts, len(characters) - WINDOW, ("starts",))
    return characters[starts[:, None] + torch.arange(WINDOW + 1)]


@torch.no_grad()
def write(model: nn.Module, prompt: torch.Tensor, count: int) -> torch.Tensor:
    """Continue a prompt, one drawn character at a time, each after a look at the last window.

    Raises:
        TypeError, ValueError: Not a network, not a text of integers (T,), or a negative count.
    """
    validate_kinds.instance("model", model, nn.Module)
    prompt = _whole("prompt", prompt, ("T",))
    count = validate.size("count", count, least=0)
    text = prompt.clone()
    for _ in range(count):
        logits = model(text[None, -WINDOW:])[0, -1]  # (V,)
        text = torch.cat([text, torch.multinomial(logits.softmax(0), 1)])
    return text[len(prompt) :]


def _check_text(characters: torch.Tensor) -> None:
    if len(_whole("characters", characters, ("T",))) <= WINDOW:
        found = f"got {len(characters)} characters"
        raise ValueError(f"characters: {found}, expected more than a window, {WINDOW}")


def _whole(name: str, value: torch.Tensor, *shapes: tuple[int | str, ...]) -> torch.Tensor:
    """Characters as int64; whether a number is one of the alphabet is for the network to say."""
    return validate_tensor.tokens(name, value, 2**31, *shapes)
