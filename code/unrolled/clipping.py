"""Two ways to shorten a gradient that is too long, and what they do to its direction."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from unrolled import validate, validate_kinds


def global_norm(grads: Mapping[str, np.ndarray]) -> float:
    """Return the length of all gradients as one vector.

    Raises:
        TypeError, ValueError: Not arrays by name, or none at all.
    """
    grads = validate_kinds.named("grads", grads)
    squares = (np.sum(np.square(grad, dtype=np.float64)) for grad in grads.values())
    return float(np.sqrt(sum(squares)))


def clip_by_norm(
    grads: Mapping[str, np.ndarray], max_norm: float
) -> tuple[dict[str, np.ndarray], float]:
    """Shorten all gradients by one factor, so that together they are at most so long.

    Returns:
        The gradients, and the norm before; infinite gradients become NaN.

    Raises:
        TypeError, ValueError: `max_norm` is not positive, or as in `global_norm`.

    Source: Pascanu, Mikolov and Bengio (2013), algorithm 1.
    """
    max_norm = validate.positive("max_norm", max_norm)
    norm = global_norm(grads)
    factor = 1.0 if norm <= max_norm else max_norm / norm
    return {name: (grad * factor).astype(grad.dtype) for name, grad in grads.items()}, norm


def clip_by_value(grads: Mapping[str, np.ndarray], limit: float) -> dict[str, np.ndarray]:
    """Cut every number of every gradient off at ±limit.

    Raises:
        TypeError, ValueError: `limit` is not positive, or as in `global_norm`.
    """
    grads = validate_kinds.named("grads", grads)
    limit = validate.positive("limit", limit)
    return {name: np.clip(grad, -limit, limit) for name, grad in grads.items()}
