"""How far is the truncated gradient from the full one?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from unrolled import validate
from unrolled.asked import asked_each, asked_seeds
from unrolled.rnn import VanillaRNN
from unrolled.truncated import truncated_gradients

if TYPE_CHECKING:
    from jaxtyping import Float


@dataclass(frozen=True, eq=False)
class TruncationError:
    """The truncated ∂L/∂W_hh against the full one; a row a seed, a column a window."""

    seeds: tuple[int, ...]
    windows: tuple[int, ...]
    cosine: Float[np.ndarray, "seeds windows"]
    """1: the same direction."""
    norm_ratio: Float[np.ndarray, "seeds windows"]
    """Truncated over full."""


def truncation_error(
    *,
    seeds: Sequence[int] = (0, 1, 2),
    windows: Sequence[int] = (1, 2, 5, 10, 20, 50),
    length: int = 50,
    batch: int = 64,
    input_dim: int = 4,
    hidden_dim: int = 32,
    output_dim: int = 3,
    init: str = "uniform",
) -> TruncationError:
    """Cut a sequence into windows, and compare the gradient of W_hh with the uncut one.

    Untrained networks, N(0, 1) inputs, and a loss that is a random linear function of
    all outputs. How much is lost depends on how long the network remembers: compare
    `init="uniform"`, PyTorch's default, with `"orthogonal"`.

    Raises:
        TypeError, ValueError: An argument of another kind, or out of its range.
    """
    asked_each("windows", windows, validate.size)
    validate.size("length", length)
    validate.size("batch", batch)
    asked_seeds(seeds)
    cosine = np.empty((len(seeds), len(windows)))
    norm_ratio = np.empty_like(cosine)
    for row, seed in enumerate(seeds):
        rng = np.random.default_rng([seed, 1])
        model = VanillaRNN(
            input_dim, hidden_dim, output_dim, init=init, seed=seed, dtype=np.float64
        )
        inputs = rng.normal(size=(batch, length, input_dim))
        d_outputs = rng.normal(size=(batch, length, output_dim))
        model.forward(inputs)
        full = model.backward(d_outputs)["W_hh"]
        for column, window in enumerate(windows):
            cut = truncated_gradients(model, inputs, d_outputs, window)["W_hh"]
            ratio = np.linalg.norm(cut) / np.linalg.norm(full)
            norm_ratio[row, column] = ratio
            cosine[row, column] = np.sum(cut * full) / np.linalg.norm(full) ** 2 / ratio
    return TruncationError(tuple(seeds), tuple(windows), cosine, norm_ratio)
