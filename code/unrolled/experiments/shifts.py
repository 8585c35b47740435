"""What moves the length at which a network stops learning what its first number was?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from unrolled import validate
from unrolled.asked import asked_each
from unrolled.experiments.lengths import FIELDS, sequence_length
from unrolled.settings import Scale

if TYPE_CHECKING:
    from jaxtyping import Float, Shaped

MOVERS = ("hidden_dim", "rate", "steps", "stock")
SPLIT = "values"
"""What a grid takes apart: all seeds of a cell are trained at once."""


@dataclass(frozen=True, eq=False)
class MemoryShift:
    """What came of training one kind of network with one setting changed."""

    seeds: tuple[int, ...]
    start: str
    setting: str
    values: tuple[float, ...]
    lengths: tuple[int, ...]
    accuracy: Float[np.ndarray, "seeds values lengths"]
    """On 2000 fresh sequences; a coin has 0.5."""
    updates: Shaped[np.ndarray, "seeds values lengths"]
    """Made before the goal was reached or the budget used up."""
    factor: Float[np.ndarray, "seeds values lengths"]
    """Of the states' gradient per step back, from the last to the first, before training."""
    radius: Float[np.ndarray, "seeds values lengths"]
    """Spectral radius of W_hh after training."""


def memory_shift(
    *,
    seeds: Sequence[int] = (0, 1, 2),
    setting: str = "rate",
    values: Sequence[float] = (1e-3, 3e-3),
    start: str = "tanh",
    lengths: Sequence[int] = (15, 20, 25, 30),
    steps: int | None = None,
    goal: float = 0.99,
    scale: Scale | None = None,
) -> MemoryShift:
    """Train as `sequence_length` does, with each of several values for one of its settings.

    Args:
        setting: `hidden_dim` (units), `rate` (of Adam), `steps` (the budget of updates), or
            `stock` (sequences that the batches are drawn from; 0 for fresh ones).
        values: For that setting.
        start: One of `unrolled.beginnings.BEGINNINGS`.
        steps: Updates at most; 600 by default, 8 at scale `smoke`. Not with `setting="steps"`.
        goal: Smoothed training accuracy at which a network stops; above 1, never.

    Raises:
        TypeError, ValueError: An argument of another kind, or out of its range.
    """
    validate.choice("setting", setting, MOVERS)
    if setting == "steps" and steps is not None:
        raise ValueError(f"steps: got {steps} beside setting 'steps', expected the values alone")
    asked_each("values", values, _check_mover, setting)
    train = partial(
        sequence_length, seeds=seeds, start=start, lengths=lengths, goal=goal, scale=scale
    )
    rows = []
    for given in values:
        if setting == "rate":
            rows.append(train(rate=given, steps=steps))
            continue
        size = int(given)  # which a command line writes as 300.0
        if setting == "hidden_dim":
            rows.append(train(hidden_dim=size, steps=steps))
        elif setting == "stock":
            rows.append(train(stock=size, steps=steps))
        else:
            rows.append(train(steps=size))
    arrays = [np.stack([getattr(row, field) for row in rows], axis=1) for field in FIELDS]
    kept = (tuple(seeds), start, setting, tuple(values), tuple(lengths))
    return MemoryShift(*kept, *arrays)


def _check_mover(name: str, value: float, setting: str) -> None:
    """Refuse what the setting cannot be: a rate is positive, all others are whole numbers."""
    if setting == "rate":
        validate.positive(name, value)
    elif not validate.number(name, value).is_integer():
        raise ValueError(f"{name}: got {value}, expected whole numbers for {setting}")
    else:
        validate.size(name, int(value), least=0 if setting == "stock" else 1)
