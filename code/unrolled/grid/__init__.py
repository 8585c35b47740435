"""Grids of experiments: cells that are computed anywhere, once, and put together again.

Experiments neither start processes nor keep results. Here is what does it for them.
"""

from unrolled.grid.cells import Grid, grid
from unrolled.grid.runner import CellError, Run, run
from unrolled.grid.store import Store

__all__ = ["CellError", "Grid", "Run", "Store", "grid", "run"]
