"""How far do forecasts get that need no network?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from unrolled.asked import asked_seeds
from unrolled.data.seasonal import NOISE, SEASON, seasonal_parts
from unrolled.forecast import LinearForecast, naive, rmse_by_step, seasonal_naive

if TYPE_CHECKING:
    from jaxtyping import Float


@dataclass(frozen=True, eq=False)
class ForecastBaselines:
    """Error of each step on the test windows, in standard deviations of the noise."""

    seeds: tuple[int, ...]
    naive: Float[np.ndarray, "seeds steps"]
    seasonal_naive: Float[np.ndarray, "seeds steps"]
    linear: Float[np.ndarray, "seeds steps"]


def forecast_baselines(*, seeds: Sequence[int] = (0, 1, 2)) -> ForecastBaselines:
    """Measure the last value, the last season, and linear regression on the training windows.

    A seed makes the series that the regression learns from. The test is the same for all.

    Raises:
        TypeError, ValueError: An argument of another kind, or out of its range.
    """
    rows = []
    asked_seeds(seeds)
    for seed in seeds:
        parts = seasonal_parts(seed)
        past, future = parts.test
        steps = future.shape[1]
        forecasts = (
            naive(past, steps),
            seasonal_naive(past, steps, SEASON),
            LinearForecast(*parts.train)(past),
        )
        rows.append([rmse_by_step(forecast, future, unit=NOISE) for forecast in forecasts])
    return ForecastBaselines(tuple(seeds), *np.array(rows).swapaxes(0, 1))
