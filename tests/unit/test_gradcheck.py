"""The gradient check finds mistakes, and only mistakes."""

from __future__ import annotations

import numpy as np
import pytest

from unrolled import VanillaRNN
from unrolled.gradcheck import finite_differences, gradient_check, relative_error


def test_relative_error() -> None:
    assert relative_error([3.0, 4.0], [3.0, 4.0]) == 0
    assert relative_error([0.0, 0.0], [3.0, 4.0]) == relative_error([3.0, 4.0], [0.0, 0.0]) == 1
    assert relative_error([0.0], [0.0]) == 0
    assert relative_error([3.0, 4.0], [3.0, 4.5]) == pytest.approx(0.5 / np.hypot(3, 4.5))
    with pytest.raises(ValueError, match=r"b: got shape \(1,\), expected that of a, \(2,\)"):
        relative_error([1.0, 2.0], [1.0])


@pytest.mark.parametrize("shape", [(), (3,), (2, 3)])
def test_finite_differences(shape: tuple[int, ...]) -> None:
    point = np.random.default_rng(1).normal(size=shape)
    original = point.copy()
    estimate = finite_differences(lambda x: float(np.sum(np.sin(x))), point)
    np.testing.assert_allclose(estimate, np.cos(point), atol=1e-9)
    np.testing.assert_array_equal(point, original)


def test_step_is_used_and_integers_become_floats() -> None:
    cube = finite_differences(lambda x: float(np.sum(x**3)), np.array([2]), step=0.5)
    assert cube[0] == pytest.approx(12.25)  # 3·2² + step²


@pytest.mark.parametrize("bad", [1, 2])
def test_every_value_of_the_function_is_looked_at(bad: int) -> None:
    values = iter([np.nan if number == bad else 0.0 for number in (1, 2)])
    with pytest.raises(ValueError, match=r"^function: got nan"):
        finite_differences(lambda x: next(values), np.array([2.0]))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("batch", [(), (3,)])
def test_right_gradients_pass(dtype: type, batch: tuple[int, ...]) -> None:
    model = VanillaRNN(4, 8, 3, seed=1, dtype=dtype)
    inputs = np.random.default_rng(2).normal(size=(*batch, 10, 4))
    before = {name: value.copy() for name, value in model.parameters.items()}
    errors = gradient_check(model, inputs)
    assert list(errors) == list(model.parameters)
    assert max(errors.values()) < 1e-8
    assert model.dtype == dtype
    for name, value in model.parameters.items():
        np.testing.assert_array_equal(value, before[name])


class HalvesOneGradient(VanillaRNN):
    def backward(self, d_output: object) -> dict[str, np.ndarray]:
        right = super().backward(d_output)  # type: ignore[arg-type]
        return right | {"W_hh": 0.5 * right["W_hh"]}


def test_wrong_gradient_is_found() -> None:
    errors = gradient_check(HalvesOneGradient(4, 8, 3), np.ones((5, 4)))
    assert errors.pop("W_hh") == pytest.approx(0.5)
    assert max(errors.values()) < 1e-8


def test_a_large_step_is_used_and_makes_a_large_error() -> None:
    errors = gradient_check(VanillaRNN(4, 8, 3), np.ones((5, 4)), step=0.5)
    assert errors["W_hh"] > 1e-4


def test_seed_chooses_the_loss() -> None:
    model, inputs = VanillaRNN(2, 3, 1), np.ones((4, 2))
    assert gradient_check(model, inputs) == gradient_check(model, inputs)
    assert gradient_check(model, inputs) != gradient_check(model, inputs, seed=1)
