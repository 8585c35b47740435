"""What `python -m unrolled run` does once it knows which experiment, and with which words."""

from __future__ import annotations

import importlib
import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer
from rich.console import Console

from unrolled.commands.errors import named, option_names
from unrolled.commands.progress import duration, progress
from unrolled.commands.workers import count_of, workers

if TYPE_CHECKING:
    from unrolled.grid.cells import Cell, Grid
    from unrolled.grid.describe import Experiment
    from unrolled.grid.runner import Run
    from unrolled.grid.spread import Spread


def execute(experiment: Experiment, options: dict[str, Any]) -> None:
    """Check all options, compute what is not finished, then show and save the results."""
    from unrolled.grid.runner import Run
    from unrolled.grid.store import Store

    console = Console()
    with named():
        grid = _grid(experiment, options)
        folder = options["out"] or Path("runs") / f"{experiment.name}-{grid.key[:10]}"
        target = _record_file(experiment, options)
        store = Store()
        for place in (folder, store.folder, *([target.parent] if target else [])):
            _check_place(place)
        run = Run(grid, store)
        if run.missing:
            _check_arguments(grid)
    if run.missing:
        jobs = options["jobs"] or (1 if experiment.timed else 0)
        with workers(jobs, len(run.missing), options["dask"]) as spread:
            console.print(_begin(run, alone=experiment.timed and jobs == 1), highlight=False)
            _compute(console, run, spread)
    _finish(console, run, folder, target, options["as_"])


def _begin(run: Run, *, alone: bool) -> str:
    kept = run.total - len(run.missing)
    before = f", {kept} of them finished before" if kept else ""
    why = ", one at a time, as it measures times" if alone else ""
    cells = f"{run.total} cell{'s' * (run.total > 1)}"
    return f"{run.grid.experiment.name}: {cells}{before}{why}"


def _grid(experiment: Experiment, options: dict[str, Any]) -> Grid:
    from unrolled.grid.parse import read

    count_of(options["jobs"])
    if options["dask"] and options["jobs"]:
        raise ValueError("jobs: on a Dask cluster its workers are the processes, give one of both")
    given = {each.name: options[each.name] for each in experiment.parameters if each.kind}
    split = [word for text in options["split"] or () for word in text.split(",")]
    return read(experiment.name, given, split, options.get("scale", ""))


def _record_file(experiment: Experiment, options: dict[str, Any]) -> Path | None:
    from unrolled.results import FOLDER

    name = options["as_"] or experiment.name
    if not options["record"]:
        if options["as_"]:
            raise ValueError("as: names the recorded file, expected --record as well")
        return None
    if not re.fullmatch(r"[a-z][a-z0-9_-]*", name):
        raise ValueError(f"as: got {name!r}, expected small letters, digits, hyphens")
    if not (FOLDER.parents[1] / "pyproject.toml").is_file():
        raise ValueError("record: works in a checkout of the repository alone; use --out")
    return FOLDER / f"{name}.json"


def _check_place(folder: Path) -> None:
    """Find out now, not after hours, that nothing could be written there."""
    whole = folder.absolute()
    there = next(each for each in (whole, *whole.parents) if each.exists())
    try:
        with tempfile.TemporaryFile(dir=there):
            pass
    except OSError as error:
        raise ValueError(f"out: the folder {folder} cannot be made or written to") from error


def _check_arguments(grid: Grid) -> None:
    """Ask the experiment whether it takes the arguments of every point."""
    from unrolled.grid.runner import refusals

    module = importlib.import_module(grid.experiment.module)
    for _, message in refusals(grid, getattr(module, grid.experiment.name)):
        raise ValueError(message)


def _compute(console: Console, run: Run, spread: Spread) -> None:
    """Compute the missing cells, or end the program and say what is kept."""
    from unrolled.grid.runner import CellError

    try:
        with progress(console, run.total, run.total - len(run.missing)) as advance:
            for cell, seconds in run.compute(spread):
                advance(f"{_label(run.grid, cell)}: {duration(seconds)}", 1)
    except KeyboardInterrupt:
        console.print(f"Stopped. {_kept(run)}", highlight=False)
        raise typer.Exit(130) from None
    except CellError as error:
        if error.refused:
            raise typer.BadParameter(option_names(error.refused)) from error
        console.print(error.report, markup=False, highlight=False, soft_wrap=True)
        console.print(f"{error}\n{_kept(run)}", markup=False, highlight=False, soft_wrap=True)
        raise typer.Exit(1) from None
    except (RuntimeError, OSError) as error:  # a killed process, a full disk, a lost cluster
        console.print(f"{type(error).__name__}: {error}", markup=False, soft_wrap=True)
        console.print(_kept(run), highlight=False)
        raise typer.Exit(1) from None


def _kept(run: Run) -> str:
    # Ctrl-C may come when a cell is kept and not yet counted, so the store is asked.
    kept = run.total - sum(not (run.store and run.store.find(cell)) for cell in run.missing)
    return f"{kept} of {run.total} cells are kept; the same command goes on from there."


def _label(grid: Grid, cell: Cell) -> str:
    from unrolled.grid.cells import write

    names = [*grid.axes, *grid.split]
    values = (cell.arguments[name] for name in names)
    written = (write(value if isinstance(value, tuple) else (value,)) for value in values)
    return " ".join(f"{name}={text}" for name, text in zip(names, written, strict=True)) or "all"


def _finish(console: Console, run: Run, folder: Path, target: Path | None, name: str) -> None:
    """Print the tables, write result and figure, and say what is where."""
    from unrolled.grid.figure import draw, save_figure
    from unrolled.grid.summary import quantities
    from unrolled.grid.table import tables
    from unrolled.record import record_of
    from unrolled.results import save

    results = run.merged()
    found, left = quantities(run.grid, results)
    made, too_long = tables(found)
    for table in made:
        console.print(table, highlight=False)
    for note in left + [f"{each}, in the file" for each in too_long]:
        console.print(f"not in a table: {note}", markup=False, highlight=False)
    figure, not_drawn = draw(found, results[0].seeds)
    for note in not_drawn:
        console.print(f"not drawn: {note}", markup=False, highlight=False)
    options = f" --record{f' --as {name}' if name else ''}" if target else ""
    record = record_of(run.grid, results, sum(run.seconds.values()), options=options)
    written = [folder / "result.json", *([target] if target else [])]
    for path in written:
        save(path, record)
    if figure:
        save_figure(figure, folder)
        written += [folder / "figure.svg", folder / "figure.png"]
    console.print(f"written: {', '.join(map(str, written))}", markup=False, soft_wrap=True)
