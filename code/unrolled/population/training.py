"""Train a population until each member has learned its task, or the budget is used up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from unrolled import validate, validate_kinds
from unrolled.population.adam import Adam, clip_each
from unrolled.population.network import Workspace, judge
from unrolled.population.stack import Member, layout_of, stack, unstack

if TYPE_CHECKING:
    from jaxtyping import Float, Shaped

Batches = Iterator[tuple[Tensor, Tensor]]
"""Inputs (B, T, D) and labels (B,), one batch after the other."""


@dataclass(frozen=True)
class Recipe:
    """How to train.

    Attributes:
        steps: The budget.
        max_norm: Of each member's gradient.
        goal: A member stops when its smoothed accuracy in training reaches this; above 1, never.
        smoothing: Share of the old value in the smoothed accuracy.
    """

    steps: int = 600
    max_norm: float = 1.0
    goal: float = 1.01
    smoothing: float = 0.9

    def __post_init__(self) -> None:
        given = {
            "steps": validate.size("steps", self.steps),
            "max_norm": validate.positive("max_norm", self.max_norm),
            "goal": validate.positive("goal", self.goal),
            "smoothing": validate_kinds.share("smoothing", self.smoothing),
        }
        for name, value in given.items():
            object.__setattr__(self, name, value)


@dataclass(frozen=True, eq=False)
class Outcome:
    """How it went; a row a member, in the order given."""

    steps: Shaped[np.ndarray, " members"]
    """Updates made."""
    loss: Float[np.ndarray, "members steps"]
    """Cross-entropy of each batch in nats, before its update; NaN after a member has stopped."""
    norm: Float[np.ndarray, "members steps"]
    """Of each gradient, before clipping."""


def train(
    members: Sequence[Member],
    batches: Sequence[Batches],
    rates: Sequence[float],
    recipe: Recipe = Recipe(),
) -> Outcome:
    """Train all members, each as if it were alone, and write their weights back.

    A member takes one batch from its stream for each of its own updates, so that what it sees
    does not depend on who else is there.

    Args:
        members: Modules of one kind, on one device, changed in place.
        batches: A stream for each.
        rates: A learning rate for each.

    Raises:
        TypeError: An argument of another kind.
        ValueError: Members that cannot be stacked, another number of rates or streams, or a
            rate that is not positive.
    """
    layout = layout_of(members)
    for name, given in (("batches", batches), ("rates", rates)):
        if len(validate_kinds.sequence(name, given)) != len(members):
            raise ValueError(f"{name}: got {len(given)}, expected one for each of {len(members)}")
    for member, (stream, rate) in enumerate(zip(batches, rates, strict=True)):
        validate_kinds.instance(f"batches[{member}]", stream, Iterator)
        validate.positive(f"rates[{member}]", rate)
    validate_kinds.instance("recipe", recipe, Recipe)
    flat, workspace = stack(members), Workspace()
    adam = Adam(flat, torch.tensor([*rates], dtype=flat.dtype, device=flat.device))
    alive = list(range(len(members)))
    steps = np.zeros(len(members), int)
    losses, norms = np.full((2, len(members), recipe.steps), np.nan)
    smoothed = torch.zeros(len(members), dtype=flat.dtype, device=flat.device)
    with torch.inference_mode():
        for step in range(recipe.steps):
            inputs, labels = _together([next(batches[member]) for member in alive], flat.device)
            loss, accuracy, gradient = judge(layout, flat, inputs, labels, workspace)
            norm = clip_each(gradient, recipe.max_norm)
            adam.step(flat, gradient)
            losses[alive, step], norms[alive, step] = loss.cpu(), norm.cpu()
            steps[alive] += 1
            smoothed.lerp_(accuracy, 1 - recipe.smoothing)
            going = smoothed < recipe.goal
            if not bool(going.all()):
                done = (~going).nonzero()[:, 0]
                unstack(flat[done], [members[alive[row]] for row in done.tolist()])
                rows = going.nonzero()[:, 0]
                alive = [alive[row] for row in rows.tolist()]
                flat, smoothed = flat[rows], smoothed[rows]
                adam.keep(rows)
            if not alive:
                break
    if alive:
        unstack(flat, [members[member] for member in alive])
    return Outcome(steps, losses, norms)


def _together(given: list[tuple[Tensor, Tensor]], device: torch.device) -> tuple[Tensor, Tensor]:
    """Stack the members' batches: inputs (T, S, B, D), labels (S, B)."""
    inputs, labels = (torch.stack(parts).to(device) for parts in zip(*given, strict=True))
    return inputs.permute(2, 0, 1, 3), labels
