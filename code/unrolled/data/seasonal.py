"""Series with a season, a slower cycle, a trend and noise, made on the spot."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from unrolled import validate, validate_kinds

if TYPE_CHECKING:
    from jaxtyping import Float

SEASON = 12
"""Steps of the season that all series share."""
NOISE = 0.2
"""Standard deviation of the noise, which nobody can forecast."""


TEST_SEED = 1848
"""The test series are made from it, the same for every network."""


class Windows(NamedTuple):
    """Stretches of series, each cut into what is known and what is to be forecast."""

    past: Float[np.ndarray, "N past 1"]
    future: Float[np.ndarray, "N ahead 1"]


class Parts(NamedTuple):
    """Windows for training, for choosing, and for the test; no series is in two of them."""

    train: Windows
    validation: Windows
    test: Windows
    mean: float
    """Of the series for training alone, as is the standard deviation."""
    deviation: float


def seasonal_series(count: int, length: int, *, seed: int) -> Float[np.ndarray, "count length"]:
    """Make series that differ in their phases, amplitudes, trend and slower cycle.

    Each is a sine of period 12 with an amplitude of 0.5 to 1.5, a sine with the same range
    of amplitudes and a period of 18 to 40, a straight line with a slope of N(0, 0.02²) a
    step, and N(0, 0.2²) noise. The first series are the same whatever `count` is.

    Raises:
        TypeError, ValueError: A count or length below 1, or a seed below 0.
    """
    validate.size("seed", seed, least=0)
    validate.size("count", count)
    steps = np.arange(validate.size("length", length))
    return np.stack([_one(np.random.default_rng([seed, n]), steps) for n in range(count)])


def _one(rng: np.random.Generator, steps: np.ndarray) -> np.ndarray:
    phases, amplitudes = rng.uniform(0, 2 * np.pi, 2), rng.uniform(0.5, 1.5, 2)
    periods = SEASON, rng.uniform(18, 40)
    series = np.asarray(rng.normal(0, NOISE, len(steps)))
    series += rng.normal(0, 0.02) * (steps - steps.mean())
    for amplitude, period, phase in zip(amplitudes, periods, phases, strict=True):
        series += amplitude * np.sin(2 * np.pi * steps / period + phase)
    return series


def windows(
    series: Float[np.ndarray, "count length"], *, past: int = 30, ahead: int = 10, every: int = 1
) -> Windows:
    """Cut windows of `past + ahead` steps out of each series, a new one `every` so many steps.

    Raises:
        TypeError, ValueError: Not finite numbers, a size below 1, or series shorter than a
            window.
    """
    series = validate_kinds.floats("series", series, ("count", "length"))
    size = validate.size("past", past) + validate.size("ahead", ahead)
    if series.shape[1] < size:
        raise ValueError(f"series: got {series.shape[1]} steps, expected at least {size}")
    cut = sliding_window_view(series, size, axis=1)[:, :: validate.size("every", every)]
    flat = cut.reshape(-1, size, 1)
    return Windows(flat[:, :past], flat[:, past:])


def seasonal_parts(seed: int) -> Parts:
    """Make series of 80 steps, split them, and then cut windows of 30 + 10 steps.

    200 series are for training, with all their windows; 50 for validation and 200 for the
    test, with every tenth. The test series do not depend on `seed`.

    Raises:
        TypeError, ValueError: Not a seed of at least 0.
    """
    return _parts(validate.size("seed", seed, least=0))


@lru_cache(maxsize=8)
def _parts(seed: int) -> Parts:
    series = seasonal_series(250, 80, seed=seed)
    test = seasonal_series(200, 80, seed=TEST_SEED)
    return Parts(
        windows(series[:200]),
        windows(series[200:], every=10),
        windows(test, every=10),
        float(series[:200].mean()),
        float(series[:200].std()),
    )
