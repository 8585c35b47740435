"""Drawings: every step is in them, and they cost nothing until they are drawn."""

from __future__ import annotations

import matplotlib
import pytest

matplotlib.use("Agg")

from matplotlib import pyplot as plt

from unrolled.drawing import folded_network, unrolled_network


@pytest.mark.parametrize("steps", [1, 4, 12])
def test_unrolled_network(steps: int) -> None:
    fig = unrolled_network(steps)
    said = [text.get_text() for text in fig.axes[0].texts]
    for letter in "xhy":
        assert all(f"${letter}_{{{t}}}$" in said for t in range(1, steps + 1))
    assert "$h_0$" in said
    for weight in ("$W_{xh}$", "$W_{hh}$", "$W_{hy}$"):
        assert said.count(weight) == steps
    assert sum("delta" in text for text in said) == steps
    fig.canvas.draw()
    plt.close(fig)


def test_without_gradients() -> None:
    fig = unrolled_network(3, gradients=False)
    assert not any("delta" in text.get_text() for text in fig.axes[0].texts)
    plt.close(fig)


@pytest.mark.parametrize("steps", [0, -1])
def test_steps_are_checked(steps: int) -> None:
    with pytest.raises(ValueError, match=f"steps: got {steps}, expected an integer of at least 1"):
        unrolled_network(steps)


def test_folded_network() -> None:
    fig = folded_network()
    said = {text.get_text() for text in fig.axes[0].texts}
    assert said >= {"$x_t$", "$h_t$", "$y_t$", "$W_{xh}$", "$W_{hh}$", "$W_{hy}$"}
    assert len(fig.axes[0].patches) == 1  # the loop
    fig.canvas.draw()
    plt.close(fig)
