"""The feed-forward network with its own weights in every layer."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from unrolled import VanillaRNN
from unrolled.layers import copies, feed_forward


def test_equal_copies_make_a_recurrent_network() -> None:
    model = VanillaRNN(3, 5, 2, seed=1, dtype=np.float64)
    inputs = np.random.default_rng(1).normal(size=(6, 3))
    model.forward(inputs)
    last = feed_forward(copies(model, 6), torch.tensor(inputs))
    np.testing.assert_allclose(last.detach().numpy(), model.states[-1], atol=1e-14)


def test_copies_are_independent() -> None:
    model = VanillaRNN(3, 5, 2, seed=1)
    first, second = copies(model, 2)
    with torch.no_grad():
        first["W_hh"] += 1
    np.testing.assert_allclose(second["W_hh"].detach(), model.W_hh, rtol=1e-6)
    assert first["b_h"].dtype == torch.float64
    assert all(tensor.is_leaf and tensor.requires_grad for tensor in second.values())


def test_a_layer_an_input() -> None:
    with pytest.raises(ValueError, match=r"^inputs: got shape \(3, 3\), expected \(2, 3\)"):
        feed_forward(copies(VanillaRNN(3, 5, 2), 2), torch.zeros(3, 3, dtype=torch.float64))
