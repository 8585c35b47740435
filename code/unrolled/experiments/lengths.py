"""How long may a sequence be for a network to learn what its first number was?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch

from unrolled import validate
from unrolled.asked import asked_each, asked_scale, asked_seeds
from unrolled.beginnings import BEGINNINGS, beginning
from unrolled.data.first import FirstNumber
from unrolled.denormals import flushed
from unrolled.population import Recipe, stack, train
from unrolled.population.network import logits, state_gradients
from unrolled.population.stack import Member, layout_of
from unrolled.settings import Scale, device

if TYPE_CHECKING:
    from jaxtyping import Float, Shaped

STEPS: dict[Scale, int] = {"smoke": 8, "site": 600, "full": 600}
TESTS = 2000
FIELDS = ("accuracy", "updates", "factor", "radius")
SPLIT = "lengths"
"""What a grid takes apart: all seeds of a length are trained at once."""


@dataclass(frozen=True, eq=False)
class SequenceLength:
    """What came of training one kind of network on sequences of several lengths."""

    seeds: tuple[int, ...]
    start: str
    lengths: tuple[int, ...]
    accuracy: Float[np.ndarray, "seeds lengths"]
    """On 2000 fresh sequences; a coin has 0.5."""
    updates: Shaped[np.ndarray, "seeds lengths"]
    """Made before the goal was reached or the budget used up."""
    factor: Float[np.ndarray, "seeds lengths"]
    """Of the states' gradient per step back, from the last to the first, before training."""
    radius: Float[np.ndarray, "seeds lengths"]
    """Spectral radius of W_hh after training; of the LSTM's and GRU's candidate."""


def sequence_length(
    *,
    seeds: Sequence[int] = (0, 1, 2),
    start: str = "tanh",
    lengths: Sequence[int] = (10, 25),
    hidden_dim: int = 64,
    rate: float = 1e-3,
    batch: int = 64,
    goal: float = 0.99,
    stock: int = 0,
    steps: int | None = None,
    scale: Scale | None = None,
) -> SequenceLength:
    """Train networks to say whether the first of so many numbers is positive.

    All numbers are from N(0, 1), the batches fresh; Adam, gradients clipped to norm 1. A network
    that reaches the goal, a smoothed training accuracy, stops there. All seeds are trained at
    once, on the device that `UNROLLED_DEVICE` names.

    Args:
        start: One of `unrolled.beginnings.BEGINNINGS`.
        rate: Of Adam.
        goal: Above 1 all train to the end.
        stock: Draw the batches from so many sequences instead; 0 for fresh ones.
        steps: Updates at most; 600 by default, 8 at scale `smoke`.

    Raises:
        TypeError, ValueError: An argument of another kind, or out of its range.
    """
    validate.positive("rate", rate)
    validate.choice("start", start, tuple(BEGINNINGS))
    validate.size("hidden_dim", hidden_dim)
    validate.size("batch", batch)
    validate.size("stock", stock, least=0)
    asked_each("lengths", lengths, validate.size, least=2)
    usual = STEPS[asked_scale(scale)]
    budget = usual if steps is None else validate.size("steps", steps)
    recipe = Recipe(steps=budget, goal=validate.positive("goal", goal))
    asked_seeds(seeds)
    measured = np.empty((3, len(seeds), len(lengths)))
    updates = np.empty((len(seeds), len(lengths)), int)
    with flushed():
        for column, length in enumerate(lengths):
            streams = [FirstNumber(length, batch, seed, stock=stock) for seed in seeds]
            members = [beginning(start, hidden_dim=hidden_dim, seed=seed) for seed in seeds]
            measured[1, :, column] = _factors(members, length, seeds)
            for rnn, readout in members:
                rnn.to(device()), readout.to(device())
            outcome = train(members, streams, [rate] * len(seeds), recipe)
            updates[:, column] = outcome.steps
            measured[0, :, column] = _accuracies(members, length, seeds)
            measured[2, :, column] = [_radius(member) for member in members]
    accuracy, factor, radius = measured
    return SequenceLength(tuple(seeds), start, tuple(lengths), accuracy, updates, factor, radius)


def _fresh(length: int, count: int, seeds: Sequence[int]) -> tuple[torch.Tensor, torch.Tensor]:
    """Sequences that no training sees: inputs (T, S, B, 1), labels (S, B)."""
    given = [next(FirstNumber(length, count, 10**6 + seed)) for seed in seeds]
    return torch.stack([x.transpose(0, 1) for x, _ in given], 1), torch.stack([y for _, y in given])


def _factors(members: Sequence[Member], length: int, seeds: Sequence[int]) -> np.ndarray:
    inputs, labels = _fresh(length, 64, seeds)
    layout, flat = layout_of(members), stack(members)
    norms = state_gradients(layout, flat.double(), inputs.double(), labels)
    factors: np.ndarray = ((norms[:, length - 1] / norms[:, 0]) ** (1 / (length - 1))).numpy()
    return factors


def _accuracies(members: Sequence[Member], length: int, seeds: Sequence[int]) -> np.ndarray:
    inputs, labels = _fresh(length, TESTS, seeds)
    flat = stack(members)
    said = logits(layout_of(members), flat, inputs.to(flat.device)).argmax(-1).cpu()
    accuracies: np.ndarray = (said == labels).double().mean(1).numpy()
    return accuracies


def _radius(member: Member) -> float:
    rnn, _ = member
    matrix = rnn.get_parameter("weight_hh_l0").detach().cpu().double()
    H = rnn.hidden_size
    first = {"LSTM": 2 * H, "GRU": 2 * H}.get(rnn.mode, 0)
    return float(torch.linalg.eigvals(matrix[first : first + H]).abs().max())
