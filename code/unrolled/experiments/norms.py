"""How large is the hidden state, step by step?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from unrolled.rnn import VanillaRNN

if TYPE_CHECKING:
    from jaxtyping import Float


@dataclass(frozen=True, eq=False)
class StateNorms:
    """‖h_t‖ for each step, a row a seed."""

    seeds: tuple[int, ...]
    norms: Float[np.ndarray, "seeds T"]
    largest_possible: float
    """√H: every entry of the state at ±1."""


def state_norms(
    *,
    seeds: Sequence[int] = (0, 1, 2),
    length: int = 20,
    input_dim: int = 4,
    hidden_dim: int = 8,
    init: str = "gaussian",
    scale: float | None = None,
) -> StateNorms:
    """Run an untrained network over N(0, 1) inputs from a state of zeros.

    Here `scale` is that of the weights, as in `VanillaRNN`.
    """
    norms = np.empty((len(seeds), length))
    for row, seed in enumerate(seeds):
        model = VanillaRNN(
            input_dim, hidden_dim, 1, init=init, scale=scale, seed=seed, dtype=np.float64
        )
        model.forward(np.random.default_rng([seed, 1]).normal(size=(length, input_dim)))
        norms[row] = np.linalg.norm(model.states, axis=-1)
    return StateNorms(tuple(seeds), norms, float(np.sqrt(hidden_dim)))
