"""Truncated backpropagation is full inside a window, and cut between windows."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from unrolled import VanillaRNN
from unrolled.parity import to_torch
from unrolled.truncated import truncated_gradients


def setting(batch: tuple[int, ...]) -> tuple[VanillaRNN, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(1)
    model = VanillaRNN(4, 8, 3, dtype=np.float64)
    return model, rng.normal(size=(*batch, 10, 4)), rng.normal(size=(*batch, 10, 3))


@pytest.mark.parametrize("batch", [(), (3,)])
@pytest.mark.parametrize("window", [10, 11, 1000])
def test_one_window_is_the_full_gradient(batch: tuple[int, ...], window: int) -> None:
    model, inputs, d_outputs = setting(batch)
    cut = truncated_gradients(model, inputs, d_outputs, window)
    model.forward(inputs)
    for name, full in model.backward(d_outputs).items():
        np.testing.assert_allclose(cut[name], full, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("window", [1, 3, 5])
def test_equals_detach(window: int) -> None:
    model, inputs, d_outputs = setting((3,))
    rnn, readout = to_torch(model)
    h = torch.zeros(1, 3, 8, dtype=torch.float64)
    for start in range(0, 10, window):
        steps = slice(start, start + window)
        states, h = rnn(torch.tensor(inputs[:, steps]), h.detach())
        (readout(states) * torch.tensor(d_outputs[:, steps])).sum().backward()
    cut = truncated_gradients(model, inputs, d_outputs, window)
    for name, theirs in {
        "W_hh": rnn.weight_hh_l0.grad.T,
        "W_xh": rnn.weight_ih_l0.grad.T,
        "b_h": rnn.bias_ih_l0.grad,
        "W_hy": readout.weight.grad.T,
        "b_y": readout.bias.grad,
    }.items():
        np.testing.assert_allclose(cut[name], theirs.numpy(), rtol=1e-10, atol=1e-12)


def test_the_readout_is_not_cut() -> None:
    model, inputs, d_outputs = setting(())
    one, full = (truncated_gradients(model, inputs, d_outputs, window) for window in (1, 10))
    for name in ("W_hy", "b_y"):
        np.testing.assert_allclose(one[name], full[name], rtol=1e-10)
    assert not np.allclose(one["W_hh"], full["W_hh"], rtol=0.1)
