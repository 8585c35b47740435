"""How wrong is a backward pass that forgets the recurrence?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from unrolled import validate
from unrolled.asked import asked_each, asked_scale, asked_seeds
from unrolled.rnn import VanillaRNN
from unrolled.settings import Scale
from unrolled.truncated import truncated_gradients

if TYPE_CHECKING:
    from jaxtyping import Float

NETWORKS: dict[Scale, int] = {"smoke": 3, "site": 20, "full": 200}


@dataclass(frozen=True, eq=False)
class DroppedRecurrence:
    """What several networks gave; a row a seed, a column a weight scale."""

    seeds: tuple[int, ...]
    scales: tuple[float, ...]
    W_hh_error: Float[np.ndarray, "seeds scales"]
    """‖wrong - right‖ / ‖right‖ for ∂L/∂W_hh; median over networks."""
    total_error: Float[np.ndarray, "seeds scales"]
    """The same for all five gradients as one vector."""
    wrong_norm: Float[np.ndarray, "seeds scales"]
    """‖wrong‖ for ∂L/∂W_hh, which the usual check wants non-zero; smallest over networks."""


def dropped_recurrence(
    *,
    seeds: Sequence[int] = (0, 1, 2),
    scales: Sequence[float] = (0.01, 0.03, 0.1, 0.3, 1.0),
    length: int = 10,
    input_dim: int = 4,
    hidden_dim: int = 16,
    output_dim: int = 3,
    scale: Scale | None = None,
) -> DroppedRecurrence:
    """Compare gradients with and without the path from each state to the one before.

    Weights N(0, scale²), N(0, 1) inputs, and a loss that is a random linear function of
    all outputs. Each seed draws as many networks as the scale of work allows.

    Raises:
        TypeError, ValueError: An argument of another kind, or out of its range.
    """
    asked_each("scales", scales, validate.positive)
    validate.size("length", length)
    networks = NETWORKS[asked_scale(scale)]
    asked_seeds(seeds)
    measured = np.empty((3, len(seeds), len(scales), networks))
    for row, seed in enumerate(seeds):
        for column, weight_scale in enumerate(scales):
            for network in range(networks):
                rng = np.random.default_rng([seed, network])
                model = VanillaRNN(
                    input_dim,
                    hidden_dim,
                    output_dim,
                    scale=weight_scale,
                    seed=int(rng.integers(2**32)),
                    dtype=np.float64,
                )
                inputs = rng.normal(size=(length, input_dim))
                d_outputs = rng.normal(size=(length, output_dim))
                model.forward(inputs)
                right = model.backward(d_outputs)
                wrong = truncated_gradients(model, inputs, d_outputs, window=1)
                measured[:, row, column, network] = (
                    _error(wrong["W_hh"], right["W_hh"]),
                    _error(_one_vector(wrong), _one_vector(right)),
                    np.linalg.norm(wrong["W_hh"]),
                )
    W_hh_error, total_error, _ = np.median(measured, axis=-1)
    wrong_norm = measured[2].min(axis=-1)
    return DroppedRecurrence(tuple(seeds), tuple(scales), W_hh_error, total_error, wrong_norm)


def _error(wrong: np.ndarray, right: np.ndarray) -> float:
    return float(np.linalg.norm(wrong - right) / np.linalg.norm(right))


def _one_vector(gradients: dict[str, np.ndarray]) -> np.ndarray:
    return np.concatenate([gradient.ravel() for gradient in gradients.values()])
