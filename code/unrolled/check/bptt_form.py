"""The form that a reader's class should have: its weights, and how its methods are called."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from typing import Any

from unrolled.check.bptt_habits import NAMES
from unrolled.check.guard import Found

SIZES = {"x": 3, "h": 5, "y": 2}  # all different, so that no wrong order of axes fits
IN_WORDS = "The check takes D = {x}, H = {h} and V = {y}.".format(**SIZES)
SHAPES = {name: tuple(SIZES[letter] for letter in name[2:]) for name in NAMES}


def fits(function: Callable[..., Any], call: str, count: int) -> None:
    """Check that a function can be called with so many arguments.

    Raises:
        Found: It cannot.
    """
    try:
        inspect.signature(function).bind(*[None] * count)
    except TypeError as error:
        cause = "That is how the check calls it. Give further arguments a default."
        raise Found("arguments", f"{call} does not fit: {error}.", cause) from None
    except ValueError:  # built-in, no signature
        pass


def first_state(forward: Callable[..., Any]) -> str:
    """Return whether a second argument of `forward` is a first state: optional, required, no."""
    places = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    parameters = inspect.signature(forward).parameters.values()
    second = [parameter for parameter in parameters if parameter.kind in places][1:2]
    if not second or not re.match(r"h|init|prev|s0|start|state", second[0].name):
        return "no"
    return "required" if second[0].default is inspect.Parameter.empty else "optional"


def check_weight(name: str, shape: tuple[int, ...]) -> None:
    """Check the shape of a weight; a bias may be a row or a column.

    Raises:
        Found: It has another shape.
    """
    expected = SHAPES[name]
    flat_bias = len(expected) == 1 and sorted(shape) == [1, expected[0]]
    if shape == expected or flat_bias:
        return
    turned = "Yours is transposed: here vectors are rows, x @ W_xh, not W_xh @ x. "
    raise Found(
        "weight-shape",
        f"{name} has shape {shape}, expected {expected}.",
        turned * (shape == expected[::-1]) + "For input 3, state 5 and output 2, W_xh is (3, 5), "
        "W_hh (5, 5), W_hy (5, 2), b_h (5,) and b_y (2,).",
    )
