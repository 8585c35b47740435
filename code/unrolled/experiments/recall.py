"""Is the first number of a sequence positive? Read by one direction or two, in several ways."""

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
from unrolled.asked import asked_scale, asked_seeds
from unrolled.denormals import flushed
from unrolled.settings import Scale, device

if TYPE_CHECKING:
    from jaxtyping import Float, Shaped

READINGS = ("final", "last step", "view")
PLACES = ("first", "middle", "last")
SOLVED = 0.97


class Budget(NamedTuple):
    """Batches of training at most, and sequences in the test."""

    batches: int
    tests: int


BUDGETS: dict[Scale, Budget] = {
    "smoke": Budget(4, 100),
    "site": Budget(140, 1000),
    "full": Budget(600, 20000),
}


@dataclass(frozen=True, eq=False)
class Recall:
    """Accuracy on fresh sequences; a row a seed."""

    seeds: tuple[int, ...]
    readings: tuple[str, ...]
    batches: Shaped[np.ndarray, " seeds"]
    """How many were used; fewer than allowed when the task was solved before."""
    accuracy: Float[np.ndarray, "seeds readings"]
    """Of the one trained network, read in each of the ways."""
    majority: Float[np.ndarray, " seeds"]
    """What always answering with the commoner label of the test would score."""


class _Recall(nn.Module):
    """One number in a step, one logit for the whole sequence."""

    def __init__(self, hidden_dim: int, directions: int) -> None:
        super().__init__()
        self.rnn = nn.RNN(1, hidden_dim, batch_first=True, bidirectional=directions == 2)
        self.readout = nn.Linear(directions * hidden_dim, 1)

    def forward(self, inputs: torch.Tensor, reading: str) -> torch.Tensor:
        output, h_n = self.rnn(inputs)  # (B, T, 2H), (2, B, H)
        logits: torch.Tensor = self.readout(summary(output, h_n, reading))  # (B, 1)
        return logits.squeeze(-1)


def summary(output: torch.Tensor, h_n: torch.Tensor, reading: str) -> torch.Tensor:
    """Take what stands for the whole sequence, in one of three ways: (B, 2H)."""
    if reading == "final":
        return torch.cat([*h_n], dim=1)  # the final state of each direction
    if reading == "last step":
        return output[:, -1]
    return h_n.view(len(output), -1)


def recall_at(
    *,
    seeds: Sequence[int] = (0, 1, 2),
    place: str = "first",
    directions: int = 2,
    reading: str = "final",
    length: int = 50,
    hidden_dim: int = 64,
    scale: Scale | None = None,
) -> Recall:
    """Train `nn.RNN` to tell whether one of `length` N(0, 1) numbers is positive.

    Fresh batches of 64, Adam at 1e-3, gradients clipped to norm 1, until a running mean of
    the accuracy on the batches exceeds 0.97 or the budget is used up; tested on fresh
    sequences. Denormal numbers are taken for zero meanwhile, as a longer backward pass in
    float32 meets many. Leaves that mode and PyTorch's random state as they were.

    Args:
        place: Which number counts: "first", "middle" or "last".
        directions: 1 or 2.
        reading: "final" takes the final state of each direction; "last step" takes
            `output[:, -1]`; "view" takes `h_n.view(B, -1)`, which mixes up the batch.

    Raises:
        TypeError, ValueError: An argument of another kind, or out of its range.
    """
    validate.size("hidden_dim", hidden_dim)
    validate.choice("place", place, PLACES)
    validate.choice("reading", reading, READINGS)
    if validate.size("directions", directions, least=0) not in (1, 2):
        raise ValueError(f"directions: got {directions!r}, expected 1 or 2")
    length = validate.size("length", length)
    at = {"first": 0, "middle": length // 2, "last": length - 1}[place]
    budget = BUDGETS[asked_scale(scale)]
    asked_seeds(seeds)
    batches = np.empty(len(seeds), int)
    accuracy = np.empty((len(seeds), len(READINGS)))
    majority = np.empty(len(seeds))
    for row, seed in enumerate(seeds):
        with torch.random.fork_rng(devices=[]), flushed():
            torch.manual_seed(seed)
            model = _Recall(hidden_dim, directions).to(device())
            batches[row] = _train(model, reading, length, at, budget.batches)
            accuracy[row], majority[row] = _test(model, length, at, budget.tests)
    return Recall(tuple(seeds), READINGS, batches, accuracy, majority)


def _train(model: nn.Module, reading: str, length: int, at: int, most: int) -> int:
    """Train in place, and return how many batches it took."""
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, fused=True)
    running, used = 0.5, 0
    while used < most and running <= SOLVED:
        inputs = torch.randn(64, length, 1).to(device())
        positive = inputs[:, at, 0] > 0
        logits = model(inputs, reading)
        loss = binary_cross_entropy_with_logits(logits, positive.float())
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        running += 0.1 * (float(((logits > 0) == positive).float().mean()) - running)
        used += 1
    return used


@torch.no_grad()
def _test(model: _Recall, length: int, at: int, count: int) -> tuple[list[float], float]:
    """The accuracy for each reading, and that of the commoner answer."""
    inputs = torch.randn(count, length, 1).to(device())
    positive = inputs[:, at, 0] > 0
    output, h_n = model.rnn(inputs)
    found = []
    for reading in READINGS:
        said = model.readout(summary(output, h_n, reading)).squeeze(-1) > 0
        found.append(float((said == positive).float().mean()))
    share = float(positive.float().mean())
    return found, max(share, 1 - share)
