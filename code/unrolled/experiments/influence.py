"""How much does the last state still depend on an input some steps back?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from unrolled import validate
from unrolled.asked import asked_each, asked_seeds
from unrolled.nonlinearity import NONLINEARITIES
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
    spectral_radius: Float[np.ndarray, "seeds scales"]
    """Of W_hh."""


@dataclass(frozen=True, eq=False)
class LastTrace:
    """How far back other inputs change a float32 state at all."""

    seeds: tuple[int, ...]
    scales: tuple[float, ...]
    lags: int
    same_after: Shaped[np.ndarray, "seeds scales"]
    """The least k for which no other history up to x_{T-k} changes a bit of h_T; one more
    than `lags` when there is none."""


def input_influence(
    *,
    seeds: Sequence[int] = (0, 1, 2),
    scales: Sequence[float] = (0.01, 0.03, 0.1, 0.3),
    lags: int = 40,
    input_dim: int = 4,
    hidden_dim: int = 16,
) -> InputInfluence:
    """Differentiate the last state by each input.

    All weights N(0, scale²), inputs N(0, 1), states from 0.

    Raises:
        TypeError, ValueError: An argument of another kind, or out of its range.
    """
    asked_each("scales", scales, validate.positive)
    validate.size("input_dim", input_dim)
    lags = validate.size("lags", lags)
    asked_seeds(seeds)
    derivative = np.empty((len(seeds), len(scales), lags + 1))
    radius = np.empty((len(seeds), len(scales)))
    for row, seed in enumerate(seeds):
        inputs = np.random.default_rng([seed, 1]).normal(size=(lags + 1, input_dim))
        for column, scale in enumerate(scales):
            model = VanillaRNN(input_dim, hidden_dim, 1, scale=scale, seed=seed, dtype=np.float64)
            derivative[row, column] = input_derivatives(model, inputs)
            radius[row, column] = abs(np.linalg.eigvals(model.W_hh)).max()
    return InputInfluence(tuple(seeds), tuple(scales), derivative, radius)


def last_trace(
    *,
    seeds: Sequence[int] = (0, 1, 2),
    scales: Sequence[float] = (0.01, 0.03, 0.1, 0.3),
    lags: int = 60,
    histories: int = 20,
    input_dim: int = 4,
    hidden_dim: int = 16,
) -> LastTrace:
    """Exchange the inputs up to some step for others, and compare the last states bit by bit.

    The networks of `input_influence`, in float32. For each k, so many other histories are
    drawn from N(0, 1); the inputs after x_{T-k} stay. Each is compared with the original in
    the same row of a batch of the same size: the last bit of a matrix product may depend on
    where in the matrix a row stands.

    Raises:
        TypeError, ValueError: An argument of another kind, or out of its range.
    """
    asked_each("scales", scales, validate.positive)
    validate.size("input_dim", input_dim)
    lags, histories = validate.size("lags", lags), validate.size("histories", histories)
    asked_seeds(seeds)
    same_after = np.empty((len(seeds), len(scales)), int)
    kept = np.tri(lags + 1, lags + 1, -1, dtype=bool)[:, ::-1]  # row k: the last k steps
    for row, seed in enumerate(seeds):
        rng = np.random.default_rng([seed, 1])
        inputs = rng.normal(size=(lags + 1, input_dim))
        others = rng.normal(size=(histories, 1, lags + 1, input_dim))
        changed = np.where(kept[..., None], inputs, others)  # (histories, k, T, D)
        changed = changed.reshape(-1, lags + 1, input_dim)
        for column, scale in enumerate(scales):
            model = VanillaRNN(input_dim, hidden_dim, 1, scale=scale, seed=seed)
            model.forward(np.broadcast_to(inputs, changed.shape))
            original = model.states[:, -1]
            model.forward(changed)
            last = model.states[:, -1]
            differs = (last != original).any(axis=1).reshape(histories, -1).any(axis=0)
            same_after[row, column] = max(np.flatnonzero(differs), default=-1) + 1
    return LastTrace(tuple(seeds), tuple(scales), lags, same_after)


def input_derivatives(
    model: VanillaRNN, inputs: Float[np.ndarray, "T D"]
) -> Float[np.ndarray, " T"]:
    """Return ‖∂h_T/∂x_{T-k}‖ by k, the Jacobians multiplied from the last step back."""
    model.forward(inputs)
    back = np.eye(model.hidden_dim)  # ∂h_T/∂h_t, (H of h_T, H of h_t)
    norms = []
    for slope in NONLINEARITIES[model.nonlinearity].slope(model.states)[::-1]:
        d_sum = back * slope
        norms.append(np.linalg.norm(d_sum @ model.W_xh.T))
        back = d_sum @ model.W_hh.T
    return np.array(norms)
