"""Check gradients against finite differences: slow, simple, independent of any derivation."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from unrolled import validate, validate_kinds
from unrolled.rnn import VanillaRNN

if TYPE_CHECKING:
    from jaxtyping import Float64, Shaped
    from numpy.typing import ArrayLike


def relative_error(a: ArrayLike, b: ArrayLike) -> float:
    """Return the distance of two arrays over the larger one's norm; 0 when both are zero.

    NaN when there is NaN or infinity in one of them.

    Raises:
        TypeError: Not real numbers.
        ValueError: The shapes differ, or there is nothing to compare.
    """
    a = validate_kinds.numbers("a", a).astype(np.float64)
    b = validate_kinds.numbers("b", b).astype(np.float64)
    if not a.size:
        raise ValueError(f"a: got shape {a.shape}, which is empty, expected some numbers")
    if a.shape != b.shape:
        raise ValueError(f"b: got shape {b.shape}, expected that of a, {a.shape}")
    largest = max(np.linalg.norm(a), np.linalg.norm(b))
    return float(np.linalg.norm(a - b) / largest) if largest else 0.0


def finite_differences(
    function: Callable[[np.ndarray], float],
    array: Shaped[np.ndarray, "*shape"],
    *,
    step: float = 1e-6,
) -> Float64[np.ndarray, "*shape"]:
    """Estimate the gradient of `function` at `array` by central differences.

    Calls `function` twice for each entry, with a float64 copy that differs by ±step there.

    Raises:
        TypeError, ValueError: An argument of another kind, or not finite, or a function that
            does not return a finite number.
    """
    validate_kinds.function("function", function)
    step = validate.positive("step", step)
    axes = ("n",) * validate_kinds.numbers("array", array).ndim
    point = validate.array("array", array, np.dtype(np.float64), axes).copy()
    gradient = np.empty_like(point)
    for index in np.ndindex(point.shape):
        centre = point[index]
        point[index] = centre + step
        above = validate.number("function", function(point))
        point[index] = centre - step
        below = validate.number("function", function(point))
        point[index] = centre
        gradient[index] = (above - below) / (2 * step)
    return gradient


def gradient_check(
    model: VanillaRNN, inputs: ArrayLike, *, seed: int = 0, step: float = 1e-6
) -> dict[str, float]:
    """Compare `model.backward` with finite differences: relative error by parameter.

    The loss is a random linear function of all outputs. Everything is computed in
    float64 on a copy, whatever the model's dtype. About 1e-9 is right; 1e-4 and more is
    a mistake in `backward`.

    Raises:
        TypeError, ValueError: An argument of another kind, or out of its range.
    """
    validate_kinds.instance("model", model, VanillaRNN)
    validate.size("seed", seed, least=0)
    validate.positive("step", step)
    twin = copy.deepcopy(model)
    twin.dtype = np.dtype(np.float64)
    for name, value in twin.parameters.items():
        setattr(twin, name, value.astype(np.float64))

    outputs = twin.forward(inputs)
    d_outputs = np.random.default_rng([seed, 1]).normal(size=outputs.shape)
    grads = twin.backward(d_outputs)

    def error(name: str) -> float:
        def loss(value: np.ndarray) -> float:
            setattr(twin, name, value)
            return float(np.sum(twin.forward(inputs) * d_outputs))

        original = getattr(twin, name)
        estimate = finite_differences(loss, original, step=step)
        setattr(twin, name, original)
        return relative_error(grads[name], estimate)

    return {name: error(name) for name in twin.parameters}
