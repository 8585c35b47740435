"""Cases whose result is known without running anything."""

from __future__ import annotations

import numpy as np
import pytest

from unrolled import VanillaRNN
from unrolled.experiments import (
    gradient_by_lag,
    input_influence,
    jacobian_norms,
    last_trace,
    memory_capacity,
    spectrum,
    weight_gradient_shares,
)
from unrolled.experiments.capacity import recovered
from unrolled.experiments.influence import input_derivatives
from unrolled.experiments.spectra import norms_of_powers


def test_linear_orthogonal_keeps_every_norm() -> None:
    options = {"seeds": range(5), "start": "orthogonal", "nonlinearity": "linear"}
    result = gradient_by_lag(**options, lags=200)
    np.testing.assert_allclose(result.norm, 1, rtol=1e-12)
    np.testing.assert_allclose(result.factor(200), 1, rtol=1e-12)
    np.testing.assert_allclose(result.stretch, 1, rtol=1e-12)
    np.testing.assert_array_equal(result.slope, 1)
    norm = jacobian_norms(**options, length=30, hidden_dim=16).norm
    below = np.tril_indices(30)
    np.testing.assert_allclose(norm[:, *below], 1, rtol=1e-12)
    assert not np.triu(norm, 1).any()


@pytest.mark.parametrize("gain", [0.9, 1.0, 1.1])
def test_linear_identity_is_a_power(gain: float) -> None:
    result = gradient_by_lag(
        seeds=(1,), start="identity", gain=gain, nonlinearity="linear", lags=50, hidden_dim=3
    )
    np.testing.assert_allclose(result.norm[0], gain ** np.arange(51), rtol=1e-12)
    np.testing.assert_allclose(
        spectrum(seeds=(1,), start="identity", gain=gain, powers=50, hidden_dim=3).power_norm[0],
        gain ** np.arange(51),
        rtol=1e-12,
    )


def test_scalar_network_by_hand() -> None:
    """One unit: the gradient at lag k is the product of k slopes and the k-th power of w."""
    w, u, b = 0.8, 0.5, 0.1
    model = VanillaRNN(1, 1, 1, dtype=np.float64)
    model.W_hh[:], model.W_xh[:], model.b_h[:], model.W_hy[:] = w, u, b, 1
    x = [0.3, -1.0, 0.7, 0.2]
    model.forward(np.array(x)[:, None])
    model.backward([1.0])
    h, slopes = 0.0, []
    for each in x:
        h = np.tanh(u * each + w * h + b)
        slopes.append(1 - h**2)
    by_hand = [1.0, slopes[3] * w, slopes[3] * slopes[2] * w**2]
    by_hand.append(by_hand[-1] * slopes[1] * w)
    np.testing.assert_allclose(model.d_states[::-1, 0], by_hand, rtol=1e-14)


def test_a_singular_value_below_one_shrinks_every_step() -> None:
    result = gradient_by_lag(seeds=range(5), start="orthogonal", gain=0.9)
    assert (result.norm[:, 1:] <= 0.9 * result.norm[:, :-1] * (1 + 1e-12)).all()


def test_powers_of_a_jordan_block() -> None:
    """(a, c; 0, a) to the k has the entry k c a^(k-1) in its corner."""
    norms = norms_of_powers(np.array([[0.9, 5.0], [0.0, 0.9]]), 60)
    k = np.arange(1, 61)
    corner = 5 * k * 0.9 ** (k - 1)
    assert (norms[1:] >= corner).all()
    assert (norms[1:] <= corner + 2 * 0.9**k).all()
    assert norms[0] == 1


def test_spectrum_rescaled() -> None:
    result = spectrum(seeds=(0, 1), start="gaussian", spectral_radius=0.9, powers=3)
    np.testing.assert_allclose(result.spectral_radius, 0.9)
    np.testing.assert_allclose(result.power_norm[:, 1], result.largest_singular)
    assert (result.largest_singular >= result.spectral_radius).all()


def test_shares_add_up_to_one() -> None:
    result = weight_gradient_shares(seeds=(0, 1), lengths=(5, 30), start="orthogonal")
    np.testing.assert_allclose(result.share.sum(axis=1), 1, rtol=1e-10)
    assert result.share.shape == (2, 30)
    np.testing.assert_array_equal(result.share[:, -1], 0)  # the first step multiplies h_0 = 0


def test_influence_of_the_last_input_by_hand() -> None:
    result = input_influence(seeds=(3,), scales=(0.3,), lags=4)
    model = VanillaRNN(4, 16, 1, scale=0.3, seed=3, dtype=np.float64)
    model.forward(np.random.default_rng([3, 1]).normal(size=(5, 4)))
    by_hand = np.linalg.norm(model.W_xh * (1 - model.states[-1] ** 2))
    assert result.derivative[0, 0, 0] == pytest.approx(by_hand, rel=1e-12)
    radius = abs(np.linalg.eigvals(model.W_hh)).max()
    assert result.spectral_radius[0, 0] == pytest.approx(radius)


@pytest.mark.parametrize("kind", ["tanh", "relu", "linear"])
def test_derivatives_by_finite_differences(kind: str) -> None:
    model = VanillaRNN(4, 16, 1, scale=0.3, seed=3, nonlinearity=kind, dtype=np.float64)
    inputs = np.random.default_rng([3, 1]).normal(size=(5, 4))
    found = input_derivatives(model, inputs)
    for k in range(5):
        columns = []
        for number in range(4):
            ends = []
            for nudge in (1e-6, -1e-6):
                nudged = inputs.copy()
                nudged[4 - k, number] += nudge
                model.forward(nudged)
                ends.append(model.states[-1].copy())
            columns.append((ends[0] - ends[1]) / 2e-6)
        assert found[k] == pytest.approx(np.linalg.norm(columns), rel=1e-6)


def test_last_trace_of_weights_that_forget_at_once() -> None:
    result = last_trace(seeds=(0, 1), scales=(1e-9, 0.01, 1.0), lags=20)
    assert (result.same_after[:, 0] <= 2).all()  # hardly more than the last input is there
    assert (result.same_after[:, 1] > 1).all()
    assert (result.same_after[:, 1] < 20).all()
    np.testing.assert_array_equal(result.same_after[:, 2], 21)  # everything is seen


def test_last_trace_by_hand() -> None:
    """One step less than it says, and some other history does change a bit."""
    k = int(last_trace(seeds=(4,), scales=(0.02,), lags=25).same_after[0, 0])
    model = VanillaRNN(4, 16, 1, scale=0.02, seed=4)
    rng = np.random.default_rng([4, 1])
    inputs = rng.normal(size=(26, 4))
    others = rng.normal(size=(20, 26, 4))
    rows = []
    for history in others:
        for kept in range(26):
            rows.append(np.concatenate([history[: 26 - kept], inputs[26 - kept :]]))
    ends = []
    for batch in (np.array(rows), np.array([inputs] * len(rows))):
        model.forward(batch)  # of one size: another one may round differently
        ends.append(model.states[:, -1].reshape(20, 26, 16).copy())
    differs = (ends[0] != ends[1]).any(axis=(0, 2))  # by the inputs kept
    assert differs[k - 1]
    assert not differs[k:].any()


def test_a_delay_line_remembers_as_many_inputs_as_it_has_units() -> None:
    for units in (2, 5):
        model = VanillaRNN(1, units, 1, nonlinearity="linear", dtype=np.float64)
        model.W_hh[:] = np.eye(units, k=1)
        model.W_xh[:] = np.eye(1, units)
        inputs = np.random.default_rng(0).normal(size=(4100, 1))
        shares = recovered(model, inputs, lags=20, samples=2000)
        np.testing.assert_allclose(shares[:units], 1, atol=1e-12)
        np.testing.assert_allclose(shares[units:], 0, atol=0.02)


def test_capacity_is_at_most_the_number_of_units() -> None:
    for options in ({"gain": 0.9}, {"start": "gaussian", "gain": 0.3}):
        result = memory_capacity(seeds=(0, 1), hidden_dim=8, scale="site", **options)
        assert (result.capacity > 1).all()
        assert (result.capacity <= 8).all()
        assert (result.r2 <= 1).all()
        assert (result.derivative > 0).all()
