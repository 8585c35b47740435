"""What a grid measured, each quantity over all its points: what tables and figures show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from unrolled.grid.cells import Grid


@dataclass(frozen=True)
class Axis:
    """One way along which a quantity varies; a label a place."""

    name: str
    labels: tuple[Any, ...]


@dataclass(frozen=True, eq=False)
class Quantity:
    """One field of the results. `values` has an axis for each of `axes`, and the seeds last."""

    name: str
    axes: tuple[Axis, ...]
    values: np.ndarray

    @property
    def spread(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Median, lowest and highest over the seeds."""
        numbers = self.values.astype(float)
        median = np.asarray(np.median(numbers, -1))
        return median, np.asarray(numbers.min(-1)), np.asarray(numbers.max(-1))


def quantities(grid: Grid, results: Sequence[Any]) -> tuple[list[Quantity], list[str]]:
    """Return the quantities of all points together, and what was left out and why."""
    points = tuple(Axis(name, values) for name, values in grid.axes.items())
    found, left = [], []
    for name, axes in grid.experiment.axes.items():
        arrays = [getattr(result, name) for result in results]
        if "seeds" not in axes or not all(isinstance(array, np.ndarray) for array in arrays):
            continue
        if arrays[0].dtype.kind not in "biuf":
            left.append(f"{name}: {arrays[0].dtype}")
        elif len({array.shape for array in arrays}) > 1:
            left.append(f"{name}: its shape differs from point to point")
        else:
            at = axes.index("seeds")
            stacked = np.stack([np.moveaxis(array, at, -1) for array in arrays])
            shape = [len(axis.labels) for axis in points] + list(stacked.shape[1:])
            others = [axis for axis in axes if axis != "seeds"]
            own = zip(others, stacked.shape[1:-1], strict=True)
            named = tuple(Axis(*_labelled(results[0], axis, count)) for axis, count in own)
            found.append(Quantity(name, points + named, stacked.reshape(shape)))
    return found, left


def _labelled(result: Any, axis: str, count: int) -> tuple[str, tuple[Any, ...]]:
    """Name the places of an axis by the field that is called like it, else by numbers."""
    labels = getattr(result, axis, None)
    if isinstance(labels, tuple) and len(labels) == count:
        return axis, labels
    return ("index" if axis.isdigit() else axis), tuple(range(count))
