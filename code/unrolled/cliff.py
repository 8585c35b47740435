"""The smallest network with a cliff in its loss: one unit, one weight, no inputs.

    h_t = tanh(w h_{t-1} + b),    L(w) = (h_T - target)²

Source: Pascanu, Mikolov and Bengio (2013), figure 6, there with a logistic unit and with w
and b both varied.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from unrolled import validate, validate_kinds

if TYPE_CHECKING:
    from jaxtyping import Float64
    from numpy.typing import ArrayLike


def loss_and_slope(
    w: ArrayLike, *, b: float = -0.3, h0: float = 1.0, steps: int = 50, target: float = 0.7
) -> tuple[Float64[np.ndarray, "*shape"], Float64[np.ndarray, "*shape"]]:
    """Return L and dL/dw for every number in `w`.

    The derivative is carried forward beside the state:
    dh_t/dw = (1 - h_t²)(h_{t-1} + w dh_{t-1}/dw).

    Raises:
        TypeError, ValueError: An argument of another kind, or out of its range.
    """
    steps, target = validate.size("steps", steps), validate.number("target", target)
    b, h0 = validate.number("b", b), validate.number("h0", h0)
    w = validate_kinds.numbers("w", w).astype(np.float64)
    h, d_h = np.full_like(w, h0), np.zeros_like(w)
    for _ in range(steps):
        d_sum = h + w * d_h
        h = np.tanh(w * h + b)
        d_h = (1 - h * h) * d_sum
    miss = np.asarray(h - target)  # of one number, arithmetic makes no array
    return np.asarray(miss**2), np.asarray(2 * miss * d_h)


def descend(
    w: float, *, rate: float, steps: int, max_slope: float = np.inf
) -> Float64[np.ndarray, " visited"]:
    """Return the weights that gradient descent visits, the first of them `w`.

    Args:
        rate: The learning rate.
        max_slope: Clip the slope to ±this before each step.

    Raises:
        TypeError, ValueError: An argument of another kind, or out of its range.
    """
    w, rate = validate.number("w", w), validate.positive("rate", rate)
    if not isinstance(max_slope, float) or max_slope != np.inf:
        max_slope = validate.positive("max_slope", max_slope)
    path = [w]
    for _ in range(validate.size("steps", steps)):
        _, slope = loss_and_slope(path[-1])
        path.append(path[-1] - rate * float(np.clip(slope, -max_slope, max_slope)))
    return np.array(path)
