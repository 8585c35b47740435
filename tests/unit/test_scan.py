"""A scan is the loop, for every length, gradients included; a state-space layer streams."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch

from unrolled.scan import loop, scan, thrifty_scan
from unrolled.statespace import StateSpace

Way = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]


@pytest.mark.parametrize("way", [scan, thrifty_scan])
@pytest.mark.parametrize("length", [1, 2, 3, 4, 5, 7, 8, 9, 31, 33, 100, 1001])
def test_a_scan_is_the_loop(way: Way, length: int) -> None:
    generator = torch.Generator().manual_seed(length)
    x, decay = torch.randn(2, 2, length, 3, generator=generator, dtype=torch.float64)
    decay = torch.sigmoid(decay)
    torch.testing.assert_close(way(decay, x), loop(decay, x), rtol=0, atol=1e-12)


@pytest.mark.parametrize("way", [loop, scan, thrifty_scan])
def test_gradients_of_a_scan(way: Way) -> None:
    generator = torch.Generator().manual_seed(0)
    x, decay = torch.randn(2, 2, 7, 3, generator=generator, dtype=torch.float64)
    assert torch.autograd.gradcheck(way, (decay.requires_grad_(), x.requires_grad_()))


def test_the_loop_by_hand() -> None:
    decay = torch.tensor([[[9.0], [0.5], [2.0]]])
    x = torch.tensor([[[1.0], [2.0], [3.0]]])
    assert loop(decay, x).flatten().tolist() == [1.0, 2.5, 8.0]


@pytest.mark.parametrize("way", [loop, scan, thrifty_scan])
def test_shapes_that_do_not_fit(way: Way) -> None:
    with pytest.raises(ValueError, match=r"decay, x: got shapes \(1, 2, 3\) and \(1, 3, 3\)"):
        way(torch.ones(1, 2, 3), torch.ones(1, 3, 3))
    with pytest.raises(ValueError, match="nothing empty"):
        way(torch.ones(1, 0, 3), torch.ones(1, 0, 3))


def test_state_space_streams() -> None:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        layer, inputs = StateSpace(3, 16, 2).double(), torch.randn(2, 21, 3, dtype=torch.float64)
    assert ((layer.decay > 0) & (layer.decay < 1)).all()
    h = torch.zeros(2, 16, dtype=torch.float64)
    outputs = []
    for x in inputs.unbind(1):
        y, h = layer.step(x, h)
        outputs.append(y)
    torch.testing.assert_close(torch.stack(outputs, 1), layer(inputs), rtol=0, atol=1e-12)
