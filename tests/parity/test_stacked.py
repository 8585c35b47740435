"""Stacks and directions: counts, shapes, and the order in `h_n`, against lone layers."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from unrolled.stacked import final_states, lone_layer


def count(rnn: nn.RNN) -> int:
    return sum(parameter.numel() for parameter in rnn.parameters())


def test_three_layers() -> None:
    rnn = nn.RNN(64, 128, 3, dropout=0.2, batch_first=True)
    output, h_n = rnn(torch.zeros(8, 50, 64))
    assert count(rnn) == 90_880
    assert output.shape == (8, 50, 128)
    assert h_n.shape == (3, 8, 128)


def test_two_layers_in_two_directions() -> None:
    rnn = nn.RNN(64, 128, 2, bidirectional=True, batch_first=True)
    output, h_n = rnn(torch.zeros(8, 50, 64))
    assert count(rnn) == 148_480
    assert output.shape == (8, 50, 256)
    assert h_n.shape == (4, 8, 128)


@pytest.mark.parametrize("layers", [1, 2, 3])
@pytest.mark.parametrize("nonlinearity", ["tanh", "relu"])
@pytest.mark.parametrize("bias", [True, False])
@torch.no_grad()
def test_layout_of_h_n(layers: int, nonlinearity: str, bias: bool) -> None:
    """`h_n[2k]` is layer k forward; `h_n[2k + 1]` is layer k run on the reversed input."""
    torch.manual_seed(layers)
    options = {"nonlinearity": nonlinearity, "bias": bias, "dtype": torch.float64}
    rnn = nn.RNN(3, 5, layers, bidirectional=True, batch_first=True, **options)
    below = torch.randn(2, 7, 3, dtype=torch.float64)
    output, h_n = rnn(below)
    for layer in range(layers):
        forward, ahead = lone_layer(rnn, layer)(below)
        backward, back = lone_layer(rnn, layer, backward=True)(below.flip(1))
        torch.testing.assert_close(h_n[2 * layer], ahead[0], rtol=0, atol=1e-14)
        torch.testing.assert_close(h_n[2 * layer + 1], back[0], rtol=0, atol=1e-14)
        below = torch.cat([forward, backward.flip(1)], dim=2)
    torch.testing.assert_close(output, below, rtol=0, atol=1e-14)
    ends = torch.cat([output[:, -1, :5], output[:, 0, 5:]], dim=1)
    torch.testing.assert_close(final_states(h_n), ends, rtol=0, atol=0)


@torch.no_grad()
def test_a_lone_layer_of_one_direction() -> None:
    rnn = nn.RNN(3, 5, 2, batch_first=False)
    inputs = torch.randn(7, 2, 3)
    between, _ = lone_layer(rnn, 0)(inputs)
    output, _ = lone_layer(rnn, 1)(between)
    torch.testing.assert_close(output, rnn(inputs)[0])


def test_a_lone_layer_owns_its_weights() -> None:
    rnn = nn.RNN(3, 5, batch_first=True)
    copy = lone_layer(rnn, 0)
    with torch.no_grad():
        copy.weight_hh_l0.zero_()
    assert rnn.weight_hh_l0.any()


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"layer": 2}, IndexError, "layer: got 2, expected less than 2"),
        ({"layer": -1}, ValueError, "layer: got -1, expected an integer of at least 0"),
        ({"layer": 0, "backward": True}, ValueError, "backward: got True, expected False"),
    ],
)
def test_layers_that_are_not_there(
    options: dict[str, int], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        lone_layer(nn.RNN(3, 5, 2), **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("shape", [(3, 2, 5), (2, 5)])
def test_final_states_need_two_directions(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="h_n: got shape"):
        final_states(torch.zeros(shape))
