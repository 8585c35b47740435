"""What does a network make of one short sentence, and what does it not know at a window's start?"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch.nn.functional import cross_entropy

from unrolled import validate
from unrolled.asked import asked_scale, asked_seeds
from unrolled.data.corpora import encode
from unrolled.models.char import CharRNN, State, detached
from unrolled.settings import Scale

if TYPE_CHECKING:
    from jaxtyping import Float

EPOCHS: dict[Scale, int] = {"smoke": 3, "site": 100, "full": 2000}
SENTENCE = "hello world hello python hello neural network"
REARRANGED = "hello python hello world hello network neural"


@dataclass(frozen=True, eq=False)
class MemorisedText:
    """Losses on one sentence, in nats per character; a row a seed.

    The last axis is state reset at every window, state carried on.
    """

    seeds: tuple[int, ...]
    window: int
    floor: float
    """The least that a network can reach whose state is reset at every window."""
    loss: Float[np.ndarray, "seeds epochs 2"]
    """Mean over an epoch, during training."""
    rearranged: Float[np.ndarray, "seeds 2"]
    """After training, on the same words in another order."""


def memorised_text(
    *, seeds: Sequence[int] = (0, 1, 2), window: int = 20, scale: Scale | None = None
) -> MemorisedText:
    """Train networks of 64 units on one sentence in windows, with and without the state carried.

    Adam, 0.01, an update a window, float32. Leaves PyTorch's random state as it was.

    Raises:
        TypeError, ValueError: An argument of another kind, or out of its range.
    """
    validate.size("window", window)
    epochs = EPOCHS[asked_scale(scale)]
    asked_seeds(seeds)
    loss = np.empty((len(seeds), epochs, 2))
    rearranged = np.empty((len(seeds), 2))
    for row, seed in enumerate(seeds):
        for column, carried in enumerate((False, True)):
            with torch.random.fork_rng(devices=[]):
                torch.manual_seed(seed)
                model = CharRNN(len(set(SENTENCE)), 64)
            loss[row, :, column] = _train(model, window, epochs, carried)
            with torch.no_grad():
                rearranged[row, column] = _loss(model, _tokens(REARRANGED), None)[0]
    return MemorisedText(tuple(seeds), window, floor(SENTENCE, window), loss, rearranged)


def windows(text: str, window: int) -> list[str]:
    """Cut a text into windows that overlap by one character, the last one's target."""
    return [text[start : start + window + 1] for start in range(0, len(text) - 1, window)]


def undecided(text: str, window: int) -> dict[str, Counter[str]]:
    """Return what followed each beginning of a window, where that was not always the same."""
    followed: dict[str, Counter[str]] = defaultdict(Counter)
    for piece in windows(text, window):
        for end in range(1, len(piece)):
            followed[piece[:end]][piece[end]] += 1
    return {start: counts for start, counts in followed.items() if len(counts) > 1}


def floor(text: str, window: int) -> float:
    """Return the mean loss of the best guesses that know nothing from before their window."""
    nats = sum(
        -count * np.log(count / counts.total())
        for counts in undecided(text, window).values()
        for count in counts.values()
    )
    return float(nats / (len(text) - 1))


def _tokens(text: str) -> torch.Tensor:
    return torch.from_numpy(encode(text, "".join(sorted(set(SENTENCE)))))[None]  # (1, T)


def _loss(model: CharRNN, tokens: torch.Tensor, state: State | None) -> tuple[torch.Tensor, State]:
    logits, state = model(tokens[:, :-1], state)
    return cross_entropy(logits.flatten(0, 1), tokens[:, 1:].flatten()), state


def _train(model: CharRNN, window: int, epochs: int, carried: bool) -> list[float]:
    pieces = [_tokens(piece) for piece in windows(SENTENCE, window)]
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01, fused=True)
    means = []
    for _ in range(epochs):
        state, total = None, 0.0
        for piece in pieces:
            loss, after = _loss(model, piece, state)
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            state = detached(after) if carried else None
            total += float(loss.detach()) * (piece.shape[1] - 1)
        means.append(total / (len(SENTENCE) - 1))
    return means
