"""How far apart may two steps be whose signs a network must compare?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import nn

from unrolled import validate
from unrolled.asked import asked_each, asked_scale, asked_seeds
from unrolled.data.agreement import agreement
from unrolled.experiments.halves import OTHER
from unrolled.logistic import logistic_regression, predict
from unrolled.models.sequence import SequenceClassifier
from unrolled.run import Run
from unrolled.settings import Scale, device
from unrolled.training import Batches, accuracy, evaluate, train

if TYPE_CHECKING:
    from jaxtyping import Float

UPDATES: dict[Scale, int] = {"smoke": 4, "site": 300, "full": 4000}
TESTS = 1000


@dataclass(frozen=True, eq=False)
class AgreementByLag:
    """Accuracy on fresh sequences of one length, by how far apart the two steps are."""

    seeds: tuple[int, ...]
    length: int
    lags: tuple[int, ...]
    updates: int
    recurrent: Float[np.ndarray, "seeds lags"]
    dense: Float[np.ndarray, "seeds lags"]
    """A net with 32 ReLU units on the flattened sequence."""
    linear: Float[np.ndarray, "seeds lags"]
    """A logistic regression on as many flattened sequences."""
    majority: Float[np.ndarray, "seeds lags"]
    """The share of the class that is commoner in the test."""


class _Fresh:
    """New sequences in every batch, drawn without regard to those before; the same each time."""

    def __init__(self, updates: int, length: int, lag: int, seed: int) -> None:
        self.updates, self.length, self.lag, self.seed = updates, length, lag, seed

    def __iter__(self) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
        drawn = torch.Generator().manual_seed(self.seed + 2 * OTHER)
        for _ in range(self.updates):
            yield agreement(64, self.length, self.lag, generator=drawn)


def agreement_by_lag(
    *,
    seeds: Sequence[int] = (0, 1, 2),
    lags: Sequence[int] = (1, 3, 8, 15),
    length: int = 16,
    scale: Scale | None = None,
) -> AgreementByLag:
    """Train two networks on fresh data for each lag, all else being equal, and test them.

    A recurrent net of 32 units and a dense net of 32; batches of 64, Adam at 5e-3, gradients
    clipped to norm 1. Beside them a logistic regression with penalty 1. Leaves PyTorch's
    random state as it was.

    Raises:
        TypeError, ValueError: An argument of another kind, or out of its range.
    """
    validate.size("length", length, least=2)
    asked_each("lags", lags, _check_lag, length)
    updates = UPDATES[asked_scale(scale)]
    kinds: tuple[Callable[[], nn.Module], ...] = (
        lambda: SequenceClassifier(1, 32, 2),
        lambda: nn.Sequential(nn.Flatten(), nn.Linear(length, 32), nn.ReLU(), nn.Linear(32, 2)),
    )
    asked_seeds(seeds)
    scores = np.empty((4, len(seeds), len(lags)))
    for row, seed in enumerate(seeds):
        for column, lag in enumerate(lags):
            drawn = torch.Generator().manual_seed(seed + OTHER)
            test = agreement(TESTS, length, lag, generator=drawn)
            for kind, build in enumerate(kinds):
                scores[kind, row, column] = _accuracy(
                    build, seed, _Fresh(updates, length, lag, seed), Batches(*test, size=TESTS)
                )
            known = agreement(64 * updates, length, lag, generator=drawn)
            weights = logistic_regression(_flat(known), known[1].numpy())
            right = predict(weights, _flat(test)) == test[1].numpy()
            share = float(test[1].double().mean())
            scores[2:, row, column] = right.mean(), max(share, 1 - share)
    return AgreementByLag(tuple(seeds), length, tuple(lags), updates, *scores)


def _check_lag(name: str, lag: int, length: int) -> None:
    if validate.size(name, lag) >= length:
        raise ValueError(f"{name}: got {lag}, expected one below the length of {length}")


def _flat(part: tuple[torch.Tensor, torch.Tensor]) -> np.ndarray:
    flat: np.ndarray = part[0].flatten(1).double().numpy()
    return flat


def _accuracy(build: Callable[[], nn.Module], seed: int, batches: _Fresh, test: Batches) -> float:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = build().to(device())
        run = Run(model, torch.optim.Adam(model.parameters(), 5e-3, fused=True), max_norm=1.0)
        train(run, batches, test, epochs=1, patience=1)
    return evaluate(model, test, accuracy)
