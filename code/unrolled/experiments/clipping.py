"""What do the two kinds of clipping do to the direction of a gradient?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from unrolled import validate
from unrolled.asked import asked_each, asked_seeds
from unrolled.clipping import clip_by_norm, clip_by_value, global_norm
from unrolled.starts import untrained

if TYPE_CHECKING:
    from jaxtyping import Float


@dataclass(frozen=True, eq=False)
class ClippingDirection:
    """An exploded gradient before and after clipping; a row a seed."""

    seeds: tuple[int, ...]
    fractions: tuple[float, ...]
    norm: Float[np.ndarray, " seeds"]
    """‖g‖, over all five gradients, before clipping."""
    cosine_by_norm: Float[np.ndarray, "seeds fractions"]
    """Of the gradient clipped to this fraction of its norm with the whole one."""
    cosine_by_value: Float[np.ndarray, "seeds fractions"]
    """The same when every number is cut off at this fraction of the largest one."""


def clipping_direction(
    *,
    seeds: Sequence[int] = (0, 1, 2),
    fractions: Sequence[float] = (1.0, 0.3, 0.1, 0.03, 0.01, 0.003, 0.001),
    gain: float = 2.0,
    length: int = 50,
    batch: int = 32,
) -> ClippingDirection:
    """Clip the gradient of an untrained Gaussian network by norm and by value.

    N(0, 1) inputs, 4 a step, hidden 64, and a loss that is a random number times the last
    output of each sequence.

    Raises:
        TypeError, ValueError: An argument of another kind, or out of its range.
    """
    asked_each("fractions", fractions, validate.positive)
    validate.size("length", length)
    validate.size("batch", batch)
    asked_seeds(seeds)
    norm = np.empty(len(seeds))
    by_norm, by_value = np.empty((2, len(seeds), len(fractions)))
    for row, seed in enumerate(seeds):
        model = untrained("gaussian", gain=gain, seed=seed)
        rng = np.random.default_rng([seed, 1])
        model.forward(rng.normal(size=(batch, length, 4)))
        grads = model.backward(rng.normal(size=(batch, 1)))
        norm[row] = global_norm(grads)
        largest = max(float(abs(grad).max()) for grad in grads.values())
        for column, fraction in enumerate(fractions):
            shortened, _ = clip_by_norm(grads, fraction * norm[row])
            by_norm[row, column] = cosine(shortened, grads)
            by_value[row, column] = cosine(clip_by_value(grads, fraction * largest), grads)
    return ClippingDirection(tuple(seeds), tuple(fractions), norm, by_norm, by_value)


def cosine(a: dict[str, np.ndarray], b: dict[str, np.ndarray]) -> float:
    """Return the cosine of the angle between two sets of gradients, each as one vector."""
    product = sum(float(np.vdot(a[name], b[name])) for name in a)
    return product / (global_norm(a) * global_norm(b))
