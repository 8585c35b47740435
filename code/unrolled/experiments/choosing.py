"""What does it cost to choose the best epoch on the data that are then reported?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from unrolled import validate, validate_kinds
from unrolled.asked import asked_seeds
from unrolled.experiments.halves import HalvesTraining, halves_training
from unrolled.settings import Scale

if TYPE_CHECKING:
    from jaxtyping import Float


@dataclass(frozen=True, eq=False)
class EpochChoice:
    """Accuracies by how an epoch is chosen, means over many splits; a row a seed."""

    seeds: tuple[int, ...]
    reported: Float[np.ndarray, " seeds"]
    """Of the epoch that is best on one half of the held-out data, on that same half."""
    honest: Float[np.ndarray, " seeds"]
    """Of the same epoch, on the other half."""
    last: Float[np.ndarray, " seeds"]
    """Of the last epoch, on all held-out data."""


def epoch_choice(
    *,
    seeds: Sequence[int] = (0, 1, 2),
    splits: int = 1000,
    training: HalvesTraining | None = None,
    scale: Scale | None = None,
) -> EpochChoice:
    """Split held-out data at random, choose the best epoch on one half, and report both halves.

    Many splits of the same answers take most of the luck of a single split out; what is left
    is that of the data and the training.

    Args:
        seeds: As for `halves_training`.
        splits: How many times.
        training: What `halves_training` returned for these seeds, to save its time.
        scale: As for `halves_training`.

    Raises:
        TypeError, ValueError: An argument of another kind, or out of its range; a training of
            other seeds.
    """
    if training is not None:
        validate_kinds.instance("training", training, HalvesTraining)
    validate.size("splits", splits)
    asked_seeds(seeds)
    if training is None:
        training = halves_training(seeds=seeds, scale=scale)
    if training.seeds != tuple(seeds):
        raise ValueError(f"training: got seeds {training.seeds}, expected {tuple(seeds)}")
    scores = np.array(
        [_scores(right, seed, splits) for seed, right in zip(seeds, training.right, strict=True)]
    )
    return EpochChoice(tuple(seeds), *scores.T)


def _scores(right: np.ndarray, seed: int, splits: int) -> tuple[float, float, float]:
    """Reported, honest and last accuracy for answers (epochs, 2, held out)."""
    pool = right.reshape(len(right), -1).astype(np.float64)  # (epochs, examples)
    count = pool.shape[1]
    rng = np.random.default_rng([seed, 2])
    chosen_on = rng.permuted(np.tile(np.arange(count) % 2, (splits, 1)), axis=1)  # 0 or 1
    on_one = chosen_on @ pool.T / (count // 2)  # (splits, epochs)
    on_other = (1 - chosen_on) @ pool.T / (count - count // 2)
    best = np.arange(splits), on_one.argmax(axis=1)
    return float(on_one[best].mean()), float(on_other[best].mean()), float(pool[-1].mean())
