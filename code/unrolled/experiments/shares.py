"""What does each step contribute to the gradient of W_hh, and does length change its norm?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from unrolled import validate
from unrolled.asked import asked_each, asked_seeds
from unrolled.starts import untrained

if TYPE_CHECKING:
    from jaxtyping import Float

WHOLE = ("lengths",)
"""Not to be taken apart by a grid: the shares are those of the longest."""


@dataclass(frozen=True, eq=False)
class WeightGradientShares:
    """∂L/∂W_hh for sequences of several lengths; a row a seed."""

    seeds: tuple[int, ...]
    lengths: tuple[int, ...]
    norm: Float[np.ndarray, "seeds lengths"]
    """‖∂L/∂W_hh‖."""
    share: Float[np.ndarray, "seeds longest"]
    """At the greatest length, by lag from 0: the step's contribution, projected on the whole
    gradient and divided by its norm. The shares of all steps add up to 1; one that works
    against the others is negative."""
    tail: Float[np.ndarray, "seeds longest"]
    """At the greatest length, by k: norm of what all steps k and more back contribute together,
    over the norm of the whole gradient."""


def weight_gradient_shares(
    *,
    seeds: Sequence[int] = (0, 1, 2),
    lengths: Sequence[int] = (5, 10, 20, 50, 100, 200),
    start: str = "default",
    gain: float = 1.0,
    batch: int = 32,
    input_dim: int = 4,
    hidden_dim: int = 64,
) -> WeightGradientShares:
    """Take ∂L/∂W_hh apart into the contributions of the steps.

    Untrained networks, N(0, 1) inputs, and a loss that is a random number times the output
    of the last step, for each sequence. A shorter sequence is the end of the longest one.

    Raises:
        TypeError, ValueError: An argument of another kind, or out of its range.
    """
    asked_each("lengths", lengths, validate.size)
    validate.size("batch", batch)
    longest = max(validate.size("lengths", length) for length in lengths)
    asked_seeds(seeds)
    norm = np.empty((len(seeds), len(lengths)))
    share, tail = np.empty((2, len(seeds), longest))
    for row, seed in enumerate(seeds):
        model = untrained(start, gain=gain, input_dim=input_dim, hidden_dim=hidden_dim, seed=seed)
        rng = np.random.default_rng([seed, 1])
        inputs, d_last = rng.normal(size=(batch, longest, input_dim)), rng.normal(size=(batch, 1))
        for column, length in enumerate(lengths):
            model.forward(inputs[:, longest - length :])
            norm[row, column] = np.linalg.norm(model.backward(d_last)["W_hh"])
        model.forward(inputs)
        whole = model.backward(d_last)["W_hh"]
        delta = model.d_states * (1 - model.states**2)  # (B, T, H)
        before = np.concatenate([np.zeros_like(delta[:, :1]), model.states[:, :-1]], axis=1)
        by_step = np.sum(before @ whole * delta, axis=(0, 2))  # (T,)
        share[row] = by_step[::-1] / np.linalg.norm(whole) ** 2
        far = np.zeros_like(whole)
        for t in range(longest):
            far += before[:, t].T @ delta[:, t]
            tail[row, longest - 1 - t] = np.linalg.norm(far) / np.linalg.norm(whole)
    return WeightGradientShares(tuple(seeds), tuple(lengths), norm, share, tail)
