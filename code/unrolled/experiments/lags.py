"""How much of the last state's gradient is left, so many steps back?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from unrolled import validate
from unrolled.asked import asked_seeds
from unrolled.nonlinearity import NONLINEARITIES
from unrolled.starts import untrained

if TYPE_CHECKING:
    from jaxtyping import Float


@dataclass(frozen=True, eq=False)
class GradientByLag:
    """Gradients of a loss at the last of `lags + 1` states, a row a seed."""

    seeds: tuple[int, ...]
    lags: int
    norm: Float[np.ndarray, "seeds lags_and_0"]
    """‖∂L/∂h_{T-k}‖ / ‖∂L/∂h_T‖ for k = 0 … lags, the batch taken as one vector."""
    stretch: Float[np.ndarray, " seeds"]
    """‖W_hh‖/√H: by how much W_hh stretches a random vector, root mean square."""
    slope: Float[np.ndarray, " seeds"]
    """Root mean square of the nonlinearity's slope over all states."""

    def factor(self, lag: int) -> Float[np.ndarray, " seeds"]:
        """Return the factor per step that leads to what is left at this lag."""
        factor: np.ndarray = self.norm[:, lag] ** (1 / lag)
        return factor


def gradient_by_lag(
    *,
    seeds: Sequence[int] = (0, 1, 2),
    start: str = "default",
    gain: float = 1.0,
    nonlinearity: str = "tanh",
    drive: float | None = None,
    lags: int = 100,
    batch: int = 32,
    input_dim: int = 4,
    hidden_dim: int = 64,
) -> GradientByLag:
    """Send a gradient back from the last state of untrained networks, and measure it.

    The inputs are N(0, 1), the states begin at 0, and the loss is a random number times the
    output of the last step, for each sequence of the batch.

    Args:
        start: As in `unrolled.starts.untrained`, with `gain`.
        drive: The standard deviation of x_t W_xh, with W_xh drawn normal for it; `None` leaves
            W_xh as PyTorch draws it.

    Raises:
        TypeError, ValueError: An argument of another kind, or out of its range.
    """
    validate.size("batch", batch)
    lags = validate.size("lags", lags)
    slope_of = NONLINEARITIES[
        validate.choice("nonlinearity", nonlinearity, tuple(NONLINEARITIES))
    ].slope
    asked_seeds(seeds)
    norm = np.empty((len(seeds), lags + 1))
    stretch, slope = np.empty(len(seeds)), np.empty(len(seeds))
    for row, seed in enumerate(seeds):
        rng = np.random.default_rng([seed, 1])
        model = untrained(
            start,
            gain=gain,
            input_dim=input_dim,
            hidden_dim=hidden_dim,
            seed=seed,
            nonlinearity=nonlinearity,
        )
        if drive is not None:
            width = validate.positive("drive", drive) * input_dim**-0.5
            model.W_xh = rng.normal(0, width, model.W_xh.shape)
        model.forward(rng.normal(size=(batch, lags + 1, input_dim)))
        model.backward(rng.normal(size=(batch, 1)))
        by_step = np.linalg.norm(model.d_states, axis=(0, 2))  # (T,)
        norm[row] = by_step[::-1] / by_step[-1]
        stretch[row] = np.linalg.norm(model.W_hh) * hidden_dim**-0.5
        slope[row] = np.sqrt(np.mean(slope_of(model.states) ** 2))
    return GradientByLag(tuple(seeds), lags, norm, stretch, slope)
