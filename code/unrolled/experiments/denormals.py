"""What do gradients too small for a normal number cost?"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch

from unrolled import validate
from unrolled.rnn import VanillaRNN
from unrolled.starts import untrained

if TYPE_CHECKING:
    from jaxtyping import Float

TINY = float(np.finfo(np.float32).tiny)
"""The smallest normal float32; what is smaller and not zero is denormal."""


@dataclass(frozen=True, eq=False)
class DenormalCost:
    """A backward pass in float32 through many steps; a row a seed."""

    seeds: tuple[int, ...]
    denormal: Float[np.ndarray, "seeds lags"]
    """The share of the numbers in ∂L/∂h_{T-k} that are denormal, by k."""
    zero: Float[np.ndarray, "seeds lags"]
    """The share that is exactly zero."""
    seconds: Float[np.ndarray, "seeds 2"]
    """Of a backward pass, best of several: as it is, and with denormals flushed to zero."""


def denormal_cost(
    *, seeds: Sequence[int] = (0, 1, 2), length: int = 250, batch: int = 32, repeats: int = 5
) -> DenormalCost:
    """Count denormal gradients of default networks, and time them with and without flushing.

    Input 4, hidden 64, N(0, 1) inputs, a random loss at the last step. `torch.set_flush_denormal`
    sets a mode of the processor for this thread, which NumPy obeys as well; afterwards it is
    what it was before.

    Raises:
        RuntimeError: The processor has no such mode.
    """
    length = validate.size("length", length)
    denormal, zero = np.empty((2, len(seeds), length))
    seconds = np.empty((len(seeds), 2))
    before = flushes_denormals()
    try:
        for row, seed in enumerate(seeds):
            model = untrained("default", seed=seed, dtype=np.float32)
            rng = np.random.default_rng([seed, 1])
            d_last = rng.standard_normal((batch, 1), np.float32)
            model.forward(rng.standard_normal((batch, length, 4), np.float32))
            for column, flush in enumerate((False, True)):
                if not torch.set_flush_denormal(flush) and flush:
                    raise RuntimeError("this processor cannot flush denormal numbers to zero")
                seconds[row, column] = _best(model, d_last, repeats)
                if not flush:
                    size = abs(model.d_states[:, ::-1])  # (B, lags, H)
                    denormal[row] = ((size > 0) & (size < TINY)).mean(axis=(0, 2))
                    zero[row] = (size == 0).mean(axis=(0, 2))
    finally:
        torch.set_flush_denormal(before)
    return DenormalCost(tuple(seeds), denormal, zero, seconds)


def flushes_denormals() -> bool:
    """Return whether this thread takes denormal numbers for zero."""
    return bool(np.array([TINY], np.float32) / np.float32(4) == 0)


def _best(model: VanillaRNN, d_last: np.ndarray, repeats: int) -> float:
    taken = []
    for _ in range(repeats):
        started = time.perf_counter()
        model.backward(d_last)
        taken.append(time.perf_counter() - started)
    return min(taken)
