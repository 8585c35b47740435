"""A recurrent network on a task that is linear, with its learning curves and its baselines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import torch

from unrolled import validate, validate_kinds
from unrolled.asked import asked_each, asked_scale, asked_seeds
from unrolled.data.halves import halves
from unrolled.logistic import logistic_regression, predict
from unrolled.models.sequence import SequenceClassifier
from unrolled.run import Run
from unrolled.settings import Scale, device
from unrolled.training import Batches, train

if TYPE_CHECKING:
    from jaxtyping import Float, Shaped

Pair = tuple[torch.Tensor, torch.Tensor]


class Budget(NamedTuple):
    """Sequences to train on, in each held-out part, passes over the training data.

    And how exactly the weights of the linear baseline are found.
    """

    training: int
    held_out: int
    epochs: int
    tolerance: float


OTHER = 1_000_000
"""Added to a seed for the data, which must not come from the stream of the weights."""

BUDGETS: dict[Scale, Budget] = {
    "smoke": Budget(64, 40, 8, 0.1),
    "site": Budget(1600, 400, 30, 1e-6),
    "full": Budget(1600, 400, 100, 1e-6),
}


@dataclass(frozen=True, eq=False)
class HalvesTraining:
    """How networks learned which half has the larger sum; a row a seed."""

    seeds: tuple[int, ...]
    length: int
    losses: Float[np.ndarray, "seeds epochs batches"]
    """Before each update, with dropout."""
    norms: Float[np.ndarray, "seeds epochs batches"]
    """Of the gradient, before clipping."""
    validation: Float[np.ndarray, "seeds epochs"]
    """Loss on the validation part after each epoch."""
    right: Shaped[np.ndarray, "seeds epochs 2 held_out"]
    """Which sequences are answered rightly, in the validation part and in the test part."""
    trained: Float[np.ndarray, " seeds"]
    """Accuracy on the training part after the last epoch."""

    @property
    def accuracy(self) -> Float[np.ndarray, "seeds epochs"]:
        """On the test part after each epoch."""
        accuracy: np.ndarray = self.right[:, :, 1].mean(axis=2)
        return accuracy


@dataclass(frozen=True, eq=False)
class HalvesLinear:
    """Accuracy on the same test parts, without a network; a row a seed."""

    seeds: tuple[int, ...]
    sizes: tuple[tuple[int, int], ...]
    """Length and numbers a step."""
    linear: Float[np.ndarray, "seeds sizes"]
    trained: Float[np.ndarray, "seeds sizes"]
    """The same on the training part."""
    majority: Float[np.ndarray, "seeds sizes"]
    """Of always giving the class that is commoner in the training part."""


def halves_training(
    *,
    seeds: Sequence[int] = (0, 1, 2),
    length: int = 30,
    epochs: int | None = None,
    scale: Scale | None = None,
) -> HalvesTraining:
    """Train two layers of 64 units, dropout 0.1, and look at held-out data after each epoch.

    1600 sequences of 5 numbers a step, 400 more for validation and 400 for the test; Adam at
    1e-3, batches of 64, gradients clipped to norm 5. A seed sets data, weights, dropout and
    the order of the batches. Leaves PyTorch's random state as it was.

    Raises:
        TypeError, ValueError: An argument of another kind, or out of its range.
    """
    validate.size("length", length, least=2)
    budget = BUDGETS[asked_scale(scale)]
    epochs = budget.epochs if epochs is None else validate.size("epochs", epochs)
    runs, right, trained = [], [], []
    asked_seeds(seeds)
    for seed in seeds:
        training, *held_out = parts(seed, length=length, scale=scale)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            model = SequenceClassifier(5, 64, 2, layers=2, dropout=0.1).to(device())
            run = Run(model, torch.optim.Adam(model.parameters(), 1e-3, fused=True), max_norm=5.0)
            right.append(np.empty((epochs, 2, budget.held_out), bool))
            for epoch in range(epochs):
                batches = Batches(*training, shuffle=True)
                validation = Batches(*held_out[0], size=budget.held_out)
                train(run, batches, validation, epochs=epoch + 1, patience=epochs)
                right[-1][epoch] = [answered(model, part) for part in held_out]
            trained.append(answered(model, training).mean())
        runs.append(run.history)
    logged = {
        name: np.array([[epoch[name] for epoch in run] for run in runs])
        for name in ("losses", "norms", "validation")
    }
    return HalvesTraining(
        tuple(seeds), length, **logged, right=np.array(right), trained=np.array(trained)
    )


def halves_linear(
    *,
    seeds: Sequence[int] = (0, 1, 2),
    sizes: Sequence[tuple[int, int]] = ((30, 5),),
    scale: Scale | None = None,
) -> HalvesLinear:
    """Fit a logistic regression, penalty 1, to the flattened sequences of `halves_training`.

    Raises:
        TypeError, ValueError: An argument of another kind, or out of its range.
    """
    asked_each("sizes", sizes, _check_pair)
    tolerance = BUDGETS[asked_scale(scale)].tolerance
    asked_seeds(seeds)
    scores = np.empty((3, len(seeds), len(sizes)))
    for row, seed in enumerate(seeds):
        for column, (length, features) in enumerate(sizes):
            training, _, test = (
                (inputs.flatten(1).double().numpy(), classes.numpy())
                for inputs, classes in parts(seed, length=length, features=features, scale=scale)
            )
            weights = logistic_regression(*training, tolerance=tolerance)
            common = int(training[1].mean() > 0.5)
            scores[:, row, column] = (
                (predict(weights, test[0]) == test[1]).mean(),
                (predict(weights, training[0]) == training[1]).mean(),
                (test[1] == common).mean(),
            )
    return HalvesLinear(tuple(seeds), tuple(sizes), *scores)


def _check_pair(name: str, pair: Sequence[int]) -> None:
    if len(validate_kinds.sequence(name, pair)) != 2:
        raise ValueError(f"{name}: got {pair!r}, expected two integers, steps and numbers a step")
    length, features = pair
    validate.size(name, length, least=2)
    validate.size(name, features)


def parts(
    seed: int, *, length: int = 30, features: int = 5, scale: Scale | None = None
) -> list[Pair]:
    """Draw the training part, the validation part and the test part of a seed.

    Their own generator: the data must not come from the random stream of the weights.
    """
    budget = BUDGETS[asked_scale(scale)]
    generator = torch.Generator().manual_seed(seed + OTHER)
    counts = (budget.training, budget.held_out, budget.held_out)
    return [halves(n, length, features=features, generator=generator) for n in counts]


@torch.no_grad()
def answered(model: torch.nn.Module, part: Pair) -> np.ndarray:
    """Return which sequences the model answers rightly, in evaluation mode."""
    inputs, classes = part
    model.eval()
    said = model(inputs.to(device())).argmax(dim=1).cpu()
    right: np.ndarray = (said == classes).numpy()
    return right
