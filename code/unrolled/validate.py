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


def size(name: str, value: object, *, least: int = 1, most: int | None = None) -> int:
    """Return `value` as an `int` of at least `least` and at most `most`.

    Raises:
        TypeError: Not an integer; `True` and `3.0` are none either.
        ValueError: Too small, or too large.
    """
    limit = "" if most is None else f" and at most {most}"
    expected = f"expected an integer of at least {least}{limit}"
    if isinstance(value, bool | np.bool_):
        raise TypeError(f"{name}: got {value!r}, {expected}")
    try:
        number = operator.index(value)  # type: ignore[arg-type]
    except TypeError:
        raise TypeError(f"{name}: got {value!r}, {expected}") from None
    if number < least or (most is not None and number > most):
        raise ValueError(f"{name}: got {number}, {expected}")
    return number


def positive(name: str, value: object) -> float:
    """Return `value` as a finite `float` above zero.

    Raises:
        TypeError: Not a real number.
        ValueError: Zero, negative, infinite or NaN.
    """
    number = _real(name, value, "a positive number")
    if not (math.isfinite(number) and number > 0):
        raise ValueError(f"{name}: got {number}, expected a positive, finite number")
    return number


def number(name: str, value: object, *, least: float = -math.inf, most: float = math.inf) -> float:
    """Return `value` as a finite `float` from `least` to `most`.

    Raises:
        TypeError: Not a real number.
        ValueError: Infinite or NaN, too small, or too large.
    """
    number = _real(name, value, "a number")
    if not (math.isfinite(number) and least <= number <= most):
        limits = f" of at least {least:g}" * (least > -math.inf)
        limits += f" and at most {most:g}" * (most < math.inf)
        raise ValueError(f"{name}: got {number}, expected a finite number{limits}")
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
    given = real(name, value)
    shape(name, given.shape, *shapes)
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


def real(name: str, value: ArrayLike) -> np.ndarray:
    """Return `value` as an array of real numbers, of whatever dtype and shape it has.

    Raises:
        TypeError: Text, complex numbers, objects.
    """
    try:
        given = np.asarray(value)
    except (TypeError, ValueError, RuntimeError) as error:
        raise TypeError(f"{name}: expected an array of numbers, but {error}") from error
    if given.dtype.kind not in "fiub":
        raise TypeError(f"{name}: got dtype {given.dtype}, expected real numbers")
    return given


def shape(name: str, got: tuple[int, ...], *shapes: tuple[int | str, ...]) -> None:
    """Refuse a shape that is none of these; a named axis may have any length except none.

    Raises:
        ValueError: Another shape, or an empty axis.
    """
    if not any(_fits(got, each) for each in shapes):
        expected = " or ".join(f"({', '.join(map(str, s))}{',' * (len(s) == 1)})" for s in shapes)
        empty = ", which is empty" * (0 in got)
        raise ValueError(f"{name}: got shape {got}{empty}, expected {expected}")


def called_after(made: Made | None, name: str, call: str) -> Made:
    """Return what an earlier call has made.

    Raises:
        RuntimeError: There was no such call yet.
    """
    if made is None:
        raise RuntimeError(f"{name}: nothing there yet, expected a call of {call} before")
    return made


def _real(name: str, value: object, expected: str) -> float:
    if isinstance(value, bool | np.bool_) or not isinstance(value, Real):
        raise TypeError(f"{name}: got {value!r}, expected {expected}")
    try:
        return float(value)
    except OverflowError:
        raise ValueError(f"{name}: too large for a float, expected {expected}") from None


def _fits(got: tuple[int, ...], wanted: tuple[int | str, ...]) -> bool:
    return len(got) == len(wanted) and all(
        length == axis if isinstance(axis, int) else length > 0
        for length, axis in zip(got, wanted, strict=True)
    )
