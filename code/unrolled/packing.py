"""Results as JSON and back, exactly: every float, dtype and shape as it was."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

import numpy as np

from unrolled import validate_kinds

Packed = Any
"""What `json` writes: numbers, texts, None, and lists and dictionaries of them."""


@dataclass(frozen=True)
class NotKept:
    """Stands where a result had something else than numbers and text, such as a network."""

    kind: str

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(
            f"{name}: a {self.kind} is not kept with results; call the experiment itself"
        )


def pack(value: object) -> Packed:
    """Return a number, text, None, array, tuple of these or dataclass, ready for `json`.

    Whatever else there is becomes a note of its kind.
    """
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, tuple):
        return [pack(each) for each in value]
    if isinstance(value, np.ndarray) and _fits(value):
        return _pack_array(value)
    return {"not kept": value.kind if isinstance(value, NotKept) else type(value).__name__}


def unpack(packed: Packed) -> Any:
    """Return what `pack` was given.

    Raises:
        ValueError: This does not come from `pack`.
    """
    if isinstance(packed, list):
        return tuple(unpack(each) for each in packed)
    if packed is None or isinstance(packed, bool | int | float | str):
        return packed
    if not isinstance(packed, dict):
        raise ValueError(f"packed: got {validate_kinds.short(packed)}, expected what pack returned")
    if packed.keys() == {"not kept"}:
        return NotKept(packed["not kept"])
    if packed.keys() == {"dtype", "shape", "data"}:
        return _unpack_array(packed)
    raise ValueError(f"packed: got the keys {', '.join(map(repr, packed))}, expected an array")


def pack_fields(result: Any) -> dict[str, Packed]:
    """Return the fields of a dataclass, packed, by name.

    Raises:
        TypeError: Not an instance of one.
    """
    if isinstance(result, type) or not dataclasses.is_dataclass(result):
        raise TypeError(
            f"result: got {validate_kinds.short(result)}, expected an object of a dataclass"
        )
    return {each.name: pack(getattr(result, each.name)) for each in dataclasses.fields(result)}


def unpack_fields(cls: type[Any], packed: dict[str, Packed]) -> Any:
    """Return an instance of a dataclass with the packed fields.

    Raises:
        TypeError: No dataclass, or no fields by name.
        ValueError: The class has other fields.
    """
    if not isinstance(cls, type) or not dataclasses.is_dataclass(cls):
        raise TypeError(f"cls: got {validate_kinds.short(cls)}, expected a dataclass")
    validate_kinds.instance("packed", packed, dict)
    names = [each.name for each in dataclasses.fields(cls)]
    if sorted(names) != sorted(packed):
        differing = ", ".join(sorted({*names} ^ {*packed}))
        raise ValueError(f"{cls.__name__}: the fields differ in {differing}")
    result = object.__new__(cls)
    for name in names:  # not by calling it: what is not kept is not of the kind it asks for
        object.__setattr__(result, name, unpack(packed[name]))
    return result


def _fits(array: np.ndarray) -> bool:
    """Say whether Python's own numbers hold those of the array: no text, no long doubles."""
    return array.dtype.kind in "biufc" and array.dtype.itemsize <= 8 * (
        1 + (array.dtype.kind == "c")
    )


def _pack_array(array: np.ndarray) -> Packed:
    flat = np.ascontiguousarray(array).ravel()
    if array.dtype.kind == "c":  # real and imaginary parts in turn
        flat = flat.view(flat.real.dtype)
    return {"dtype": array.dtype.name, "shape": list(array.shape), "data": flat.tolist()}


def _unpack_array(packed: Packed) -> np.ndarray:
    try:
        dtype = np.dtype(packed["dtype"])
        if dtype.kind == "c":
            parts = np.array(packed["data"], dtype=np.dtype(f"f{dtype.itemsize // 2}"))
            flat: np.ndarray = parts.view(dtype)
        else:
            flat = np.array(packed["data"], dtype=dtype)
        return flat.reshape(packed["shape"])
    except (TypeError, ValueError, OverflowError) as error:
        raise ValueError(f"packed: expected an array, but {error}") from error
