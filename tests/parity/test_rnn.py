"""VanillaRNN against PyTorch in float64: outputs, states and every gradient, to 1e-10."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from unrolled import VanillaRNN
from unrolled.parity import autograd_gradients, to_torch

INITS = ["gaussian", "uniform", "orthogonal", "identity"]


@given(
    sizes=st.tuples(*[st.integers(1, 7)] * 5),
    init=st.sampled_from(INITS),
    scale=st.floats(0.01, 3),
    batched=st.booleans(),
    start=st.sampled_from(["none", "shared", "own"]),
    last_only=st.booleans(),
    nonlinearity=st.sampled_from(["tanh", "relu"]),
    seed=st.integers(0, 2**31),
)
@settings(max_examples=150)
def test_every_gradient(
    sizes: tuple[int, ...],
    init: str,
    scale: float,
    batched: bool,
    start: str,
    last_only: bool,
    nonlinearity: str,
    seed: int,
) -> None:
    B, T, D, H, outs = sizes
    rng = np.random.default_rng(seed)
    batch = (B,) if batched else ()
    model = VanillaRNN(
        D, H, outs, init=init, scale=scale, seed=seed, nonlinearity=nonlinearity, dtype=np.float64
    )
    model.b_h, model.b_y = rng.normal(size=H), rng.normal(size=outs)
    inputs = rng.normal(size=(*batch, T, D))
    h0 = {"none": None, "shared": rng.normal(size=H), "own": rng.normal(size=(*batch, H))}[start]
    d_output = rng.normal(size=(*batch, outs) if last_only else (*batch, T, outs))

    model.forward(inputs, h0)
    ours = model.backward(d_output)
    ours |= {"inputs": model.d_inputs, "h0": model.d_h0, "states": model.d_states}
    theirs = autograd_gradients(model, inputs, d_output, h0)
    assert set(ours) == set(theirs)
    for name in theirs:
        assert ours[name].shape == theirs[name].shape, name
        size = max(1.0, float(abs(theirs[name]).max()))  # with ReLU it is not bounded
        np.testing.assert_allclose(
            ours[name], theirs[name], rtol=1e-10, atol=1e-10 * size, err_msg=name
        )


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("init", INITS)
def test_outputs_and_states(init: str, dtype: type) -> None:
    rng = np.random.default_rng(1)
    model = VanillaRNN(10, 32, 5, init=init, dtype=dtype)
    model.b_h, model.b_y = rng.normal(size=32), rng.normal(size=5)
    rnn, readout = to_torch(model)
    inputs, h0 = rng.normal(size=(4, 20, 10)).astype(dtype), rng.normal(size=(4, 32)).astype(dtype)
    outputs = model.forward(inputs, h0)
    states, h_n = rnn(torch.from_numpy(inputs), torch.from_numpy(h0)[None])
    tolerance = 1e-10 if dtype is np.float64 else 1e-5
    for ours, theirs in (
        (model.states, states),
        (model.states[:, -1], h_n[0]),
        (outputs, readout(states)),
    ):
        assert theirs.detach().numpy().dtype == dtype
        np.testing.assert_allclose(ours, theirs.detach().numpy(), rtol=tolerance, atol=tolerance)


def test_long_sequence() -> None:
    rng = np.random.default_rng(1)
    model = VanillaRNN(3, 16, 2, init="orthogonal", dtype=np.float64)
    inputs, d_output = 0.1 * rng.normal(size=(2, 300, 3)), rng.normal(size=(2, 2))
    model.forward(inputs)
    ours = model.backward(d_output) | {"states": model.d_states}
    theirs = autograd_gradients(model, inputs, d_output)
    for name in ours:
        np.testing.assert_allclose(ours[name], theirs[name], rtol=1e-10, atol=1e-10, err_msg=name)


def test_to_torch_copies() -> None:
    model = VanillaRNN(3, 4, 2)
    rnn, _ = to_torch(model)
    model.W_hh += 1
    assert not np.allclose(rnn.weight_hh_l0.detach().numpy(), model.W_hh.T)
    assert not rnn.bias_hh_l0.detach().numpy().any()


def test_nn_rnn_has_no_linear_units() -> None:
    with pytest.raises(ValueError, match="model: got nonlinearity 'linear', expected 'tanh' or"):
        to_torch(VanillaRNN(3, 4, 2, nonlinearity="linear"))
