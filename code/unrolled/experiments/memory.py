"""Which starts learn what their first number was, and over how many steps?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from unrolled import validate
from unrolled.asked import asked_each
from unrolled.beginnings import BEGINNINGS
from unrolled.experiments.lengths import FIELDS, sequence_length
from unrolled.settings import Scale

if TYPE_CHECKING:
    from jaxtyping import Float, Shaped

STARTS = (
    "tanh", "tanh orthogonal", "relu", "relu identity", "lstm", "lstm forget 1", "lstm forget 5",
    "gru", "gru update 5", "two-way tanh",
)  # fmt: skip
SPLIT = "starts"
"""What a grid takes apart: all seeds of a cell are trained at once."""


@dataclass(frozen=True, eq=False)
class MemoryMap:
    """What came of training several kinds of network on sequences of several lengths."""

    seeds: tuple[int, ...]
    starts: tuple[str, ...]
    lengths: tuple[int, ...]
    accuracy: Float[np.ndarray, "seeds starts lengths"]
    """On 2000 fresh sequences; a coin has 0.5."""
    updates: Shaped[np.ndarray, "seeds starts lengths"]
    """Made before the goal was reached or the budget used up."""
    factor: Float[np.ndarray, "seeds starts lengths"]
    """Of the states' gradient per step back, from the last to the first, before training."""
    radius: Float[np.ndarray, "seeds starts lengths"]
    """Spectral radius of W_hh after training."""

    def of(self, start: str, length: int, field: str = "accuracy") -> np.ndarray:
        """Return what every seed gave for one start and one length, (seeds,)."""
        found: np.ndarray = getattr(self, field)
        return found[:, self.starts.index(start), self.lengths.index(length)]


def memory_map(
    *,
    seeds: Sequence[int] = (0, 1, 2),
    starts: Sequence[str] = STARTS,
    lengths: Sequence[int] = (10, 25, 50, 100, 200),
    rate: float = 1e-3,
    steps: int | None = None,
    scale: Scale | None = None,
) -> MemoryMap:
    """Train every start on every length, as `sequence_length` does.

    Args:
        starts: Of `unrolled.beginnings.BEGINNINGS`.
        rate: Of Adam.
        steps: Updates at most; 600 by default, 8 at scale `smoke`.

    Raises:
        TypeError, ValueError: An argument of another kind, or out of its range.
    """
    asked_each("starts", starts, validate.choice, tuple(BEGINNINGS))
    rows = [
        sequence_length(
            seeds=seeds, start=start, lengths=lengths, rate=rate, steps=steps, scale=scale
        )
        for start in starts
    ]
    arrays = [np.stack([getattr(row, field) for row in rows], axis=1) for field in FIELDS]
    return MemoryMap(tuple(seeds), tuple(starts), tuple(lengths), *arrays)
