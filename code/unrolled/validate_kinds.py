"""More checks of arguments: kinds of object, yes or no, texts, whole numbers, named arrays.

`unrolled.validate` has those that every network needs, and says how a refusal reads.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from unrolled import validate

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


def instance(name: str, value: Any, kind: type) -> Any:
    """Return `value` when it is of this kind.

    Raises:
        TypeError: Of another one.
    """
    if not isinstance(value, kind):
        raise TypeError(f"{name}: got {short(value)}, expected {kind.__name__}")
    return value


def sequence(name: str, value: object) -> Sequence[Any]:
    """Return `value` when it is a list, a tuple, or another sequence of objects.

    Raises:
        TypeError: Anything else, texts and bytes among it.
    """
    if isinstance(value, str | bytes | bytearray) or not isinstance(value, Sequence):
        raise TypeError(f"{name}: got {short(value)}, expected a list or a tuple")
    return value


def function(name: str, value: object) -> Callable[..., Any]:
    """Return `value` when it can be called.

    Raises:
        TypeError: It cannot.
    """
    if not callable(value):
        raise TypeError(f"{name}: got {short(value)}, expected a function")
    return value


def flag(name: str, value: object) -> bool:
    """Return `value` when it is `True` or `False`.

    Raises:
        TypeError: Anything else, 0 and 1 among them.
    """
    if not isinstance(value, bool | np.bool_):
        raise TypeError(f"{name}: got {short(value)}, expected True or False")
    return bool(value)


def share(name: str, value: object) -> float:
    """Return `value` as a `float` from 0 to 1.

    Raises:
        TypeError: Not a real number.
        ValueError: Below 0, above 1, or NaN.
    """
    if not 0 <= (given := validate.number(name, value)) <= 1:
        raise ValueError(f"{name}: got {given}, expected a number from 0 to 1")
    return given


def text(name: str, value: object, *, least: int = 0) -> str:
    """Return `value` when it is a text of at least so many characters.

    Raises:
        TypeError: Not a `str`; bytes are none either.
        ValueError: Too short.
    """
    if not isinstance(value, str):
        raise TypeError(f"{name}: got {short(value)}, expected a text")
    if len(value) < least:
        characters = "at least one character" if least == 1 else f"at least {least} characters"
        raise ValueError(f"{name}: got {value!r}, expected {characters}")
    return value


def numbers(name: str, value: ArrayLike) -> np.ndarray:
    """Return `value` as a float32 or float64 array of any shape; NaN and infinity may be in it.

    For functions in whose result these show.

    Raises:
        TypeError: Not real numbers: text, complex numbers, objects.
    """
    try:
        given = np.asarray(value)
    except (TypeError, ValueError, RuntimeError) as error:
        raise TypeError(f"{name}: expected an array of numbers, but {error}") from error
    if given.dtype.kind not in "fiub":
        raise TypeError(f"{name}: got dtype {given.dtype}, expected real numbers")
    return given.astype(_precision(given), copy=False)


def floats(name: str, value: ArrayLike, *shapes: tuple[int | str, ...]) -> np.ndarray:
    """Return `value` as `validate.array` does: float32 where it is that already, else float64.

    Raises:
        TypeError, ValueError: As `validate.array`.
    """
    return validate.array(name, value, _precision(value), *shapes)


def integers(
    name: str, value: ArrayLike, below: int | None, *shapes: tuple[int | str, ...]
) -> np.ndarray:
    """Return `value` as an int64 array that has one of the shapes, with numbers below a limit.

    Raises:
        TypeError: Not integers; `True` and `3.0` are none either.
        ValueError: Another shape, an empty axis, a number below 0 or not below the limit.
    """
    try:
        kind = np.asarray(value).dtype
    except (TypeError, ValueError, RuntimeError) as error:
        raise TypeError(f"{name}: expected an array of integers, but {error}") from error
    if kind.kind not in "iu":
        raise TypeError(f"{name}: got dtype {kind}, expected integers")
    given = validate.array(name, value, np.dtype(np.int64), *shapes)
    least, most = int(given.min()), int(given.max())
    if least < 0 or (below is not None and most >= below):
        limit = "integers from 0 up" if below is None else f"integers from 0 to {below - 1}"
        raise ValueError(f"{name}: got {least} to {most}, expected {limit}")
    return given


def named(name: str, value: object, *names: str) -> Mapping[str, np.ndarray]:
    """Return `value` when it maps names to arrays, these names among them.

    Raises:
        TypeError: Not a mapping, or something in it is not an array of real numbers.
        ValueError: There is nothing in it, or a name is missing.
    """
    if not isinstance(value, Mapping):
        raise TypeError(f"{name}: got {short(value)}, expected arrays by name")
    if not value:
        raise ValueError(f"{name}: got nothing, expected arrays by name")
    if missing := [each for each in names if each not in value]:
        raise ValueError(f"{name}: got {[*value]}, expected {missing[0]!r} as well")
    for key, array in value.items():
        if not isinstance(array, np.ndarray | np.generic) or array.dtype.kind not in "fiub":
            raise TypeError(f"{name}[{key!r}]: got {short(array)}, expected an array of numbers")
    return value


def _precision(value: object) -> np.dtype[Any]:
    single = getattr(value, "dtype", None) == np.float32
    return np.dtype(np.float32 if single else np.float64)


def short(value: object) -> str:
    """What a value is, in one line: an array by its dtype and shape."""
    if hasattr(value, "shape") and hasattr(value, "dtype") and not isinstance(value, type):
        return f"{type(value).__name__} of dtype {value.dtype} and shape {tuple(value.shape)}"
    shown = repr(value)
    return shown if len(shown) <= 60 else f"{type(value).__name__} {shown[:50]}…"
