"""The function between one state and the next, and its slope.

Each slope is written in terms of the function's value, the state, because that is what
the forward pass keeps: no second array is needed for backward.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np


class Nonlinearity(NamedTuple):
    """A function of one number, applied to every number of an array."""

    apply: Callable[[np.ndarray], object]
    """Overwrite the array with the function's values."""
    slope: Callable[[np.ndarray], np.ndarray]
    """Return a new array with the derivatives where the function has these values."""


def _tanh_slope(h: np.ndarray) -> np.ndarray:
    slope: np.ndarray = h * h
    np.subtract(1, slope, out=slope)
    return slope


NONLINEARITIES = {
    "tanh": Nonlinearity(lambda a: np.tanh(a, out=a), _tanh_slope),
    "relu": Nonlinearity(lambda a: np.maximum(a, 0, out=a), lambda h: (h > 0).astype(h.dtype)),
    "linear": Nonlinearity(lambda a: a, np.ones_like),
}
