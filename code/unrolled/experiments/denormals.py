"""What do gradients too small for a normal number cost?"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from unrolled import validate
from unrolled.asked import asked_seeds
from unrolled.denormals import TINY, flushes_denormals
from unrolled.rnn import VanillaRNN
from unrolled.starts import untrained

if TYPE_CHECKING:
    from jaxtyping import Float


@dataclass(frozen=True, eq=False)
class DenormalLags:
    """A gradient in float32 on its way back; a row a seed, a column a lag."""

    seeds: tuple[int, ...]
    denormal: Float[np.ndarray, "seeds lags"]
    """The share of the numbers in ∂L/∂h_{T-k} that are denormal."""
    zero: Float[np.ndarray, "seeds lags"]
    """The share that is exactly zero."""


@dataclass(frozen=True, eq=False)
class DenormalCost:
    """The time of a backward pass; a row a seed."""

    seeds: tuple[int, ...]
    seconds: Float[np.ndarray, "seeds 2"]
    """Best of several: as it is, and with denormals flushed to zero."""


def denormal_lags(
    *, seeds: Sequence[int] = (0, 1, 2), length: int = 250, batch: int = 32
) -> DenormalLags:
    """Count the denormal numbers among the gradients of default networks.

    Input 4, hidden 64, N(0, 1) inputs, a random loss at the last step, float32.

    Raises:
        TypeError, ValueError: An argument of another kind, or out of its range.
        RuntimeError: This thread takes denormal numbers for zero, so there are none to count;
            call `torch.set_flush_denormal(False)` first.
    """
    validate.size("batch", batch)
    length = validate.size("length", length)
    if flushes_denormals():
        raise RuntimeError("this thread flushes denormal numbers, so none can be counted")
    asked_seeds(seeds)
    denormal, zero = np.empty((2, len(seeds), length))
    for row, seed in enumerate(seeds):
        model, d_last = _ready(seed, length, batch)
        model.backward(d_last)
        size = abs(model.d_states[:, ::-1])  # (B, lags, H)
        denormal[row] = ((size > 0) & (size < TINY)).mean(axis=(0, 2))
        zero[row] = (size == 0).mean(axis=(0, 2))
    return DenormalLags(tuple(seeds), denormal, zero)


def denormal_cost(
    *, seeds: Sequence[int] = (0, 1, 2), length: int = 250, batch: int = 32, repeats: int = 5
) -> DenormalCost:
    """Time the backward pass of the same networks, with and without flushing.

    `torch.set_flush_denormal` sets a mode of the processor for this thread, which NumPy obeys
    as well; afterwards it is what it was before.

    Raises:
        TypeError, ValueError: An argument of another kind, or out of its range.
        RuntimeError: The processor has no such mode.
    """
    validate.size("batch", batch)
    import torch

    length = validate.size("length", length)
    repeats = validate.size("repeats", repeats)
    asked_seeds(seeds)
    seconds = np.empty((len(seeds), 2))
    before = flushes_denormals()
    try:
        for row, seed in enumerate(seeds):
            model, d_last = _ready(seed, length, batch)
            for column, flush in enumerate((False, True)):
                if not torch.set_flush_denormal(flush) and flush:
                    raise RuntimeError("this processor cannot flush denormal numbers to zero")
                seconds[row, column] = _best(model, d_last, repeats)
    finally:
        torch.set_flush_denormal(before)
    return DenormalCost(tuple(seeds), seconds)


def _ready(seed: int, length: int, batch: int) -> tuple[VanillaRNN, np.ndarray]:
    """A network after its forward pass, and a gradient for its last output."""
    model = untrained("default", seed=seed, dtype=np.float32)
    rng = np.random.default_rng([seed, 1])
    d_last = rng.standard_normal((batch, 1), np.float32)
    model.forward(rng.standard_normal((batch, length, 4), np.float32))
    return model, d_last


def _best(model: VanillaRNN, d_last: np.ndarray, repeats: int) -> float:
    taken = []
    for _ in range(repeats):
        started = time.perf_counter()
        model.backward(d_last)
        taken.append(time.perf_counter() - started)
    return min(taken)
