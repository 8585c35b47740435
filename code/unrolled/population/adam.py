"""Adam for a population: each member has its own learning rate, and may leave."""

from __future__ import annotations

import torch
from torch import Tensor


class Adam:
    """The optimiser of Kingma and Ba (2015), a row for each member.

    `torch.optim.Adam` with the same rate would take the same steps; it has no rate per row.

    Args:
        like: The weights (S, P) that it will change.
        rates: (S,), the learning rates.
    """

    BETAS = 0.9, 0.999
    EPS = 1e-8

    def __init__(self, like: Tensor, rates: Tensor) -> None:
        self.mean = torch.zeros_like(like)
        self.square = torch.zeros_like(like)
        self.rates = rates[:, None]  # (S, 1)
        self.steps = 0

    def step(self, flat: Tensor, gradient: Tensor) -> None:
        """Change `flat` (S, P) in place, by its gradient."""
        self.steps += 1
        one, two = self.BETAS
        self.mean.lerp_(gradient, 1 - one)
        self.square.mul_(two).addcmul_(gradient, gradient, value=1 - two)
        size = self.square.sqrt().div_((1 - two**self.steps) ** 0.5).add_(self.EPS)
        flat.addcdiv_(self.rates / (one**self.steps - 1) * self.mean, size)

    def keep(self, rows: Tensor) -> None:
        """Forget all members but these."""
        self.mean, self.square = self.mean[rows], self.square[rows]
        self.rates = self.rates[rows]


def clip_each(gradient: Tensor, max_norm: float) -> Tensor:
    """Shorten each row to `max_norm` in place, as `clip_grad_norm_` does; return the norms before.

    Args:
        gradient: (S, P).
    """
    norms: Tensor = gradient.norm(dim=1)
    gradient *= (max_norm / (norms + 1e-6)).clamp(max=1.0)[:, None]
    return norms
