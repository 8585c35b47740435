"""What does the loss look like along one weight of a network?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from unrolled import validate
from unrolled.asked import asked_seeds
from unrolled.starts import untrained

if TYPE_CHECKING:
    from jaxtyping import Float


@dataclass(frozen=True, eq=False)
class LossAlongWeight:
    """A row a seed, a column a shift of the first entry of W_hh."""

    seeds: tuple[int, ...]
    shifts: tuple[float, ...]
    loss: Float[np.ndarray, "seeds shifts"]
    slope: Float[np.ndarray, "seeds shifts"]
    """The derivative of the loss with respect to the shift."""


def loss_along_weight(
    *,
    seeds: Sequence[int] = (0, 1, 2),
    gain: float = 1.0,
    reach: float = 1.0,
    points: int = 201,
    length: int = 50,
    hidden_dim: int = 32,
) -> LossAlongWeight:
    """Shift one weight of an untrained Gaussian network and watch the loss of one sequence.

    One N(0, 1) number a step; the loss is half the squared distance of the last output
    from 1.

    Raises:
        TypeError, ValueError: An argument of another kind, or out of its range.
    """
    reach = validate.positive("reach", reach)
    validate.size("length", length)
    shifts = np.linspace(-reach, reach, validate.size("points", points, least=2))
    asked_seeds(seeds)
    loss, slope = np.empty((2, len(seeds), len(shifts)))
    for row, seed in enumerate(seeds):
        model = untrained("gaussian", gain=gain, input_dim=1, hidden_dim=hidden_dim, seed=seed)
        inputs = np.random.default_rng([seed, 1]).normal(size=(length, 1))
        weight = model.W_hh[0, 0]
        for column, shift in enumerate(shifts):
            model.W_hh[0, 0] = weight + shift
            miss = model.forward(inputs)[-1] - 1  # (1,)
            loss[row, column] = 0.5 * float(miss[0]) ** 2
            slope[row, column] = model.backward(miss)["W_hh"][0, 0]
    return LossAlongWeight(tuple(seeds), tuple(map(float, shifts)), loss, slope)
