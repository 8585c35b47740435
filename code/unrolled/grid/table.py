"""The results of a grid as tables: a row for each place, median and range over the seeds."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
from rich.table import Table

from unrolled.grid.cells import write
from unrolled.grid.summary import Axis, Quantity

ROWS = 60
"""A longer table is left out: it is in the file, and in the figure."""


def tables(found: Sequence[Quantity]) -> tuple[list[Table], list[str]]:
    """Return a table for all quantities of the same axes, and what was left out and why."""
    groups: dict[tuple[Axis, ...], list[Quantity]] = {}
    for quantity in found:
        groups.setdefault(quantity.axes, []).append(quantity)
    made, left = [], []
    for axes, group in groups.items():
        rows = int(np.prod([len(axis.labels) for axis in axes]))
        if rows > ROWS:
            names = ", ".join(quantity.name for quantity in group)
            left.append(f"{names}: {rows} rows")
        else:
            made.append(_table(axes, group))
    return made, left


def _table(axes: tuple[Axis, ...], group: Sequence[Quantity]) -> Table:
    seeds = group[0].values.shape[-1]
    several = f"median of {seeds} seeds, lowest..highest"
    table = Table(caption=several if seeds > 1 else "1 seed", caption_justify="left")
    for axis in axes:
        table.add_column(axis.name, justify="right")
    for quantity in group:
        table.add_column(quantity.name, justify="right")
    spreads = [quantity.spread for quantity in group]
    for place in itertools.product(*(range(len(axis.labels)) for axis in axes)):
        labels = (write((axis.labels[i],)) for axis, i in zip(axes, place, strict=True))
        table.add_row(*labels, *(_cell(spread, place) for spread in spreads))
    return table


def _cell(spread: tuple[Any, ...], place: tuple[int, ...]) -> str:
    median, low, high = (float(numbers[place]) for numbers in spread)
    ends = f"{low:.3g}", f"{high:.3g}"
    return f"{median:.4g}" if ends[0] == ends[1] else f"{median:.4g}\n{'..'.join(ends)}"
