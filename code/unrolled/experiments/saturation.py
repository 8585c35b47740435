"""What do strong inputs do to the gradient's factor per step?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from unrolled import validate
from unrolled.asked import asked_each, asked_seeds
from unrolled.experiments.lags import gradient_by_lag

if TYPE_CHECKING:
    from jaxtyping import Float


@dataclass(frozen=True, eq=False)
class Saturation:
    """A row a seed, a column a strength of the inputs."""

    seeds: tuple[int, ...]
    drives: tuple[float, ...]
    factor: Float[np.ndarray, "seeds drives"]
    """Of the gradient, per step, over 50 steps."""
    slope: Float[np.ndarray, "seeds drives"]
    """Root mean square of the nonlinearity's slope."""


def saturation_by_drive(
    *,
    seeds: Sequence[int] = (0, 1, 2),
    drives: Sequence[float] = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0),
    start: str = "orthogonal",
    gain: float = 1.0,
    nonlinearity: str = "tanh",
) -> Saturation:
    """Run `gradient_by_lag` for several standard deviations of x_t W_xh.

    Raises:
        TypeError, ValueError: An argument of another kind, or out of its range.
    """
    asked_each("drives", drives, validate.positive)
    asked_seeds(seeds)
    factor, slope = np.empty((2, len(seeds), len(drives)))
    for column, drive in enumerate(drives):
        result = gradient_by_lag(
            seeds=seeds,
            start=start,
            gain=gain,
            nonlinearity=nonlinearity,
            drive=drive,
            lags=50,
        )
        factor[:, column], slope[:, column] = result.factor(50), result.slope
    return Saturation(tuple(seeds), tuple(drives), factor, slope)
