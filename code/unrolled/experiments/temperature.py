"""What does the temperature do to a distribution, and do the samples follow it?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from unrolled import validate
from unrolled.asked import asked_each, asked_seeds
from unrolled.sampling import draw, entropy, probabilities

if TYPE_CHECKING:
    from jaxtyping import Float

TEMPERATURES = (0.3, 0.8, 1.0, 1.5)
WHOLE = ("temperatures",)
"""Not to be taken apart by a grid: all are drawn from one random state, one after the other."""


@dataclass(frozen=True, eq=False)
class SamplingTemperature:
    """Random logits at several temperatures; a row a seed, a column a temperature."""

    seeds: tuple[int, ...]
    temperatures: tuple[float, ...]
    entropy: Float[np.ndarray, "seeds temperatures"]
    """In nats."""
    most_likely: Float[np.ndarray, "seeds temperatures"]
    """Probability of the most likely character."""
    same_order: Float[np.ndarray, "seeds temperatures"]
    """1 where the characters are in the order of the logits, else 0."""
    excess: Float[np.ndarray, "seeds temperatures"]
    """How far χ² of the sampled frequencies lies above its mean, in standard deviations."""
    greedy_excess: Float[np.ndarray, "seeds temperatures"]
    """The same when the most likely character is taken every time."""


def sampling_temperature(
    *,
    seeds: Sequence[int] = (0, 1, 2),
    temperatures: Sequence[float] = TEMPERATURES,
    vocab_size: int = 30,
    draws: int = 20000,
) -> SamplingTemperature:
    """Soften N(0, 2²) logits by each temperature, draw from the result, and count.

    χ² is taken over the characters that are expected five times or more and one class of
    all others together.

    Raises:
        TypeError, ValueError: An argument of another kind, or out of its range.
    """
    asked_each("temperatures", temperatures, validate.positive)
    validate.size("vocab_size", vocab_size, least=2)
    validate.size("draws", draws, least=100)
    asked_seeds(seeds)
    shape = (len(seeds), len(temperatures))
    numbers = [np.empty(shape) for _ in range(5)]
    for row, seed in enumerate(seeds):
        rng = np.random.default_rng(seed)
        logits = rng.normal(0, 2, vocab_size)
        for column, temperature in enumerate(temperatures):
            p = probabilities(logits, temperature=temperature)
            drawn = draw(rng, np.broadcast_to(p, (draws, vocab_size)))
            greedy = np.full(draws, logits.argmax())
            found = (
                float(entropy(p[None])[0]),
                p.max(),
                float((np.argsort(p) == np.argsort(logits)).all()),
                chi_square_excess(np.bincount(drawn, minlength=vocab_size), p),
                chi_square_excess(np.bincount(greedy, minlength=vocab_size), p),
            )
            for array, number in zip(numbers, found, strict=True):
                array[row, column] = number
    return SamplingTemperature(tuple(seeds), tuple(temperatures), *numbers)


def chi_square_excess(counts: np.ndarray, p: np.ndarray) -> float:
    """Return (χ² - d) / √(2 d), which is near 0 when the counts were drawn from `p`.

    d, the degrees of freedom, is the mean of χ² then, and √(2 d) its standard deviation.
    """
    expected = counts.sum() * p
    often = expected >= 5
    counted = np.append(counts[often], counts[~often].sum())
    hoped = np.append(expected[often], expected[~often].sum())
    counted, hoped = counted[hoped > 0], hoped[hoped > 0]
    freedom = max(1, len(hoped) - 1)
    return float((((counted - hoped) ** 2 / hoped).sum() - freedom) / np.sqrt(2 * freedom))
