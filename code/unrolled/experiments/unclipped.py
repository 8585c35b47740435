"""What happens to training when exploding gradients are not clipped, and when they are?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from unrolled import validate
from unrolled.asked import asked_each, asked_scale, asked_seeds
from unrolled.clipping import clip_by_norm, global_norm
from unrolled.nonlinearity import NONLINEARITIES
from unrolled.rnn import VanillaRNN
from unrolled.settings import Scale
from unrolled.starts import untrained

if TYPE_CHECKING:
    from jaxtyping import Float, Shaped

BATCHES: dict[Scale, int] = {"smoke": 5, "site": 150, "full": 2000}


@dataclass(frozen=True, eq=False)
class UnclippedTraining:
    """Training runs by the gain of W_hh at the start; a row a seed.

    The last axis is without clipping, with clipping.
    """

    seeds: tuple[int, ...]
    gains: tuple[float, ...]
    batches: int
    survived: Shaped[np.ndarray, "seeds gains 2"]
    """Updates until something became NaN or infinite; `batches` when nothing did."""
    largest_norm: Float[np.ndarray, "seeds gains 2"]
    """The largest finite gradient norm, before clipping."""
    median_norm: Float[np.ndarray, "seeds gains 2"]
    """Of the finite gradient norms, before clipping; 0 where there is none."""
    accuracy: Float[np.ndarray, "seeds gains 2"]
    """On fresh sequences after the last update; a coin has 0.5."""
    cut_off: Float[np.ndarray, "seeds gains 2"]
    """Share of these sequences whose last state lets no gradient through: all slopes are 0."""


class Run(NamedTuple):
    """How one training went."""

    survived: int
    largest_norm: float
    median_norm: float
    accuracy: float
    cut_off: float


def unclipped_training(
    *,
    seeds: Sequence[int] = (0, 1, 2),
    gains: Sequence[float] = (1.0, 1.5, 2.0, 3.0),
    nonlinearity: str = "tanh",
    rate: float = 0.1,
    max_norm: float = 1.0,
    length: int = 50,
    batch: int = 32,
    hidden_dim: int = 32,
    scale: Scale | None = None,
) -> UnclippedTraining:
    """Train Gaussian starts to tell the sign of a sum, by gradient descent on fresh batches.

    One N(0, 1) number a step, float32, cross-entropy at the last step. Each run is made
    twice from the same weights and on the same batches, without and with clipping by norm.

    Raises:
        TypeError, ValueError: An argument of another kind, or out of its range.
    """
    asked_each("gains", gains, validate.positive)
    validate.positive("rate", rate)
    validate.positive("max_norm", max_norm)
    validate.size("length", length)
    validate.size("batch", batch)
    batches = BATCHES[asked_scale(scale)]
    asked_seeds(seeds)
    survived = np.empty((len(seeds), len(gains), 2), int)
    measured = np.empty((4, *survived.shape))
    for row, seed in enumerate(seeds):
        for column, gain in enumerate(gains):
            for clipped, limit in enumerate((None, max_norm)):
                model = untrained(
                    "gaussian",
                    gain=gain,
                    input_dim=1,
                    hidden_dim=hidden_dim,
                    seed=seed,
                    nonlinearity=nonlinearity,
                    dtype=np.float32,
                )
                rng = np.random.default_rng([seed, 1])
                run = train(model, rng, rate, limit, batches, (batch, length, 1))
                survived[row, column, clipped], *measured[:, row, column, clipped] = run
    return UnclippedTraining(tuple(seeds), tuple(gains), batches, survived, *measured)


def train(
    model: VanillaRNN,
    rng: np.random.Generator,
    rate: float,
    max_norm: float | None,
    batches: int,
    shape: tuple[int, int, int],
) -> Run:
    """Train `model` in place until the batches are used up or something is not finite."""
    norms, survived = [], batches
    with np.errstate(over="ignore", invalid="ignore"):
        for step in range(batches):
            inputs = rng.standard_normal(shape, np.float32)
            positive = inputs.sum(axis=(1, 2)) > 0
            logits = model.forward(inputs)[:, -1]  # (B, 1)
            d_logits = (1 / (1 + np.exp(-logits)) - positive[:, None]) / len(inputs)
            if not np.isfinite(logits).all():
                survived = step
                break
            grads = model.backward(d_logits)
            norms.append(global_norm(grads))
            if max_norm is not None:
                grads, _ = clip_by_norm(grads, max_norm)
            for name, parameter in model.parameters.items():
                parameter -= np.float32(rate) * grads[name]
            if not all(np.isfinite(array).all() for array in model.parameters.values()):
                survived = step
                break
        tests = rng.standard_normal((1000, *shape[1:]), np.float32)
        right = (model.forward(tests)[:, -1, 0] > 0) == (tests.sum(axis=(1, 2)) > 0)
        slopes = NONLINEARITIES[model.nonlinearity].slope(model.states[:, -1])  # (tests, H)
    finite = [norm for norm in norms if np.isfinite(norm)] or [0.0]
    cut_off = float((slopes == 0).all(axis=1).mean())
    return Run(survived, max(finite), float(np.median(finite)), float(right.mean()), cut_off)
