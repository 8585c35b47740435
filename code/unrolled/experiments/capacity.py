"""How many past inputs can be read from the last state?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from unrolled import validate
from unrolled.asked import asked_scale, asked_seeds
from unrolled.experiments.influence import input_derivatives
from unrolled.rnn import VanillaRNN
from unrolled.settings import Scale
from unrolled.starts import untrained

if TYPE_CHECKING:
    from jaxtyping import Float
    from numpy.typing import DTypeLike

SAMPLES: dict[Scale, int] = {"smoke": 200, "site": 2000, "full": 50000}
WARM_UP = 100


@dataclass(frozen=True, eq=False)
class MemoryCapacity:
    """What the best linear read-out recovers of each past input; a row a seed."""

    seeds: tuple[int, ...]
    hidden_dim: int
    r2: Float[np.ndarray, "seeds lags_and_0"]
    """The share of the variance of x_{t-k} that is recovered from h_t, on fresh data, by k.
    Where nothing is recovered it scatters around 0, and can be negative."""
    derivative: Float[np.ndarray, "seeds lags_and_0"]
    """‖∂h_t/∂x_{t-k}‖ at the last step, by k."""

    @property
    def capacity(self) -> Float[np.ndarray, " seeds"]:
        """The sum over all lags: so many inputs' worth."""
        total: np.ndarray = self.r2.sum(axis=1)
        return total


def memory_capacity(
    *,
    seeds: Sequence[int] = (0, 1, 2),
    start: str = "orthogonal",
    gain: float = 0.9,
    input_scale: float = 0.1,
    nonlinearity: str = "tanh",
    hidden_dim: int = 16,
    lags: int = 40,
    dtype: DTypeLike = np.float32,
    scale: Scale | None = None,
) -> MemoryCapacity:
    """Fit x_{t-k} from h_t by least squares on one half of a long sequence, test on the other.

    An untrained network that reads one N(0, 1) number a step, with W_xh from
    N(0, input_scale²).

    Source: Jaeger, Short term memory in echo state networks, GMD report 152 (2001), who adds
    up squared correlations instead, and proves that for independent inputs the sum is at most
    the number of units.

    Raises:
        TypeError, ValueError: An argument of another kind, or out of its range.
    """
    lags = validate.size("lags", lags)
    input_scale = validate.positive("input_scale", input_scale)
    samples = SAMPLES[asked_scale(scale)]
    asked_seeds(seeds)
    r2, derivative = np.empty((2, len(seeds), lags + 1))
    for row, seed in enumerate(seeds):
        model = untrained(
            start,
            gain=gain,
            input_dim=1,
            hidden_dim=hidden_dim,
            seed=seed,
            nonlinearity=nonlinearity,
            dtype=dtype,
        )
        model.W_xh = np.random.default_rng([seed, 3]).normal(0, input_scale, (1, hidden_dim))
        inputs = np.random.default_rng([seed, 1]).normal(size=(WARM_UP + lags + 2 * samples, 1))
        r2[row] = recovered(model, inputs, lags, samples)
        derivative[row] = input_derivatives(model, inputs[-WARM_UP - lags :])[: lags + 1]
    return MemoryCapacity(tuple(seeds), hidden_dim, r2, derivative)


def recovered(
    model: VanillaRNN, inputs: Float[np.ndarray, "T 1"], lags: int, samples: int
) -> Float[np.ndarray, " lags_and_0"]:
    """Return R² by lag: fitted on so many steps after the warm-up, tested on the next ones."""
    model.forward(inputs)
    now = np.arange(len(inputs) - 2 * samples, len(inputs))
    states = model.states[now].astype(np.float64)
    states = np.column_stack([states / states.std(axis=0), np.ones(len(now))])  # (2N, H + 1)
    wanted = np.column_stack([inputs[now - k, 0] for k in range(lags + 1)])
    # The usual cut-off, 2000 roundings, would hide what the last digits of float64 hold.
    read_out = np.linalg.lstsq(states[:samples], wanted[:samples], rcond=-1)[0]
    error = wanted[samples:] - states[samples:] @ read_out
    share: np.ndarray = 1 - error.var(axis=0) / wanted[samples:].var(axis=0)
    return share
