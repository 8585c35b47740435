"""`python -m unrolled experiments`: list them, with what can be chosen."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table


def experiments() -> None:
    """List the experiments, with their parameters and defaults."""
    from unrolled.grid.describe import describe, names

    table = Table(show_lines=True)
    table.add_column("experiment", no_wrap=True)
    table.add_column("what it does, and its parameters")
    for name in names():
        described = describe(name)
        given = (each for each in described.parameters if each.kind)
        defaults = " ".join(f"{each.name}={default_text(each.default)}" for each in given)
        table.add_row(name, f"{described.summary}\n{defaults}")
    console = Console()
    console.print(table, markup=False, highlight=False)
    console.print("python -m unrolled run NAME --help says what they mean.", highlight=False)


def default_text(value: object) -> str:
    """Write a default as the command line takes it."""
    from unrolled.grid.cells import write

    return write(value if isinstance(value, tuple) else (value,))
