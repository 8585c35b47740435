"""What the table and the figure show of a grid, and what they say they leave out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from unrolled.grid import grid, run
from unrolled.grid.figure import draw, save_figure
from unrolled.grid.summary import Axis, Quantity, quantities
from unrolled.grid.table import tables

ONE = Axis("lengths", (10, 20, 400))
TWO = Axis("start", ("tanh", "lstm"))


def quantity(*axes: Axis) -> Quantity:
    shape = [len(axis.labels) for axis in axes]
    return Quantity("loss", axes, np.random.default_rng(0).random((*shape, 3)) + 1)


def text(*found: Quantity) -> str:
    made, _ = tables(found)
    console = Console(width=100, record=True)
    with console.capture() as capture:
        for table in made:
            console.print(table)
    return capture.get()


def test_axes_of_the_grid_come_first() -> None:
    chosen = grid(
        "truncation_error", axes={"batch": (2, 3)}, seeds=(0, 1), windows=(2, 5), length=6
    )
    results = run(chosen)
    found, left = quantities(chosen, results)
    assert left == []
    cosine = next(each for each in found if each.name == "cosine")
    assert cosine.axes == (Axis("batch", (2, 3)), Axis("windows", (2, 5)))
    for place, result in enumerate(results):
        np.testing.assert_array_equal(cosine.values[place], result.cosine.T)


def test_what_cannot_be_put_side_by_side_is_named() -> None:
    shapes = grid("gradient_by_lag", axes={"lags": (3, 4)}, seeds=(0,), hidden_dim=4)
    _, left = quantities(shapes, run(shapes))
    assert left == ["norm: its shape differs from point to point"]
    complex_numbers = grid("spectrum", seeds=(0,), hidden_dim=3, powers=2)
    _, left = quantities(complex_numbers, run(complex_numbers))
    assert left == ["eigenvalues: complex128"]


def test_table() -> None:
    values = np.array([[1.0, 2.0, 4.0], [3.0, 3.0, 3.0], [np.nan, 1.0, 2.0]])
    written = text(Quantity("loss", (ONE,), values))
    assert "2" in written
    assert "1..4" in written
    assert "3..3" not in written
    assert "nan" in written
    assert "median of 3 seeds" in written
    _, left = tables([quantity(Axis("T", tuple(range(61))))])
    assert left == ["loss: 61 rows"]


@pytest.mark.parametrize(
    ("axes", "lines", "images"), [((), 1, 0), ((ONE,), 1, 0), ((TWO,), 1, 0), ((TWO, ONE), 0, 1)]
)
def test_figure(tmp_path: Path, axes: tuple[Axis, ...], lines: int, images: int) -> None:
    figure, left = draw([quantity(*axes)], (3, 4, 5))
    assert left == []
    assert figure is not None
    ax = figure.axes[0]
    assert (len(ax.lines), len(ax.images)) == (lines, images)
    if axes == (ONE,):
        assert ax.get_xscale() == "log"
    save_figure(figure, tmp_path)
    assert {file.name for file in tmp_path.iterdir()} == {"figure.svg", "figure.png"}


def test_no_empty_panels_and_what_is_not_drawn() -> None:
    figure, _ = draw([quantity(ONE)] * 4, (3, 4, 5))
    assert figure is not None
    assert len(figure.axes) == 4
    figure, left = draw([quantity(ONE, TWO, Axis("index", (0, 1)))], (3, 4, 5))
    assert figure is None
    assert left == ["loss: 3 axes"]
