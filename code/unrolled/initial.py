"""Initial weights: the four ways a matrix of `VanillaRNN` may begin."""

from __future__ import annotations

import numpy as np

from unrolled import validate, validate_kinds

INITS = ("gaussian", "uniform", "orthogonal", "identity")


def initial_weights(
    rng: np.random.Generator, shape: tuple[int, int], init: str, scale: float
) -> np.ndarray:
    """Draw a float64 matrix.

    N(0, scale²), U(-scale, scale), or scale times a random orthogonal matrix or the
    identity (these two only for square shapes).

    Raises:
        TypeError, ValueError: An argument of another kind, or out of its range.
    """
    validate_kinds.instance("rng", rng, np.random.Generator)
    validate.choice("init", init, INITS)
    scale = validate.positive("scale", scale)
    if len(validate_kinds.sequence("shape", shape)) != 2:
        raise ValueError(f"shape: got {shape!r}, expected two lengths")
    rows, columns = (validate.size("shape", length) for length in shape)
    if rows != columns and init in ("orthogonal", "identity"):
        raise ValueError(f"shape: got {shape!r}, expected a square for {init!r}")
    if init == "gaussian":
        return rng.normal(0, scale, shape)
    if init == "uniform":
        return rng.uniform(-scale, scale, shape)
    if init == "identity":
        return scale * np.eye(*shape)
    q, r = np.linalg.qr(rng.normal(size=shape))
    return scale * q * np.sign(np.diag(r))  # without the signs, Q would not be uniform
