"""Put the results of the parts of a call together to the result of the whole."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np

Axes = dict[str, tuple[str, ...]]


def merge(results: Sequence[Any], axes: Axes, split: Sequence[tuple[str, int]]) -> Any:
    """Return one result of many.

    Args:
        results: Of the parts, in the order of the product, the last split fastest.
        axes: The names of the axes of each field.
        split: The parameters that were taken apart, each with the number of its elements.

    Raises:
        ValueError: Something that is not along a split axis differs between the parts.
    """
    if not split:
        (whole,) = results
        return whole
    (name, count), *rest = split
    size = len(results) // count
    parts = [merge(results[at : at + size], axes, rest) for at in range(0, len(results), size)]
    return join(parts, axes, name)


def join(parts: Sequence[Any], axes: Axes, name: str) -> Any:
    """Return one result of those that differ in the elements of one sequence.

    Raises:
        ValueError: Something else differs, too.
    """
    joined = object.__new__(type(parts[0]))
    for each in dataclasses.fields(parts[0]):
        values = [getattr(part, each.name) for part in parts]
        along = axes[each.name]
        if name not in along:
            whole = values[0]
            if not all(_equal(whole, value) for value in values):
                raise ValueError(
                    f"{each.name}: differs between parts, so the call cannot be split by {name}"
                )
        elif isinstance(values[0], tuple):
            whole = tuple(element for value in values for element in value)
        else:
            whole = np.concatenate(values, axis=along.index(name))
        object.__setattr__(joined, each.name, whole)
    return joined


def _equal(one: Any, other: Any) -> bool:
    if isinstance(one, np.ndarray):
        return one.dtype == other.dtype and np.array_equal(one, other, equal_nan=True)
    return bool(one == other) or (one != one and other != other)
