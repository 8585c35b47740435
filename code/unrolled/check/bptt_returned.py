"""What a reader's methods return, taken as arrays where that is possible."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from unrolled.check.guard import Found
from unrolled.check.report import Diagnosis


def numbers(value: Any) -> np.ndarray | None:
    """Return an array of float64, or nothing where there are no real numbers."""
    try:
        array = np.asarray(value)
        return array.astype(np.float64) if array.dtype.kind in "fiub" else None
    except Exception:
        return None


def is_coarse(value: Any) -> bool:
    """Return whether a value has fewer digits than float64."""
    try:
        return np.asarray(value).dtype in (np.float32, np.float16)
    except Exception:
        return False


def kind(value: Any) -> str:
    """Return in words what came instead of an array."""
    return "None, as if a return were missing" if value is None else f"a {type(value).__name__}"


def modified(name: str, method: str) -> Diagnosis:
    """Return the diagnosis of a method that changes what it was given."""
    return Diagnosis(
        "arguments-modified" if name in ("inputs", "h0", "d_output") else "weights-modified",
        f"{method} changes {name}.",
        "Something like += works on the array itself: write a = a + b, or copy first.",
    )


def outputs_of(returned: Any, expected: tuple[int, int], call: str) -> np.ndarray:
    """Return the outputs (T, O) of `forward`.

    Raises:
        Found: They are none.
    """
    outputs = numbers(returned)
    if outputs is None:
        raise Found(
            "wrong-type",
            f"{call} returned {kind(returned)}.",
            "It should return the outputs of all steps, an array (T, V).",
        )
    if outputs.shape != expected:
        raise Found(
            "outputs-shape",
            f"{call} returned shape {outputs.shape}, expected {expected}.",
            "One row for each step, in the order of the steps, and no batch axis.",
        )
    if not np.isfinite(outputs).all():
        raise Found(
            "not-finite",
            f"{call} returned NaN or infinity.",
            "All weights are small here: look for an array from np.empty that is not filled.",
        )
    return outputs.copy()


def states_of(value: Any, T: int, H: int) -> np.ndarray | Diagnosis | None:
    """Return the stored states (T, H), also from a dict by step, or from rows with h0 first.

    Returns:
        Nothing where there are none to look at, a diagnosis where they have another form.
    """
    if value is None or callable(value):
        return None
    if isinstance(value, Mapping):
        value = [value[key] for key in range(T)] if set(range(T)) <= set(value) else dict(value)
    states = numbers(value)
    rows = len(states) if states is not None and states.ndim else 0
    if states is not None and rows in (T, T + 1) and states.size == rows * H:
        return states.reshape(rows, H)[-T:].copy()
    found = kind(value) if states is None else f"shape {states.shape}"
    return Diagnosis(
        "states-shape",
        f"states: {found}, expected {(T, H)}.",
        "A row for each step. A list that is not emptied before the first step grows.",
    )


def gradient_of(
    name: str, value: Any, shape: tuple[int, ...], own_shape: tuple[int, ...]
) -> np.ndarray | Diagnosis:
    """Return a gradient as an array of `shape`; it may come in the shape of the reader's weight."""
    array = numbers(value)
    if array is None:
        what = f"gradient of {name}: {kind(value)}."
        return Diagnosis("wrong-type", what, "Make it an array of numbers.")
    if array.shape not in (shape, own_shape):
        what = f"gradient of {name}: shape {array.shape}, expected {own_shape}."
        turned = " It fits when transposed: swap the factors." * (array.T.shape == own_shape)
        return Diagnosis("gradient-shape", what, "A gradient has the shape of its weight." + turned)
    if not np.isfinite(array).all():
        cause = "Look for a division by zero, or an array from np.empty that is not filled."
        return Diagnosis("not-finite", f"gradient of {name}: NaN or infinity.", cause)
    return array.reshape(shape).copy()
