"""How strongly does each state depend on each earlier one?"""

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
class JacobianNorms:
    """A matrix a seed: row t, column k, for the states h_1 … h_T."""

    seeds: tuple[int, ...]
    norm: Float[np.ndarray, "seeds T T"]
    """‖∂h_t/∂h_k‖/√H, which is 1 for t = k; 0 for t < k, where nothing depends on anything."""


def jacobian_norms(
    *,
    seeds: Sequence[int] = (0, 1, 2),
    start: str = "default",
    gain: float = 1.0,
    nonlinearity: str = "tanh",
    length: int = 40,
    input_dim: int = 4,
    hidden_dim: int = 64,
) -> JacobianNorms:
    """Multiply the Jacobians of all steps between any two states of one N(0, 1) sequence.

    The norm over √H is the root mean square factor by which a random nudge of h_k has grown
    when it arrives at h_t.

    Raises:
        TypeError, ValueError: An argument of another kind, or out of its range.
    """
    length = validate.size("length", length)
    slope_of = NONLINEARITIES[
        validate.choice("nonlinearity", nonlinearity, tuple(NONLINEARITIES))
    ].slope
    asked_seeds(seeds)
    norm = np.zeros((len(seeds), length, length))
    for row, seed in enumerate(seeds):
        model = untrained(
            start,
            gain=gain,
            input_dim=input_dim,
            hidden_dim=hidden_dim,
            seed=seed,
            nonlinearity=nonlinearity,
        )
        inputs = np.random.default_rng([seed, 1]).normal(size=(length, input_dim))
        model.forward(inputs)
        slopes = slope_of(model.states)  # (T, H)
        for k in range(length):
            jacobian = np.eye(hidden_dim)
            norm[row, k, k] = 1
            for t in range(k + 1, length):
                jacobian = jacobian @ model.W_hh * slopes[t]  # (H of h_k, H of h_t)
                norm[row, t, k] = np.linalg.norm(jacobian) * hidden_dim**-0.5
    return JacobianNorms(tuple(seeds), norm)
