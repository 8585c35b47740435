"""The results of a grid, with where they come from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Real
from typing import Any

from unrolled import __version__, provenance
from unrolled.grid.cells import Arguments, Grid


@dataclass(frozen=True)
class Provenance:
    """Where a result comes from.

    Attributes:
        command: What computes it again.
        code: The key of all code that the experiment can reach.
        commit: None where there was no git; ends in `+changes` where files differed.
        seconds: That its cells took, added up.
        date: In UTC.
    """

    command: str
    code: str
    commit: str | None
    versions: dict[str, str]
    device: str
    seconds: float
    date: str


@dataclass(frozen=True, eq=False)
class Record:
    """The results of a grid.

    Attributes:
        fixed: Arguments that are not at their defaults.
        axes: Arguments with several values; `results` has an entry for each combination of
            them, the last one fastest.
        scale: None for an experiment without one.
    """

    experiment: str
    fixed: Arguments
    axes: dict[str, tuple[Any, ...]]
    scale: str | None
    results: tuple[Any, ...]
    provenance: Provenance

    @property
    def result(self) -> Any:
        """The only result, of a grid without axes.

        Raises:
            ValueError: There are several; choose one by `at`.
        """
        return self.at()

    def at(self, **point: Any) -> Any:
        """Return the result for one value of every axis: `record.at(start="lstm")`.

        Raises:
            ValueError: An axis is missing, or has no such value.
        """
        index = 0
        for name in self.axes | point:
            values = self.axes.get(name, ())
            if name not in point:
                raise ValueError(f"{name}: got nothing, expected one of {values}")
            given = point[name]
            places = [i for i, value in enumerate(values) if _is_value(given, value)]
            if not places:
                raise ValueError(f"{name}: got {given!r}, expected one of {values}")
            index = index * len(values) + places[0]
        return self.results[index]


def _is_value(given: object, value: object) -> bool:
    """Say whether a value of an axis is meant: an array is none, and `True` is not 1."""
    if given is not None and (isinstance(given, bool) or not isinstance(given, str | tuple | Real)):
        return False
    return bool(given == value)


def record_of(grid: Grid, results: Sequence[Any], seconds: float, *, options: str = "") -> Record:
    """Return the results of a grid, with where they come from.

    Args:
        options: Further words of the command line.
    """
    made = Provenance(
        command=f"{grid.command}{options}",
        code=grid.code,
        commit=provenance.commit(),
        versions={**grid.versions, "unrolled": __version__},
        device=grid.device,
        seconds=seconds,
        date=provenance.date(),
    )
    name = grid.experiment.name
    return Record(name, grid.fixed, grid.axes, grid.scale, tuple(results), made)
