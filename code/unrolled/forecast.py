"""Forecasts that need no network, what every network should be compared with; and an error."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from unrolled import validate, validate_kinds

if TYPE_CHECKING:
    from jaxtyping import Float


def naive(past: Float[np.ndarray, "N T 1"], steps: int) -> Float[np.ndarray, "N steps 1"]:
    """Repeat the last value.

    Raises:
        TypeError, ValueError: Not windows of finite numbers, or `steps` below 1.
    """
    past = validate_kinds.floats("past", past, ("N", "T", 1))
    return np.repeat(past[:, -1:], validate.size("steps", steps), axis=1)


def seasonal_naive(
    past: Float[np.ndarray, "N T 1"], steps: int, season: int
) -> Float[np.ndarray, "N steps 1"]:
    """Repeat the last season, as often as is needed.

    Raises:
        TypeError, ValueError: As `naive`, or the past is shorter than a season.
    """
    past = validate_kinds.floats("past", past, ("N", "T", 1))
    if past.shape[1] < validate.size("season", season):
        raise ValueError(f"past: got {past.shape[1]} steps, expected at least {season}, a season")
    places = past.shape[1] - season + np.arange(validate.size("steps", steps)) % season
    return past[:, places]


class LinearForecast:
    """Forecast every step as a weighted sum of the past, fitted by least squares.

    Args:
        past: (N, T, 1), windows to learn from.
        future: (N, steps, 1), what came after.

    Raises:
        TypeError, ValueError: Not finite numbers, or another shape.
    """

    def __init__(
        self, past: Float[np.ndarray, "N T 1"], future: Float[np.ndarray, "N steps 1"]
    ) -> None:
        past = validate_kinds.floats("past", past, ("N", "T", 1))
        future = validate_kinds.floats("future", future, (len(past), "steps", 1))
        self.weights: Float[np.ndarray, "inputs steps"]
        self.weights, *_ = np.linalg.lstsq(_with_one(past), future[..., 0])

    def __call__(self, past: Float[np.ndarray, "N T 1"]) -> Float[np.ndarray, "N steps 1"]:
        """Return the forecast for each window.

        Raises:
            TypeError, ValueError: Not finite numbers, or windows of another length.
        """
        past = validate_kinds.floats("past", past, ("N", len(self.weights) - 1, 1))
        return np.asarray(_with_one(past) @ self.weights)[..., None]


def _with_one(past: np.ndarray) -> np.ndarray:
    """A column of ones, whose weight is the bias."""
    return np.concatenate([past[..., 0], np.ones((len(past), 1))], axis=1)


def rmse_by_step(
    forecast: Float[np.ndarray, "N steps 1"], truth: Float[np.ndarray, "N steps 1"], *, unit: float
) -> Float[np.ndarray, " steps"]:
    """Return the root mean square error of each step, in the given unit.

    Raises:
        TypeError, ValueError: Not finite numbers, shapes that differ, or a unit that is not
            positive.
    """
    forecast = validate_kinds.floats("forecast", forecast, ("N", "steps", 1))
    truth = validate_kinds.floats("truth", truth, ("N", "steps", 1))
    if forecast.shape != truth.shape:
        raise ValueError(f"forecast: got shape {forecast.shape}, expected {truth.shape}")
    squares = np.mean((forecast - truth) ** 2, axis=(0, 2))
    return np.asarray(np.sqrt(squares) / validate.positive("unit", unit))


def over_all_steps(by_step: Float[np.ndarray, "*more steps"]) -> Float[np.ndarray, "*more"]:
    """Return the root mean square error over all steps, given that of each.

    Raises:
        TypeError, ValueError: Not real numbers, or none.
    """
    by_step = validate_kinds.numbers("by_step", by_step)
    if not by_step.size or not by_step.ndim:
        raise ValueError(f"by_step: got shape {by_step.shape}, expected (..., steps), not empty")
    return np.asarray(np.sqrt(np.mean(by_step**2, axis=-1)))
