"""Logistic regression: the minimum of what it says it minimises."""

from __future__ import annotations

import numpy as np
import pytest

from unrolled.logistic import logistic_regression, predict

RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 3))
Y = (X @ [1.0, -2.0, 0.0] + 0.5 + RNG.normal(size=60) > 0).astype(int)


def slope(weights: np.ndarray, penalty: float) -> np.ndarray:
    """Of the sum of negative log probabilities, plus the penalty on all but the bias."""
    logits = X @ weights[:-1] + weights[-1]
    off = 1 / (1 + np.exp(-logits)) - Y
    return np.append(X.T @ off + penalty * weights[:-1], off.sum())


@pytest.mark.parametrize("penalty", [0.01, 1.0, 30.0])
def test_the_slope_is_zero_at_the_weights(penalty: float) -> None:
    weights = logistic_regression(X, Y, penalty=penalty, tolerance=1e-10)
    assert weights.shape == (4,)
    assert weights.dtype == np.float64
    np.testing.assert_allclose(slope(weights, penalty), 0, atol=1e-6)


def test_the_penalty_is_one_unless_said_and_leaves_the_bias_free() -> None:
    np.testing.assert_array_equal(logistic_regression(X, Y), logistic_regression(X, Y, penalty=1.0))
    heavy = logistic_regression(X, Y, penalty=1e6)
    np.testing.assert_allclose(heavy[:-1], 0, atol=1e-3)
    np.testing.assert_allclose(heavy[-1], np.log(Y.mean() / (1 - Y.mean())), atol=1e-3)


def test_a_looser_tolerance_stops_earlier() -> None:
    exact = logistic_regression(X, Y, tolerance=1e-12)
    off = [
        abs(logistic_regression(X, Y, tolerance=tolerance) - exact).max()
        for tolerance in (1e6, 0.3, 1e-6)
    ]
    assert off[0] > off[1] > off[2]
    assert off[2] < 1e-9
    np.testing.assert_allclose(logistic_regression(X, Y), exact, atol=1e-9)


def test_separable_data_has_best_weights_too() -> None:
    weights = logistic_regression(np.array([[-1.0], [1.0]]), np.array([0, 1]))
    assert weights[0] > 0
    np.testing.assert_allclose(weights[1], 0, atol=1e-9)
    np.testing.assert_array_equal(predict(weights, np.array([[-2.0], [3.0]])), [0, 1])


def test_the_more_probable_class_is_predicted() -> None:
    weights = np.array([1.0, -2.0, 0.5])
    inputs = np.array([[0.0, 0.0], [0.0, 0.25], [0.0, 0.3], [-1.0, 0.0], [1.0, 0.5]])
    said = predict(weights, inputs)
    np.testing.assert_array_equal(said, [1, 0, 0, 0, 1])
    assert said.dtype == np.int64
    single = predict(weights.astype(np.float32), inputs.astype(np.float32))
    np.testing.assert_array_equal(single, said)


def test_what_cannot_be_fitted() -> None:
    with pytest.raises(ArithmeticError, match="no convergence: last change"):
        logistic_regression(X * 1e6, Y, penalty=1e-12, tolerance=1e-300)
    with pytest.raises(ValueError, match=r"^penalty: got 0\.0"):
        logistic_regression(X, Y, penalty=0.0)
    with pytest.raises(ValueError, match=r"^tolerance: got -1\.0"):
        logistic_regression(X, Y, tolerance=-1.0)
    with pytest.raises(ValueError, match=r"^inputs: got 1 of 180 entries NaN"):
        logistic_regression(np.where(X[3, 1] == X, np.nan, X), Y)
    with pytest.raises(ValueError, match=r"^classes: got 0 to 2, expected integers from 0 to 1"):
        logistic_regression(X, Y + (np.arange(60) == 3) * (2 - Y))
    with pytest.raises(ValueError, match=r"^weights: got 1 of 4 entries NaN"):
        predict(np.array([1.0, 2.0, np.nan, 3.0]), X)
    with pytest.raises(ValueError, match=r"^inputs: got shape \(60, 3\), expected \(B, 2\)"):
        predict(np.array([1.0, 2.0, 3.0]), X)
