"""Drawings with shapes: every number in them was read off a tensor."""

from __future__ import annotations

import matplotlib
import pytest
import torch

matplotlib.use("Agg")

from matplotlib import pyplot as plt
from torch import nn

from unrolled.shapes import network_shapes, run


def test_a_run_of_two_directions() -> None:
    rnn = nn.RNN(64, 128, 2, bidirectional=True, batch_first=True)
    seen = run(rnn, torch.randn(8, 50, 64))
    assert seen.output == (8, 50, 256)
    assert seen.h_n == (4, 8, 128)
    assert seen.reads == (64, 256)
    assert seen.ends == {2: "output[:, -1, :128]", 3: "output[:, 0, 128:256]"}


def test_a_run_of_a_stack_is_without_dropout() -> None:
    rnn = nn.RNN(4, 6, 3, dropout=0.9, batch_first=True)
    assert run(rnn, torch.randn(2, 5, 4)).ends == {2: "output[:, -1]"}
    assert rnn.training


@pytest.mark.parametrize("layers", [1, 3])
@pytest.mark.parametrize("directions", [1, 2])
def test_drawing(layers: int, directions: int) -> None:
    rnn = nn.RNN(4, 6, layers, bidirectional=directions == 2, batch_first=True)
    fig = network_shapes(rnn, torch.randn(2, 9, 4))
    texts = {text.get_text(): text for text in fig.axes[0].texts}
    said = [text.get_text() for text in fig.axes[0].texts]
    assert {"inputs (2, 9, 4)", f"output (2, 9, {6 * directions})"} <= set(said)
    assert f"h_n ({layers * directions}, 2, 6)" in said
    assert said.count("6") == 4 * layers * directions
    for step in ("1", "2", "8", "9"):
        assert step in said
    for index in range(layers * directions):
        x, y = texts[f"h_n[{index}]"].get_position()
        assert y == index
        assert (x < 0) == (directions == 2 and index % 2 == 1)  # where this direction ends
    above = f"reads {6 * directions}"
    assert sum(above in text for text in said) == layers - 1
    assert len(fig.axes[0].patches) == (4 * layers if directions == 2 else 0)
    fig.canvas.draw()
    plt.close(fig)


@pytest.mark.usefixtures("shapes_unchecked")
def test_what_cannot_be_drawn() -> None:
    with pytest.raises(TypeError, match=r"rnn: got Linear, expected torch\.nn\.RNN"):
        network_shapes(nn.Linear(2, 2), torch.zeros(1, 2, 2))  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="batch_first=False"):
        network_shapes(nn.RNN(2, 2), torch.zeros(1, 2, 2))
    for shape in ((2, 2), (1, 1, 2)):
        with pytest.raises(ValueError, match=r"inputs: got shape .* expected \(B, T, D\)"):
            network_shapes(nn.RNN(2, 2, batch_first=True), torch.zeros(shape))
