"""The starts that the chapters compare are what they say."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from unrolled.starts import STARTS, untrained

pytestmark = pytest.mark.usefixtures("shapes_unchecked")


def test_default_is_what_pytorch_draws() -> None:
    """Same distributions as nn.RNN: range and variance of every array, over many entries."""
    ours = untrained("default", input_dim=30, hidden_dim=400, seed=1)
    torch.manual_seed(0)
    theirs = torch.nn.RNN(30, 400)
    for name, arrays in {
        "W_xh": [theirs.weight_ih_l0],
        "W_hh": [theirs.weight_hh_l0],
        "b_h": [theirs.bias_ih_l0, theirs.bias_hh_l0],
    }.items():
        expected = sum(array.detach().numpy() for array in arrays)
        found = getattr(ours, name)
        assert found.std() == pytest.approx(float(expected.std()), rel=0.15)
        assert abs(found).max() <= len(arrays) * 400**-0.5
        assert abs(found).max() == pytest.approx(float(abs(expected).max()), rel=0.1)


def test_orthogonal_and_identity() -> None:
    W = untrained("orthogonal", gain=2.0, hidden_dim=7).W_hh
    np.testing.assert_allclose(W @ W.T, 4 * np.eye(7), atol=1e-12)
    np.testing.assert_array_equal(untrained("identity", gain=0.5, hidden_dim=3).W_hh, np.eye(3) / 2)


def test_gain_is_the_spectral_radius_of_a_large_gaussian() -> None:
    W = untrained("gaussian", gain=1.5, hidden_dim=400).W_hh
    assert abs(np.linalg.eigvals(W)).max() == pytest.approx(1.5, rel=0.1)


@pytest.mark.parametrize("start", STARTS)
def test_starts_differ_in_the_recurrent_weights_alone(start: str) -> None:
    one, other = untrained("gaussian", seed=3), untrained(start, seed=3)
    np.testing.assert_array_equal(one.W_xh, other.W_xh)
    np.testing.assert_array_equal(one.W_hy, other.W_hy)
    assert other.b_h.any() == (start == "default")


@pytest.mark.parametrize("start", STARTS)
def test_gain_scales(start: str) -> None:
    once, twice = untrained(start, seed=3), untrained(start, gain=2.0, seed=3)
    np.testing.assert_allclose(twice.W_hh, 2 * once.W_hh)


def test_single_precision_is_the_same_network() -> None:
    exact, single = (
        untrained("default", seed=3, dtype=dtype) for dtype in (np.float64, np.float32)
    )
    assert single.W_hh.dtype == np.float32
    np.testing.assert_allclose(single.W_hh, exact.W_hh, rtol=1e-6)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"start": "xavier"}, "start: got 'xavier', expected one of 'default'"),
        ({"start": "gaussian", "gain": 0}, "gain: got 0.0, expected a positive"),
        ({"start": "gaussian", "hidden_dim": 0}, "hidden_dim: got 0, expected an integer"),
    ],
)
def test_wrong_arguments(options: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        untrained(**options)  # type: ignore[arg-type]
