"""Clipping against PyTorch's, and what it does to broken gradients."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from unrolled.clipping import clip_by_norm, clip_by_value, global_norm


def gradients(seed: int, size: float, dtype: type = np.float64) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    return {
        name: (size * rng.normal(size=shape)).astype(dtype)
        for name, shape in {"W_hh": (3, 3), "b_h": (3,)}.items()
    }


def in_torch(grads: dict[str, np.ndarray]) -> list[torch.nn.Parameter]:
    parameters = [
        torch.nn.Parameter(torch.zeros(g.shape, dtype=torch.float64)) for g in grads.values()
    ]
    for parameter, grad in zip(parameters, grads.values(), strict=True):
        parameter.grad = torch.tensor(grad, dtype=torch.float64)
    return parameters


@given(st.integers(0, 1000), st.floats(1e-3, 1e6), st.floats(1e-2, 1e2))
def test_by_norm_as_torch(seed: int, size: float, max_norm: float) -> None:
    grads = gradients(seed, size)
    clipped, norm = clip_by_norm(grads, max_norm)
    parameters = in_torch(grads)
    theirs = torch.nn.utils.clip_grad_norm_(parameters, max_norm)
    assert norm == pytest.approx(float(theirs))
    for ours, parameter in zip(clipped.values(), parameters, strict=True):
        # PyTorch divides by the norm plus 1e-6.
        np.testing.assert_allclose(ours, parameter.grad, rtol=1e-3)
    assert global_norm(clipped) <= max_norm * (1 + 1e-12) or norm <= max_norm


def test_a_short_gradient_is_left_alone() -> None:
    grads = gradients(0, 1e-3)
    clipped, norm = clip_by_norm(grads, 1.0)
    assert norm == global_norm(grads) < 1
    for name in grads:
        np.testing.assert_array_equal(clipped[name], grads[name])


def test_direction_and_dtype_stay() -> None:
    grads = gradients(0, 1e6, np.float32)
    clipped, norm = clip_by_norm(grads, 1.0)
    for name in grads:
        assert clipped[name].dtype == np.float32
        np.testing.assert_allclose(clipped[name] * norm, grads[name], rtol=1e-6)
    assert global_norm(clipped) == pytest.approx(1, rel=1e-6)


def test_norm_of_float32_does_not_overflow() -> None:
    assert global_norm({"W": np.full(4, 1e30, np.float32)}) == pytest.approx(2e30)


def test_one_nan_spoils_all() -> None:
    grads = gradients(0, 1.0)
    grads["b_h"][1] = np.nan
    clipped, norm = clip_by_norm(grads, 1.0)
    assert np.isnan(norm)
    assert all(np.isnan(grad).all() for grad in clipped.values())


@given(st.integers(0, 1000), st.floats(1e-2, 1e2))
def test_by_value_as_torch(seed: int, limit: float) -> None:
    grads = gradients(seed, 10.0)
    parameters = in_torch(grads)
    torch.nn.utils.clip_grad_value_(parameters, limit)
    for ours, parameter in zip(clip_by_value(grads, limit).values(), parameters, strict=True):
        np.testing.assert_array_equal(ours, parameter.grad)


@pytest.mark.parametrize("limit", [0.0, -1.0, np.inf, np.nan])
def test_limits_are_checked(limit: float) -> None:
    with pytest.raises(ValueError, match="max_norm: got"):
        clip_by_norm(gradients(0, 1.0), limit)
    with pytest.raises(ValueError, match="limit: got"):
        clip_by_value(gradients(0, 1.0), limit)
