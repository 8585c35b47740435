"""The three nonlinearities: their slopes, their gradients, what they refuse."""

from __future__ import annotations

import numpy as np
import pytest

from unrolled import VanillaRNN, rnn_simple
from unrolled.gradcheck import gradient_check, relative_error
from unrolled.nonlinearity import NONLINEARITIES


@pytest.mark.parametrize("name", NONLINEARITIES)
def test_slope_is_the_derivative(name: str) -> None:
    kind = NONLINEARITIES[name]
    points = np.array([-2.0, -0.7, -1e-3, 1e-3, 0.4, 1.9])

    def values(a: np.ndarray) -> np.ndarray:
        kind.apply(copy := a.copy())
        return copy

    estimate = (values(points + 1e-6) - values(points - 1e-6)) / 2e-6
    np.testing.assert_allclose(kind.slope(values(points)), estimate, atol=1e-9)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", NONLINEARITIES)
def test_slope_is_a_new_array_of_the_same_dtype(name: str, dtype: type) -> None:
    states = np.array([[0.5, -0.25]], dtype)
    slope = NONLINEARITIES[name].slope(states)
    assert slope.dtype == dtype
    assert not np.shares_memory(slope, states)
    np.testing.assert_array_equal(states, np.array([[0.5, -0.25]], dtype))


@pytest.mark.parametrize("name", NONLINEARITIES)
def test_finite_differences(name: str) -> None:
    inputs = np.random.default_rng(1).normal(size=(6, 3))
    model = VanillaRNN(3, 5, 2, nonlinearity=name, seed=2)
    assert max(gradient_check(model, inputs).values()) < 1e-7


def test_tanh_is_the_default() -> None:
    inputs = np.random.default_rng(0).normal(size=(6, 3))
    model = VanillaRNN(3, 5, 2, dtype=np.float64)
    assert model.nonlinearity == "tanh"
    expected, _ = rnn_simple.forward(model.parameters, inputs)
    assert relative_error(model.forward(inputs), expected) < 1e-14


def test_linear_is_one_linear_map() -> None:
    model = VanillaRNN(3, 5, 2, nonlinearity="linear", dtype=np.float64)
    a, b = np.random.default_rng(0).normal(size=(2, 6, 3))
    together = model.forward(a + 2 * b)
    np.testing.assert_allclose(together, model.forward(a) + 2 * model.forward(b), rtol=1e-12)


@pytest.mark.usefixtures("shapes_unchecked")
@pytest.mark.parametrize(("value", "error"), [("sigmoid", ValueError), (None, TypeError)])
def test_others_are_refused(value: object, error: type[Exception]) -> None:
    message = r"nonlinearity: got .*, expected one of 'tanh', 'relu', 'linear'"
    with pytest.raises(error, match=message):
        VanillaRNN(3, 5, 2, nonlinearity=value)  # type: ignore[arg-type]
