"""Does a network trained on short sequences work on long ones?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import torch
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits
from torch.nn.utils import clip_grad_norm_

from unrolled import validate
from unrolled.asked import asked_each, asked_scale, asked_seeds
from unrolled.settings import Scale

if TYPE_CHECKING:
    from jaxtyping import Float


class Budget(NamedTuple):
    """Steps of training, and sequences in each test."""

    steps: int
    tests: int


BUDGETS: dict[Scale, Budget] = {
    "smoke": Budget(10, 100),
    "site": Budget(500, 2000),
    "full": Budget(4000, 20000),
}


@dataclass(frozen=True, eq=False)
class LengthGeneralisation:
    """Accuracy on fresh sequences; a row a seed, a column a test length."""

    seeds: tuple[int, ...]
    train_length: int
    train_steps: int
    test_lengths: tuple[int, ...]
    accuracy: Float[np.ndarray, "seeds test_lengths"]
    majority: Float[np.ndarray, "seeds test_lengths"]
    """What always answering with the commoner label of the test would score."""


class _SumSign(nn.Module):
    """One number in a step, one logit at the end."""

    def __init__(self, hidden_dim: int) -> None:
        super().__init__()
        self.rnn = nn.RNN(1, hidden_dim, batch_first=True)
        self.readout = nn.Linear(hidden_dim, 1)

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        _, h_n = self.rnn(inputs)  # (1, B, H)
        logits: torch.Tensor = self.readout(h_n[-1])  # (B, 1)
        return logits.squeeze(-1)


def length_generalisation(
    *,
    seeds: Sequence[int] = (0, 1, 2),
    train_length: int = 10,
    test_lengths: Sequence[int] = (10, 30, 100, 300, 1000),
    hidden_dim: int = 32,
    scale: Scale | None = None,
) -> LengthGeneralisation:
    """Train `nn.RNN` to tell the sign of a sum of N(0, 1) numbers; test on other lengths.

    Fresh batches of 64, Adam with a rate that falls linearly from 3e-3 to 0, gradients
    clipped to norm 1. A test depends on its seed and its length, not on which other
    lengths are tested. Leaves PyTorch's random state as it was.

    Raises:
        TypeError, ValueError: An argument of another kind, or out of its range.
    """
    validate.size("train_length", train_length)
    asked_each("test_lengths", test_lengths, validate.size)
    validate.size("hidden_dim", hidden_dim)
    budget = BUDGETS[asked_scale(scale)]
    asked_seeds(seeds)
    accuracy = np.empty((len(seeds), len(test_lengths)))
    majority = np.empty_like(accuracy)
    for row, seed in enumerate(seeds):
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            model = _SumSign(hidden_dim)
            _train(model, train_length, budget.steps)
            for column, length in enumerate(test_lengths):
                rng = np.random.default_rng([seed, length])
                said, positive = _answers(model, rng, length, budget.tests)
                accuracy[row, column] = (said == positive).mean()
                majority[row, column] = max(positive.mean(), 1 - positive.mean())
    return LengthGeneralisation(
        tuple(seeds), train_length, budget.steps, tuple(test_lengths), accuracy, majority
    )


def _train(model: nn.Module, length: int, steps: int) -> None:
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3, fused=True)
    schedule = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 0.0, total_iters=steps)
    for _ in range(steps):
        inputs = torch.randn(64, length, 1)
        positive = inputs.sum(dim=(1, 2)) > 0
        loss = binary_cross_entropy_with_logits(model(inputs), positive.float())
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()


@torch.no_grad()
def _answers(
    model: nn.Module, rng: np.random.Generator, length: int, count: int
) -> tuple[np.ndarray, np.ndarray]:
    """What the model says, and what is right, for each of `count` sequences."""
    said, positive = [], []
    for _ in range(count // 100):  # in small batches, which stay in the processor's cache
        inputs = torch.from_numpy(rng.standard_normal((100, length, 1), np.float32))
        said.append(model(inputs) > 0)
        positive.append(inputs.sum(dim=(1, 2)) > 0)
    return torch.cat(said).numpy(), torch.cat(positive).numpy()
