"""Checks of arguments: every refusal names the argument, what came and what was expected."""

from __future__ import annotations

import math
import operator
from collections.abc import Sequence
from numbers import Real
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, DTypeLike

Made = TypeVar("Made")


def size(name: str, value: object, *, least: int = 1) -> int:
    """Return `value` as an `int` of at least `least`.

    Raises:
        TypeError: Not an integer; `True` and `3.0` are none either.
        ValueError: Too small.
    """
    expected = f"expected an integer of at least {least}"
    if isinstance(value, bool | np.bool_):
        raise TypeError(f"{name}: got {value!r}, {expected}")
    try:
        number = operator.index(value)  # type: ignore[arg-type]
    except TypeError:
        raise TypeError(f"{name}: got {value!r}, {expected}") from None
    if number < least:
        raise ValueError(f"{name}: got {number}, {expected}")
    return number


def positive(name: str, value: object) -> float:
    """Return `value` as a finite `float` above zero.

    Raises:
        TypeError: Not a real number.
        ValueError: Zero, negative, infinite or NaN.
    """
    if isinstance(value, bool | np.bool_) or not isinstance(value, Real):
        raise TypeError(f"{name}: got {value!r}, expected a positive number")
    number = _rounded(value)
    if not (math.isfinite(number) and number > 0):
        raise ValueError(f"{name}: got {number}, expected a positive, finite number")
    return number


def number(name: str, value: object) -> float:
    """Return `value` as a finite `float`.

    Raises:
        TypeError: Not a real number.
        ValueError: Infinite or NaN.
    """
    if isinstance(value, bool | np.bool_) or not isinstance(value, Real):
        raise TypeError(f"{name}: got {value!r}, expected a number")
    number = _rounded(value)
    if not math.isfinite(number):
        raise ValueError(f"{name}: got {number}, expected a finite number")
    return number


def choice(name: str, value: object, allowed: Sequence[str]) -> str:
    """Return `value` when it is one of the allowed words.

    Raises:
        TypeError: Not a string.
        ValueError: Another word.
    """
    expected = "expected one of " + ", ".join(map(repr, allowed))
    if not isinstance(value, str):
        raise TypeError(f"{name}: got {value!r}, {expected}")
    if value not in allowed:
        raise ValueError(f"{name}: got {value!r}, {expected}")
    return value


def float_dtype(name: str, value: DTypeLike | None) -> np.dtype[Any]:
    """Return `value` as one of the two dtypes the package computes in.

    Raises:
        TypeError: Anything but float32 and float64.
    """
    try:
        dtype = np.dtype("object" if value is None else value)  # None would be float64
    except TypeError:
        dtype = np.dtype("object")
    if not any(dtype == allowed for allowed in (np.float32, np.float64)):
        raise TypeError(f"{name}: got {value!r}, expected numpy.float32 or numpy.float64")
    return dtype


def array(
    name: str, value: ArrayLike, dtype: np.dtype[Any], *shapes: tuple[int | str, ...]
) -> np.ndarray:
    """Return `value` as an array of `dtype` that has one of the shapes and is finite.

    A named axis (`"T"`) may have any length except none at all. The result may share
    memory with `value`.

    Raises:
        TypeError: Not real numbers: text, complex numbers, objects.
        ValueError: Another shape, an empty axis, NaN or infinity.
    """
    try:
        given = np.asarray(value)
    except (TypeError, ValueError, RuntimeError) as error:
        raise TypeError(f"{name}: expected an array of numbers, but {error}") from error
    if given.dtype.kind not in "fiub":
        raise TypeError(f"{name}: got dtype {given.dtype}, expected real numbers")
    if not any(fits(given.shape, shape) for shape in shapes):
        expected = " or ".join(f"({', '.join(map(str, s))}{',' * (len(s) == 1)})" for s in shapes)
        empty = ", which is empty" * (given.size == 0)
        raise ValueError(f"{name}: got shape {given.shape}{empty}, expected {expected}")
    if given.dtype != dtype:
        with np.errstate(over="ignore"):
            given = given.astype(dtype)
    if not (finite := np.isfinite(given)).all():
        count = given.size - np.count_nonzero(finite)
        raise ValueError(
            f"{name}: got {count} of {given.size} entries NaN or infinite (as {dtype}), "
            "expected finite numbers"
        )
    return given


def called_after(made: Made | None, name: str, call: str) -> Made:
    """Return what an earlier call has made.

    Raises:
        RuntimeError: There was no such call yet.
    """
    if made is None:
        raise RuntimeError(f"{name}: nothing there yet, expected a call of {call} before")
    return made


def _rounded(value: Real) -> float:
    """Return the nearest `float`; infinity for whole numbers and fractions beyond the largest."""
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf  # type: ignore[operator]


def fits(got: tuple[int, ...], wanted: tuple[int | str, ...]) -> bool:
    """Is it one of these shapes? A named axis may have any length but none at all."""
    return len(got) == len(wanted) and all(
        length == axis if isinstance(axis, int) else length > 0
        for length, axis in zip(got, wanted, strict=True)
    )
