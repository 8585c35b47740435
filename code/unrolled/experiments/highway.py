"""How much of a gated cell's gradient goes from step to step past all weights?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from unrolled import validate
from unrolled.asked import asked_each, asked_seeds
from unrolled.gru import GRU
from unrolled.lstm import LSTM

if TYPE_CHECKING:
    from jaxtyping import Float


@dataclass(frozen=True, eq=False)
class GateHighway:
    """Gradients of a loss at the last of `lags + 1` states, for the states k steps before it.

    Of the cell state c for an LSTM, and of h for a GRU; relative to that of the last one.
    """

    seeds: tuple[int, ...]
    cell: str
    biases: tuple[float, ...]
    lags: int
    gate: Float[np.ndarray, "seeds biases"]
    """The mean of f, or of z, over all units and steps."""
    total: Float[np.ndarray, "seeds biases lags_and_0"]
    """The norm of the whole gradient, the batch taken as one vector."""
    direct: Float[np.ndarray, "seeds biases lags_and_0"]
    """The norm of the part that is the product of the gates between."""
    share: Float[np.ndarray, "seeds biases lags_and_0"]
    """The share of that part, along the whole gradient; the other ways have the rest."""

    def factor(self, lag: int, way: str = "total") -> Float[np.ndarray, "seeds biases"]:
        """Return the factor per step that leads to what is left at this lag.

        Args:
            way: `"total"` or `"direct"`.
        """
        left: np.ndarray = getattr(self, validate.choice("way", way, ("total", "direct")))
        factor: np.ndarray = left[..., lag] ** (1 / lag)
        return factor


def gate_highway(
    *,
    seeds: Sequence[int] = (0, 1, 2),
    cell: str = "lstm",
    biases: Sequence[float] = (0.0, 1.0, 5.0),
    lags: int = 50,
    batch: int = 32,
    input_dim: int = 1,
    hidden_dim: int = 32,
) -> GateHighway:
    """Send a gradient back from the last state of untrained networks, by all ways and by one.

    The inputs are N(0, 1), the states begin at 0, the loss is a random linear function of the
    last state of each sequence.

    Args:
        cell: `"lstm"` or `"gru"`.
        biases: What is added to the bias of the forget gate, or of the update gate.

    Raises:
        TypeError, ValueError: An argument of another kind, or out of its range.
    """
    asked_each("biases", biases, validate.number)
    validate.size("batch", batch)
    validate.size("input_dim", input_dim)
    validate.size("hidden_dim", hidden_dim)
    validate.choice("cell", cell, ("lstm", "gru"))
    lags = validate.size("lags", lags)
    asked_seeds(seeds)
    gate = np.empty((len(seeds), len(biases)))
    total, direct, share = np.empty((3, *gate.shape, lags + 1))
    for row, seed in enumerate(seeds):
        for column, bias in enumerate(biases):
            rng = np.random.default_rng([seed, 1])
            inputs = rng.normal(size=(batch, lags + 1, input_dim))
            d_last = rng.normal(size=(batch, hidden_dim))
            gates, whole = _kept(cell, (input_dim, hidden_dim), bias, seed, inputs, d_last)
            part = _past_all_weights(gates, whole)
            gate[row, column] = gates.mean()
            size = np.square(whole).sum((0, 2))[::-1]  # by lag
            total[row, column] = np.sqrt(size / size[0])
            direct[row, column] = np.sqrt(np.square(part).sum((0, 2))[::-1] / size[0])
            share[row, column] = (part * whole).sum((0, 2))[::-1] / size
    return GateHighway(tuple(seeds), cell, tuple(biases), lags, gate, total, direct, share)


def _kept(
    cell: str,
    sizes: tuple[int, int],
    bias: float,
    seed: int,
    inputs: np.ndarray,
    d_last: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """The gate that keeps the state, and the gradient for every state, both (B, T, H)."""
    if cell == "lstm":
        lstm = LSTM(*sizes, forget_bias=bias, seed=seed, dtype=np.float64)
        lstm.forward(inputs)
        return lstm.gate("f"), lstm.backward(d_last)["cells"]
    gru = GRU(*sizes, update_bias=bias, seed=seed, dtype=np.float64)
    gru.forward(inputs)
    return gru.gate("z"), gru.backward(d_last)["states"]


def _past_all_weights(gates: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """The last state's gradient, times the gates of every step between: (B, T, H)."""
    back = np.cumprod(gates[:, :0:-1], axis=1)  # of the steps T, T - 1 … 2
    part = np.empty_like(whole)
    part[:, -1] = whole[:, -1]
    part[:, -2::-1] = whole[:, -1:] * back
    return part
