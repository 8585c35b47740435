"""How many past inputs can be read from the last state?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from unrolled import validate
from unrolled.rnn import VanillaRNN
from unrolled.settings import Scale
from unrolled.settings import scale as chosen_scale

if TYPE_CHECKING:
    from jaxtyping import Float

SAMPLES: dict[Scale, int] = {"smoke": 200, "site": 2000, "full": 50000}
WARM_UP = 100


@dataclass(frozen=True, eq=False)
class MemoryCapacity:
    """What the best linear read-out recovers of each past input; a row a seed."""

    seeds: tuple[int, ...]
    hidden_dim: int
    r2: Float[np.ndarray, "seeds lags_and_0"]
    """The share of the variance of x_{t-k} that is recovered from h_t, on fresh data, by k;
    0 where the read-out does worse than the mean."""

    @property
    def capacity(self) -> Float[np.ndarray, " seeds"]:
        """The sum over all lags: so many inputs' worth."""
        total: np.ndarray = self.r2.sum(axis=1)
        return total


def memory_capacity(
    *,
    seeds: Sequence[int] = (0, 1, 2),
    init: str = "gaussian",
    weight_scale: float = 0.1,
    hidden_dim: int = 16,
    lags: int = 40,
    scale: Scale | None = None,
) -> MemoryCapacity:
    """Fit x_{t-k} from h_t by least squares on one half of a long sequence, test on the other.

    An untrained float32 network that reads one N(0, 1) number a step. A state of H numbers
    can hold at most H of them in this sense.

    Source: Jaeger, Short term memory in echo state networks, GMD report 152 (2001), which
    takes inputs from U(-0.5, 0.5) and squared correlations.
    """
    lags = validate.size("lags", lags)
    samples = SAMPLES[scale or chosen_scale()]
    r2 = np.empty((len(seeds), lags + 1))
    now = np.arange(max(WARM_UP, lags), max(WARM_UP, lags) + 2 * samples)
    for row, seed in enumerate(seeds):
        model = VanillaRNN(1, hidden_dim, 1, init=init, scale=weight_scale, seed=seed)
        inputs = np.random.default_rng([seed, 1]).standard_normal((now[-1] + 1, 1), np.float32)
        model.forward(inputs)
        states = np.column_stack([model.states, np.ones(len(inputs))])[now]  # (2N, H + 1), float64
        wanted = np.column_stack([inputs[now - k, 0] for k in range(lags + 1)]).astype(np.float64)
        read_out = np.linalg.lstsq(states[:samples], wanted[:samples])[0]
        error = wanted[samples:] - states[samples:] @ read_out
        r2[row] = np.maximum(0, 1 - error.var(axis=0) / wanted[samples:].var(axis=0))
    return MemoryCapacity(tuple(seeds), hidden_dim, r2)
