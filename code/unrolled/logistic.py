"""Logistic regression: the linear baseline for any task with two classes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from unrolled import validate, validate_kinds

if TYPE_CHECKING:
    from jaxtyping import Float, Shaped


def logistic_regression(
    inputs: Float[np.ndarray, "B D"],
    classes: Shaped[np.ndarray, " B"],
    *,
    penalty: float = 1.0,
    tolerance: float = 1e-6,
) -> Float[np.ndarray, " weights"]:
    """Fit one weight for each input number, and a bias, which comes last, by Newton's method.

    Minimises the sum of the negative log probabilities plus `penalty / 2` times the squared
    length of the weights, without which separable data would have no best weights.

    Args:
        inputs: One example a row.
        classes: 0 or 1.
        penalty: The larger, the smaller the weights.
        tolerance: Of the largest change of a weight in the last step.

    Raises:
        TypeError, ValueError: Inputs that are not finite numbers, classes other than 0 and 1,
            or `penalty` or `tolerance` not positive.
        ArithmeticError: No convergence in 50 steps.
    """
    penalty = validate.positive("penalty", penalty)
    tolerance = validate.positive("tolerance", tolerance)
    inputs = validate_kinds.floats("inputs", inputs, ("B", "D"))
    classes = validate_kinds.integers("classes", classes, 2, (len(inputs),))
    x = np.column_stack([inputs, np.ones(len(inputs))]).astype(np.float64)
    ridge = np.append(np.full(x.shape[1] - 1, penalty), 1e-8)  # the bias is left free
    weights = np.zeros(x.shape[1])
    for _ in range(50):
        p = (1 + np.tanh(x @ weights / 2)) / 2
        slope = x.T @ (p - classes) + ridge * weights
        curvature = (x.T * (p * (1 - p))) @ x
        curvature[np.diag_indices_from(curvature)] += ridge
        change = np.linalg.solve(curvature, slope)
        weights -= change
        if abs(change).max() < tolerance:
            return weights
    raise ArithmeticError(f"no convergence: last change {abs(change).max():.1e}")


def predict(
    weights: Float[np.ndarray, " weights"], inputs: Float[np.ndarray, "B D"]
) -> Shaped[np.ndarray, " B"]:
    """Return the more probable class, 0 or 1, of each row.

    Raises:
        TypeError, ValueError: Not finite numbers, or another shape.
    """
    weights = validate_kinds.floats("weights", weights, ("weights",))
    inputs = validate_kinds.floats("inputs", inputs, ("B", len(weights) - 1))
    said: np.ndarray = inputs @ weights[:-1] + weights[-1] > 0
    return said.astype(np.int64)
