"""Run a grid: compute the cells that are not finished, keep each as it arrives, merge them."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from unrolled import validate, validate_kinds
from unrolled.grid.cells import Arguments, Cell, Grid
from unrolled.grid.merge import merge
from unrolled.grid.spread import Spread, in_process, over_cores
from unrolled.grid.store import Store, result_class
from unrolled.grid.work import Task, compute
from unrolled.packing import unpack_fields


class CellError(RuntimeError):
    """A cell could not be computed.

    Attributes:
        cell: Which.
        refused: What is wrong with which argument, where the experiment refuses one; else empty.
        report: The traceback, as text.
    """

    def __init__(self, cell: Cell, outcome: dict[str, Any]) -> None:
        self.cell = cell
        self.message = outcome["message"]
        self.refused = ""
        if outcome["refused"]:
            self.refused = _named(outcome["message"], cell.arguments)
        self.report = outcome["traceback"]
        super().__init__(f"{describe_cell(cell)}: {outcome['error']}: {outcome['message']}")


class Run:
    """A grid, and which of its cells are finished.

    Args:
        store: Where finished cells are kept; in memory alone when None.

    Raises:
        TypeError: Not a grid and a store.
    """

    def __init__(self, grid: Grid, store: Store | None = None) -> None:
        validate_kinds.instance("grid", grid, Grid)
        if store is not None:
            validate_kinds.instance("store", store, Store)
        self.grid = grid
        self.store = store
        self.cells = [grid.cells(point) for point in grid.points]
        rounds = itertools.zip_longest(*self.cells)  # something of each point first
        every = {cell.key: cell for one in rounds for cell in one if cell}
        self.results: dict[str, Any] = {}
        self.seconds: dict[str, float] = {}
        for cell in every.values():
            if store and (kept := store.find(cell)):
                self._take(cell, kept)
        self.missing = [cell for key, cell in every.items() if key not in self.results]
        self.total = len(every)

    def compute(self, spread: Spread = in_process) -> Iterator[tuple[Cell, float]]:
        """Compute what is missing, and yield each cell with its seconds once it is kept.

        Raises:
            CellError: A cell raised. Those that arrived before are kept, others are given up.
        """
        grid, missing = self.grid, list(self.missing)
        module = grid.experiment.module
        tasks = [Task(cell, module, grid.code, grid.versions, grid.device) for cell in missing]
        with contextlib.closing(spread(compute, tasks)) as outcomes:  # type: ignore[type-var]
            for index, outcome in outcomes:
                cell = missing[index]
                if "error" in outcome:
                    raise CellError(cell, outcome)
                if self.store:
                    self.store.keep(cell, outcome["result"], outcome["seconds"])
                self._take(cell, outcome)
                self.missing.remove(cell)
                yield cell, outcome["seconds"]

    def merged(self) -> list[Any]:
        """Return one result for each point of the grid, when no cell is missing."""
        return [
            merge(
                [self.results[cell.key] for cell in cells],
                self.grid.experiment.axes,
                [(name, len(point[name])) for name in self.grid.split],
            )
            for point, cells in zip(self.grid.points, self.cells, strict=True)
        ]

    def _take(self, cell: Cell, outcome: dict[str, Any]) -> None:
        self.results[cell.key] = unpack_fields(result_class(cell.experiment), outcome["result"])
        self.seconds[cell.key] = outcome["seconds"]


def run(grid: Grid, *, jobs: int = 1, store: Store | None = None) -> list[Any]:
    """Return the result of each point of a grid, computed by so many processes.

    Raises:
        CellError: A cell raised.
        TypeError, ValueError: Not a grid, processes and a store.
    """
    validate.size("jobs", jobs)
    work = Run(grid, store)
    for _ in work.compute(over_cores(jobs) if jobs > 1 else in_process):
        pass
    return work.merged()


def describe_cell(cell: Cell) -> str:
    """Return the arguments of a cell as one line."""
    shown = (f"{name}={value!r}" for name, value in cell.arguments.items())
    return f"{cell.experiment}({', '.join(shown)})"


class _Reached(Exception):
    """The experiment has asked for its seeds."""


class _Asked(Sequence[int]):
    """Seeds that nobody gets to see."""

    def __len__(self) -> int:
        return 1

    def __getitem__(self, index: Any) -> Any:
        raise _Reached


def refusals(grid: Grid, function: Callable[..., Any]) -> Iterator[tuple[Arguments, str]]:
    """Yield the points whose arguments an experiment refuses, with what it says.

    It is called with seeds that end the call when it asks for the first of them. What it
    checks later is seen when the first cells of all points are computed.
    """
    for point in grid.points:
        scale = {} if grid.scale is None else {"scale": grid.scale}
        try:
            function(**point | scale | {"seeds": _Asked()})
        except _Reached:
            continue
        except (TypeError, ValueError) as error:
            if named := _named(str(error), point):
                yield point, named
        except Exception:  # of some other kind: the run will meet and report it
            continue


def _named(message: str, arguments: Arguments) -> str:
    """Return a message that begins with an argument's name; nothing for another message."""
    name, _, rest = message.partition(":")
    # An experiment that takes `lags` may refuse one `lag`.
    found = [each for each in (name, f"{name}s") if each in arguments]
    return f"{found[0]}:{rest}" if found else ""
