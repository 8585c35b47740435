"""A grid: one experiment, the values of its arguments, and the cells these make."""

from __future__ import annotations

import hashlib
import itertools
import json
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from unrolled import validate_kinds
from unrolled.asked import asked_scale
from unrolled.grid.describe import Experiment, describe
from unrolled.provenance import versions
from unrolled.settings import Scale
from unrolled.sources import key as key_of_code

Arguments = dict[str, Any]
FORMAT = 1


@dataclass(frozen=True)
class Cell:
    """One call of an experiment; `key` stands for all that its result depends on."""

    experiment: str
    arguments: Arguments
    scale: Scale | None
    key: str


@dataclass(frozen=True)
class Grid:
    """Calls of one experiment.

    Attributes:
        axes: Arguments with several values; there is a point for each combination of them.
        fixed: The other arguments that are not at their defaults.
        split: Sequences that a point is taken apart by, into cells of one element each.
        scale: None for an experiment without one.
        device: `cpu`, `cuda` or `mps`.
    """

    experiment: Experiment
    axes: dict[str, tuple[Any, ...]]
    fixed: Arguments
    split: tuple[str, ...]
    scale: Scale | None
    device: str = "cpu"
    defaults: Arguments = field(init=False, repr=False)

    def __post_init__(self) -> None:
        parameters = self.experiment.parameters
        known = {each.name: each.default for each in parameters if each.kind}
        for name in (*self.axes, *self.fixed):
            if name not in known:
                raise ValueError(f"{name}: {self.experiment.name} has no such parameter")
        for name in self.split:
            if name not in self.experiment.splits:
                allowed = ", ".join(self.experiment.splits) or "nothing"
                raise ValueError(
                    f"split: got {name!r}, expected one of: {allowed}, or none for whole calls"
                )
        object.__setattr__(self, "defaults", known)

    @cached_property
    def code(self) -> str:
        """The key of all code the experiment can reach, as it is on disk now."""
        return key_of_code(self.experiment.module)

    @cached_property
    def versions(self) -> dict[str, str]:
        """The versions of what the experiment computes with."""
        return versions()

    @cached_property
    def points(self) -> tuple[Arguments, ...]:
        """All arguments of each call, in the order of the axes, the last one fastest."""
        combinations = itertools.product(*self.axes.values())
        return tuple(
            self.defaults | self.fixed | dict(zip(self.axes, values, strict=True))
            for values in combinations
        )

    def cells(self, point: Arguments) -> tuple[Cell, ...]:
        """Return the calls that one point is taken apart into."""
        parts = [[(each,) for each in point[name]] for name in self.split]
        split = (dict(zip(self.split, one, strict=True)) for one in itertools.product(*parts))
        return tuple(self._cell(point | arguments) for arguments in split)

    def _cell(self, arguments: Arguments) -> Cell:
        name = self.experiment.name
        known = [FORMAT, name, arguments, self.scale, self.code, self.versions, self.device]
        digest = hashlib.sha256(json.dumps(known, sort_keys=True).encode()).hexdigest()
        return Cell(name, arguments, self.scale, digest)

    @property
    def key(self) -> str:
        """Stands for all that the results of the grid depend on."""
        keys = [cell.key for point in self.points for cell in self.cells(point)]
        return hashlib.sha256("".join(keys).encode()).hexdigest()

    @property
    def command(self) -> str:
        """The command line that runs this grid."""
        words = ["python", "-m", "unrolled", "run", self.experiment.name]
        for name, value in {**self.fixed, **self.axes}.items():
            many = isinstance(value, tuple)
            words += [f"--{name.replace('_', '-')}", write(value if many else (value,))]
        if self.split != self.experiment.split:
            words += ["--split", ",".join(self.split) or "none"]
        if self.scale:
            words += ["--scale", self.scale]
        return shlex.join(words)


def grid(
    experiment: str,
    *,
    split: str | Sequence[str] | None = None,
    axes: Mapping[str, Sequence[Any]] | None = None,
    scale: Scale | None = None,
    **arguments: Any,
) -> Grid:
    """Return the grid of one experiment; what is not given stays at its default.

    Args:
        axes: Arguments of which each value is tried, in all combinations.
        split: Sequences by which calls are taken apart; `()` leaves them whole.
        scale: What `UNROLLED_SCALE` says unless given.

    Raises:
        TypeError: A value that no command line could give, or axes without names.
        ValueError: No such experiment or parameter, an axis without values, or it cannot be
            split so.
    """
    from unrolled import settings

    described = describe(experiment)
    if split is None:
        split = described.split
    split = (split,) if isinstance(split, str) else validate_kinds.sequence("split", split)
    level = asked_scale(scale)
    axes = {} if axes is None else validate_kinds.instance("axes", axes, Mapping)
    for name, values in axes.items():
        if len(validate_kinds.sequence(name, values)) == 0:
            raise ValueError(f"{name}: got none, expected at least one value")
    return Grid(
        described,
        {name: _hashable(name, values) for name, values in axes.items()},
        {name: _hashable(name, value) for name, value in arguments.items()},
        tuple(validate_kinds.text("split", name) for name in split),
        level if described.scaled else None,
        settings.device(),
    )


def _hashable(name: str, value: Any) -> Any:
    """Return a value as tuples of Python's own numbers and texts, which JSON and sets take."""
    value = value.tolist() if isinstance(value, np.ndarray | np.generic) else value
    if isinstance(value, Sequence) and not isinstance(value, str | bytes | bytearray):
        return tuple(_hashable(name, each) for each in value)
    if value is None or isinstance(value, str | int | float):
        return value
    raise TypeError(f"{name}: got {validate_kinds.short(value)}, expected numbers or texts")


def write(values: tuple[Any, ...]) -> str:
    """Write values as the command line reads them: `1,2`, `30x5,60x5`, `none`."""
    return ",".join(
        "none" if v is None else "x".join(map(str, v)) if isinstance(v, tuple) else str(v)
        for v in values
    )
