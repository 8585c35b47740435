"""Checks of tensors, in the words of `unrolled.validate`.

Whether their numbers are finite is not looked at: a network is called once a batch, on
a GPU the answer would have to be waited for, and NaN shows in what comes out.
"""

from __future__ import annotations

from typing import cast

import torch

from unrolled import validate
from unrolled.validate_kinds import instance, short

WHOLE = (torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8)


def tensor(
    name: str, value: object, dtype: torch.dtype | None, *shapes: tuple[int | str, ...]
) -> torch.Tensor:
    """Return `value` when it is a tensor of this dtype that has one of the shapes, if any.

    A named axis (`"T"`) may have any length except none at all; `None` for the dtype stands
    for any of floating-point numbers.

    Raises:
        TypeError: Not a tensor, or of another dtype.
        ValueError: Another shape, or an empty axis.
    """
    if not isinstance(value, torch.Tensor):
        raise TypeError(f"{name}: got {short(value)}, expected a torch.Tensor")
    if value.dtype != dtype if dtype else not value.is_floating_point():
        expected = dtype or "floating-point numbers"
        raise TypeError(f"{name}: got dtype {value.dtype}, expected {expected}")
    return _shaped(name, value, shapes)


def tokens(name: str, value: object, below: int, *shapes: tuple[int | str, ...]) -> torch.Tensor:
    """Return `value` as int64 when it is a tensor of integers from 0 up to a limit, without it.

    Raises:
        TypeError: Not a tensor, or not of integers.
        ValueError: Another shape, an empty axis, a number below 0 or not below the limit.
    """
    if not isinstance(value, torch.Tensor):
        raise TypeError(f"{name}: got {short(value)}, expected a torch.Tensor")
    if value.dtype not in WHOLE:
        raise TypeError(f"{name}: got dtype {value.dtype}, expected integers")
    least, most = (int(each) for each in _shaped(name, value, shapes).aminmax())
    if least < 0 or most >= below:
        raise ValueError(f"{name}: got {least} to {most}, expected 0 to {below - 1}")
    return value.long()


def generator(name: str, value: object) -> torch.Generator | None:
    """Return `value` when it is a source of random numbers, or `None` for PyTorch's own.

    Raises:
        TypeError: Anything else, a seed for instance.
    """
    if value is not None:
        instance(name, value, torch.Generator)
    return cast("torch.Generator | None", value)


def float_dtype(name: str, value: object) -> torch.dtype:
    """Return `value` as one of the two dtypes the package trains in.

    Raises:
        TypeError: Anything but float32 and float64, those of NumPy among it.
    """
    if isinstance(value, torch.dtype) and value in (torch.float32, torch.float64):
        return value
    raise TypeError(f"{name}: got {short(value)}, expected torch.float32 or torch.float64")


def seed(name: str, value: object) -> int:
    """Return `value` as an `int` that PyTorch takes as a seed.

    Raises:
        TypeError: Not an integer.
        ValueError: Negative, or of more than 64 bits.
    """
    if (given := validate.size(name, value, least=0)) >= 2**64:
        raise ValueError(f"{name}: got {given}, expected at most 64 bits")
    return given


def _shaped(
    name: str, value: torch.Tensor, shapes: tuple[tuple[int | str, ...], ...]
) -> torch.Tensor:
    got = tuple(value.shape)
    if shapes and not any(validate.fits(got, shape) for shape in shapes):
        expected = " or ".join(f"({', '.join(map(str, s))}{',' * (len(s) == 1)})" for s in shapes)
        raise ValueError(f"{name}: got shape {got}, expected {expected}")
    return value
