"""How much does the last state still depend on an input some steps back?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from unrolled import validate
from unrolled.rnn import VanillaRNN

if TYPE_CHECKING:
    from jaxtyping import Float, Shaped


@dataclass(frozen=True, eq=False)
class InputInfluence:
    """Untrained networks by the scale of their weights."""

    seeds: tuple[int, ...]
    scales: tuple[float, ...]
    derivative: Float[np.ndarray, "seeds scales lags_and_0"]
    """‖∂h_T/∂x_{T-k}‖ for k = 0, 1, … in float64."""
    same_after: Shaped[np.ndarray, "seeds scales"]
    """The least k from which on another x_{T-k} leaves every bit of a float32 h_T as it was;
    one more than the greatest lag when there is none."""


def input_influence(
    *,
    seeds: Sequence[int] = (0, 1, 2),
    scales: Sequence[float] = (0.01, 0.03, 0.1, 0.3),
    lags: int = 40,
    input_dim: int = 4,
    hidden_dim: int = 16,
) -> InputInfluence:
    """Differentiate the last state by each input, and replace each input by its negative.

    All weights N(0, scale²), inputs N(0, 1), states from 0.
    """
    lags = validate.size("lags", lags)
    derivative = np.empty((len(seeds), len(scales), lags + 1))
    same_after = np.empty((len(seeds), len(scales)), int)
    for row, seed in enumerate(seeds):
        inputs = np.random.default_rng([seed, 1]).normal(size=(lags + 1, input_dim))
        for column, scale in enumerate(scales):
            exact, single = (
                VanillaRNN(input_dim, hidden_dim, 1, scale=scale, seed=seed, dtype=dtype)
                for dtype in (np.float64, np.float32)
            )
            derivative[row, column] = _derivatives(exact, inputs)
            same_after[row, column] = _first_without_trace(single, inputs)
    return InputInfluence(tuple(seeds), tuple(scales), derivative, same_after)


def _derivatives(model: VanillaRNN, inputs: Float[np.ndarray, "T D"]) -> Float[np.ndarray, " T"]:
    """The norm of ∂h_T/∂x_{T-k} by k, the Jacobians multiplied from the last step back."""
    model.forward(inputs)
    back = np.eye(model.hidden_dim)  # ∂h_T/∂h_t, (H of h_T, H of h_t)
    norms = []
    for h in model.states[::-1]:
        d_sum = back * (1 - h**2)
        norms.append(np.linalg.norm(d_sum @ model.W_xh.T))
        back = d_sum @ model.W_hh.T
    return np.array(norms)


def _first_without_trace(model: VanillaRNN, inputs: Float[np.ndarray, "T D"]) -> int:
    T = len(inputs)
    changed = np.repeat(inputs[None], T + 1, axis=0)  # (1 + T, T, D), the first one as it was
    changed[np.arange(1, T + 1), T - 1 - np.arange(T)] *= -1
    model.forward(changed)
    original, *others = model.states[:, -1]
    differs = [k for k, other in enumerate(others) if (other != original).any()]
    return max(differs, default=-1) + 1
