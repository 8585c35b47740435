"""Drawings: every step is in them, and they cost nothing until they are drawn."""

from __future__ import annotations

import matplotlib
import pytest

matplotlib.use("Agg")

from matplotlib import pyplot as plt

from unrolled.drawing import unrolled_network


@pytest.mark.parametrize("steps", [1, 4])
def test_unrolled_network(steps: int) -> None:
    fig = unrolled_network(steps)
    said = [text.get_text() for text in fig.axes[0].texts]
    for letter in "xhy":
        assert all(f"${letter}_{t}$" in said for t in range(1, steps + 1))
    assert "$h_0$" in said
    for weight in ("$W_{xh}$", "$W_{hh}$", "$W_{hy}$"):
        assert said.count(weight) == steps
    assert sum("delta" in text for text in said) == steps
    fig.canvas.draw()
    plt.close(fig)
