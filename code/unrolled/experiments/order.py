"""Does the order of the inputs matter to the final state?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from unrolled import validate
from unrolled.asked import asked_seeds
from unrolled.gradcheck import relative_error
from unrolled.rnn import VanillaRNN

if TYPE_CHECKING:
    from jaxtyping import Float


@dataclass(frozen=True, eq=False)
class OrderSensitivity:
    """Relative change under each permutation of the steps, a row a seed."""

    seeds: tuple[int, ...]
    state_change: Float[np.ndarray, "seeds permutations"]
    """Of the final hidden state."""
    mean_change: Float[np.ndarray, "seeds permutations"]
    """Of the inputs' mean, a summary that cannot know the order: rounding error."""


def order_sensitivity(
    *,
    seeds: Sequence[int] = (0, 1, 2),
    length: int = 20,
    input_dim: int = 10,
    hidden_dim: int = 32,
    permutations: int = 20,
) -> OrderSensitivity:
    """Permute the steps of a random sequence and see how far the final state moves.

    An untrained network with its default weights; a change of 1 is as large as the
    larger one of the two states.

    Raises:
        TypeError, ValueError: An argument of another kind, or out of its range.
    """
    validate.size("length", length)
    validate.size("permutations", permutations)
    validate.size("input_dim", input_dim)
    asked_seeds(seeds)
    state_change = np.empty((len(seeds), permutations))
    mean_change = np.empty_like(state_change)
    for row, seed in enumerate(seeds):
        model = VanillaRNN(input_dim, hidden_dim, 1, seed=seed, dtype=np.float64)
        rng = np.random.default_rng([seed, 1])
        inputs = rng.normal(size=(length, input_dim))
        shuffled = np.stack([rng.permutation(inputs) for _ in range(permutations)])  # (P, T, D)
        model.forward(np.concatenate([inputs[None], shuffled]))
        original, *others = model.states[:, -1]
        state_change[row] = [relative_error(other, original) for other in others]
        mean = inputs.mean(axis=0)
        mean_change[row] = [relative_error(other.mean(axis=0), mean) for other in shuffled]
    return OrderSensitivity(tuple(seeds), state_change, mean_change)
