"""What does a decoder learn that is fed its predictions, the truth, or its own state?"""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import torch
from torch.nn.functional import mse_loss
from torch.nn.utils import clip_grad_norm_

from unrolled import validate, validate_kinds
from unrolled.asked import asked_scale, asked_seeds
from unrolled.data.seasonal import NOISE, Parts, Windows, seasonal_parts
from unrolled.forecast import over_all_steps, rmse_by_step
from unrolled.models.seq2seq import Seq2Seq
from unrolled.settings import Scale, device

if TYPE_CHECKING:
    from jaxtyping import Float


class Budget(NamedTuple):
    """Updates of a training, and how many of them lie between two looks at the validation."""

    updates: int
    every: int


BUDGETS: dict[Scale, Budget] = {
    "smoke": Budget(4, 2),
    "site": Budget(250, 50),
    "full": Budget(5000, 250),
}


@dataclass(frozen=True, eq=False)
class ForecastTraining:
    """Errors in standard deviations of the noise; a row a seed."""

    seeds: tuple[int, ...]
    updates: tuple[int, ...]
    """At which the validation series were looked at."""
    validation: Float[np.ndarray, "seeds looks"]
    """Error on them, over all steps; the weights of the best look are those tested."""
    by_step: Float[np.ndarray, "seeds steps"]
    """Error of each step on the test series, the network fed by itself."""
    told_by_step: Float[np.ndarray, "seeds steps"]
    """The same when each step reads the true value before it; with states fed back, as above."""
    forecasts: Float[np.ndarray, "seeds windows steps"]
    """Of the test windows, the network fed by itself; in the unit of the series."""


def forecast_training(
    *,
    seeds: Sequence[int] = (0, 1, 2),
    feedback: str = "prediction",
    forcing: float = 0.0,
    cell: str = "rnn",
    rate: float = 0.01,
    times: int = 1,
    scale: Scale | None = None,
) -> ForecastTraining:
    """Train `Seq2Seq` to forecast 10 steps from 30, on series of its own; test it.

    Batches of 64 training windows, mean squared error over all ten steps, Adam with a rate
    that falls linearly to 0, gradients clipped to norm 1, a state of 32.
    A seed makes series, weights and batches; the test series are the same for all seeds.
    Leaves PyTorch's random state as it was.

    Args:
        forcing: As in `Seq2Seq`, and in training only.
        rate: The learning rate of the first update.
        times: Multiplies the number of updates.

    Raises:
        TypeError, ValueError: As in `Seq2Seq`; `rate` is not positive, `times` is below 1.
    """
    validate_kinds.share("forcing", forcing)
    validate.positive("rate", rate)
    budget = BUDGETS[asked_scale(scale)]
    budget = budget._replace(updates=budget.updates * validate.size("times", times))
    looks = tuple(range(budget.every, budget.updates + 1, budget.every))
    found = []
    asked_seeds(seeds)
    for seed in seeds:
        parts = seasonal_parts(seed)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            model = Seq2Seq(1, 32, 1, cell=cell, feedback=feedback).to(device())
            validation = train_forecaster(model, parts, budget, rate, forcing)
            future = parts.test.future
            alone = forecast(model, parts, parts.test)
            told = alone if feedback == "state" else forecast(model, parts, parts.test, told=True)
        errors = (rmse_by_step(each, future, unit=NOISE) for each in (alone, told))
        found.append((validation, *errors, alone[..., 0]))
    return ForecastTraining(tuple(seeds), looks, *map(np.array, zip(*found, strict=True)))


def train_forecaster(
    model: Seq2Seq, parts: Parts, budget: Budget, rate: float, forcing: float
) -> list[float]:
    """Train in place, keep the weights that did best in validation; return what it said."""
    past, future = (_scaled(array, parts) for array in parts.train)
    optimizer = torch.optim.Adam(model.parameters(), lr=rate, fused=True)
    schedule = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 0.0, total_iters=budget.updates)
    errors: list[float] = []
    best = deepcopy(model.state_dict())
    for update in range(1, budget.updates + 1):
        batch = torch.randint(len(past), (64,))
        x, y = past[batch], future[batch]
        loss = mse_loss(model(x, y.shape[1], targets=y, forcing=forcing), y)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        if update % budget.every == 0:
            said = forecast(model, parts, parts.validation)
            by_step = rmse_by_step(said, parts.validation.future, unit=NOISE)
            errors.append(float(over_all_steps(by_step)))
            if errors[-1] == min(errors):
                best = deepcopy(model.state_dict())
    model.load_state_dict(best)
    return errors


@torch.no_grad()
def forecast(model: Seq2Seq, parts: Parts, of: Windows, *, told: bool = False) -> np.ndarray:
    """Return the forecasts (N, steps, 1) in the unit of the series.

    Args:
        told: Let each step read the true value before it, which no forecast can.
    """
    past, future = (_scaled(array, parts) for array in of)
    outputs = model(past, future.shape[1], targets=future, forcing=float(told))
    return np.asarray(outputs.cpu().double()) * parts.deviation + parts.mean


def _scaled(array: np.ndarray, parts: Parts) -> torch.Tensor:
    scaled = (array - parts.mean) / parts.deviation
    return torch.tensor(scaled, dtype=torch.float32, device=device())
