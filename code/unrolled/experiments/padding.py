"""What does padding do to the state of a recurrent network?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch

from unrolled import validate
from unrolled.asked import asked_seeds
from unrolled.models.text import TextClassifier

if TYPE_CHECKING:
    from jaxtyping import Float


@dataclass(frozen=True, eq=False)
class PaddingDrift:
    """What untrained networks make of padding; a row a seed, a column a count of PADs."""

    seeds: tuple[int, ...]
    read: int
    """Words before the padding."""
    moved: Float[np.ndarray, "seeds pads"]
    """Distance from the state after the last word, over its norm; mean over the texts."""
    apart: Float[np.ndarray, "seeds pads"]
    """Distance between the states of two texts, over what it is without padding; mean."""
    packed: Float[np.ndarray, " seeds"]
    """As `moved`, with all padding there and packed away."""


def padding_drift(
    *,
    seeds: Sequence[int] = (0, 1, 2),
    read: int = 5,
    padded_to: int = 50,
    texts: int = 8,
) -> PaddingDrift:
    """Give untrained text classifiers random words and then padding; follow the state.

    Vocabulary 1000, embedding 64 (of zeros for PAD), hidden 128, default initialisation,
    float64. Leaves PyTorch's random state as it was.

    Raises:
        TypeError, ValueError: An argument of another kind, or out of its range.
    """
    validate.size("read", read)
    validate.size("texts", texts, least=2)
    pads = validate.size("padded_to", padded_to, least=read) - read
    asked_seeds(seeds)
    moved, apart = np.empty((2, len(seeds), pads + 1))
    packed = np.empty(len(seeds))
    for row, seed in enumerate(seeds):
        with torch.random.fork_rng(devices=[]), torch.no_grad():
            torch.manual_seed(seed)
            model = TextClassifier(1000, 64, 128, 4).double()
            words = torch.randint(2, 1000, (texts, read))
            tokens = torch.cat([words, torch.zeros(texts, pads, dtype=torch.long)], dim=1)
            states = model.rnn(model.embedding(tokens))[0].transpose(0, 1)  # (T, B, H)
            last = model.last_state(tokens, torch.full((texts,), read))  # (B, H)
        states = states[read - 1 :]
        moved[row] = _relative(states, states[0]).numpy()
        packed[row] = float(_relative(last, states[0]))
        between = (states - states.roll(1, dims=1)).norm(dim=-1).mean(dim=-1)
        apart[row] = (between / between[0]).numpy()
    return PaddingDrift(tuple(seeds), read, moved, apart, packed)


def _relative(states: torch.Tensor, before: torch.Tensor) -> torch.Tensor:
    """(…, B, H) to (…)."""
    moved = (states - before).norm(dim=-1) / before.norm(dim=-1)
    mean: torch.Tensor = moved.mean(dim=-1)
    return mean
