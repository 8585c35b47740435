"""What do a dense net and a convolution know about positions?

Both look for one of two short patterns, somewhere in noise, and say which one it is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits

from unrolled.asked import asked_scale, asked_seeds
from unrolled.settings import Scale

if TYPE_CHECKING:
    from jaxtyping import Float

STEPS: dict[Scale, int] = {"smoke": 5, "site": 120, "full": 4000}
LENGTH, TESTS = 64, 4000
PATTERNS = torch.tensor([[1, 1, -1, -1, 1, 1, -1, -1], [1, -1, 1, -1, 1, -1, 1, -1]]).float()
LAST = LENGTH - PATTERNS.shape[1]
"""The last position at which a pattern can begin."""


@dataclass(frozen=True, eq=False)
class ConsistentShuffle:
    """Accuracy of networks trained and tested on inputs as they are, or all shuffled alike."""

    seeds: tuple[int, ...]
    dense: Float[np.ndarray, "seeds 2"]
    """As they are, shuffled."""
    convolution: Float[np.ndarray, "seeds 2"]
    """One that keeps only the largest answer of each kernel."""
    with_dense: Float[np.ndarray, "seeds 2"]
    """One with a dense net on all answers of all kernels."""


@dataclass(frozen=True, eq=False)
class UnseenPositions:
    """Accuracy of networks trained on patterns in the first half of the window."""

    seeds: tuple[int, ...]
    dense: Float[np.ndarray, "seeds 2"]
    """Patterns in the first half, in the second half."""
    convolution: Float[np.ndarray, "seeds 2"]
    with_dense: Float[np.ndarray, "seeds 2"]


class _Convolution(nn.Module):
    """Sixteen kernels of width eight, and the largest answer of each."""

    def __init__(self) -> None:
        super().__init__()
        self.kernels = nn.Conv1d(1, 16, 8)
        self.readout = nn.Linear(16, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        answers = torch.relu(self.kernels(x.unsqueeze(1)))  # (B, 16, positions)
        logits: torch.Tensor = self.readout(answers.amax(dim=-1))
        return logits


def _dense() -> nn.Module:
    return nn.Sequential(nn.Linear(LENGTH, 64), nn.ReLU(), nn.Linear(64, 1))


def _with_dense() -> nn.Module:
    """The same kernels, and a dense net that knows where each answer comes from."""
    return nn.Sequential(
        nn.Unflatten(1, (1, LENGTH)),
        nn.Conv1d(1, 16, 8),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(16 * (LAST + 1), 64),
        nn.ReLU(),
        nn.Linear(64, 1),
    )


KINDS: tuple[Callable[[], nn.Module], ...] = (_dense, _Convolution, _with_dense)


def consistent_shuffle(
    *, seeds: Sequence[int] = (0, 1, 2), scale: Scale | None = None
) -> ConsistentShuffle:
    """Train three networks with and without one fixed shuffle of the positions.

    64 numbers, N(0, 0.5²) noise, a pattern of eight numbers ±1 at a random position; fresh
    batches of 128, Adam, 5e-3; tested on 4000 fresh ones. Leaves PyTorch's random state as
    it was.

    Raises:
        TypeError, ValueError: An argument of another kind, or out of its range.
    """
    steps = STEPS[asked_scale(scale)]
    asked_seeds(seeds)
    accuracy = np.empty((len(KINDS), len(seeds), 2))
    everywhere = range(LAST + 1)
    for row, seed in enumerate(seeds):
        mixed = torch.from_numpy(np.random.default_rng([seed, 1]).permutation(LENGTH))
        for column, order in enumerate((torch.arange(LENGTH), mixed)):
            for kind, build in enumerate(KINDS):
                (accuracy[kind, row, column],) = _accuracies(
                    build, seed, steps, everywhere, [everywhere], order
                )
    return ConsistentShuffle(tuple(seeds), *accuracy)


def unseen_positions(
    *, seeds: Sequence[int] = (0, 1, 2), scale: Scale | None = None
) -> UnseenPositions:
    """Train three networks on patterns in the first half only, and test them on both halves.

    The rest is as in `consistent_shuffle`.

    Raises:
        TypeError, ValueError: An argument of another kind, or out of its range.
    """
    steps = STEPS[asked_scale(scale)]
    asked_seeds(seeds)
    accuracy = np.empty((len(KINDS), len(seeds), 2))
    halves = range(LENGTH // 2 - PATTERNS.shape[1] + 1), range(LENGTH // 2, LAST + 1)
    for row, seed in enumerate(seeds):
        for kind, build in enumerate(KINDS):
            accuracy[kind, row] = _accuracies(
                build, seed, steps, halves[0], halves, torch.arange(LENGTH)
            )
    return UnseenPositions(tuple(seeds), *accuracy)


def _accuracies(
    build: Callable[[], nn.Module],
    seed: int,
    steps: int,
    trained_at: range,
    tested_at: Sequence[range],
    order: torch.Tensor,
) -> list[float]:
    """Train one network on patterns at some positions; test it on others."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = build()
        optimizer = torch.optim.Adam(model.parameters(), lr=5e-3, fused=True)
        for _ in range(steps):
            x, second = patterns_in_noise(128, trained_at)
            loss = binary_cross_entropy_with_logits(model(x[:, order]).squeeze(-1), second.float())
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
        found = []
        with torch.no_grad():
            for positions in tested_at:
                x, second = patterns_in_noise(TESTS, positions)
                said = model(x[:, order]).squeeze(-1) > 0
                found.append(float((said == second).float().mean()))
    return found


def patterns_in_noise(count: int, positions: range) -> tuple[torch.Tensor, torch.Tensor]:
    """Return inputs (count, 64), and whether each holds the second pattern."""
    second = torch.randint(2, (count,))
    start = torch.randint(positions.start, positions.stop, (count, 1))
    x = 0.5 * torch.randn(count, LENGTH)
    x.scatter_add_(1, start + torch.arange(PATTERNS.shape[1]), PATTERNS[second])
    return x, second == 1
