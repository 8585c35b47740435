"""The numbers of a figure, beside what was drawn."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.axes import Axes

from sitekit.figure_numbers import numbers_of


def _lines(ax: Axes) -> None:
    ax.plot([1, 2], [0.25, 1 / 3], label="loss")
    ax.plot([1, 2], [5, np.nan])
    ax.axhline(0.5, label="chance")


def _bars(ax: Axes) -> None:
    ax.bar(["tanh", "LSTM"], [0.5, 0.75], label="accuracy")


def _beside_each_other(ax: Axes) -> None:
    for number, place in enumerate((-0.2, 0.2)):
        ax.bar([0 + place, 1 + place], [number, 2], width=0.4, label=f"seed {number}")
    ax.set_xticks([0, 1], ["tanh", "LSTM"])


def _named_in_its_colour(ax: Axes) -> None:
    ax.plot([1], [2], color="C1")
    ax.fill_between([1, 2], [0, 1], [2, 4], color="C1", alpha=0.2)
    ax.text(1, 2, "orthogonal", color="C1")


def _lying_bars(ax: Axes) -> None:
    ax.barh(["tanh", "LSTM"], [0.5, 0.75])


def _spread(ax: Axes) -> None:
    ax.fill_between([1, 2], [0, 1], [2, 4], label="range")
    ax.errorbar([1, 2], [1, 2], yerr=[0.5, 1], fmt="none", label="error")


def _points(ax: Axes) -> None:
    ax.scatter([1, 2], [3, 4], c=[0.5, 0.25])


def _picture(ax: Axes) -> None:
    masked = np.ma.masked_equal([[1, 2], [3, 9]], 9)
    ax.imshow(masked, origin="lower", extent=(0.5, 2.5, 0.5, 2.5))


def _mesh(ax: Axes) -> None:
    ax.pcolormesh([0, 1, 3], [0, 1, 2], [[1, 2], [3, 4]])


@pytest.mark.parametrize(
    ("draw", "expected"),
    [
        (_lines, "series,x,y loss,1,0.25 loss,2,0.333333 ,1,5 chance,,0.5 chance,,0.5"),
        (_bars, "series,x,y accuracy,tanh,0.5 accuracy,LSTM,0.75"),
        (
            _beside_each_other,
            "series,x,y seed_0,tanh,0 seed_0,LSTM,2 seed_1,tanh,1 seed_1,LSTM,2",
        ),
        (_named_in_its_colour, "series,x,y,from orthogonal,1,2, orthogonal,1,2,0 orthogonal,2,4,1"),
        (_lying_bars, "x,y 0.5,tanh 0.75,LSTM"),
        (_spread, "series,x,y,from range,1,2,0 range,2,4,1 error,1,1.5,0.5 error,2,3,1"),
        (_points, "x,y,value 1,3,0.5 2,4,0.25"),
        (_picture, "x,y,value 1,1,1 2,1,2 1,2,3"),
        (_mesh, "x,y,value 0.5,0.5,1 2,0.5,2 0.5,1.5,3 2,1.5,4"),
    ],
)  # fmt: skip
def test_what_was_drawn_is_in_the_table(draw: object, expected: str) -> None:
    figure, ax = plt.subplots()
    draw(ax)  # type: ignore[operator]
    figure.canvas.draw()
    assert numbers_of(figure).replace("seed ", "seed_").split() == expected.split()
    plt.close(figure)


def test_panels_have_their_titles_and_a_colour_bar_is_none() -> None:
    figure, (left, right) = plt.subplots(1, 2)
    left.set_title("default", loc="left")
    left.plot([1], [2])
    right.set_title("first, second")
    right.set_ylabel("loss")
    figure.colorbar(right.scatter([1], [2], c=[3]), ax=right)
    figure.canvas.draw()
    assert numbers_of(figure) == 'panel,x,loss,value\ndefault,1,2,\n"first, second",1,2,3\n'
    plt.close(figure)


def test_a_drawing_without_axes_has_no_numbers() -> None:
    figure, ax = plt.subplots()
    ax.plot([1], [2])
    ax.axis("off")
    figure.canvas.draw()
    assert numbers_of(figure) == ""
    plt.close(figure)
