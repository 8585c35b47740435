"""A state-space layer: a linear recurrence with a dense layer before and after it."""

from __future__ import annotations

import torch
from torch import nn

from unrolled import validate, validate_tensor
from unrolled.scan import scan


class StateSpace(nn.Module):
    """Map (B, T, D) to (B, T, O) by H units that each keep a share of what they had.

    `h_t = λ ⊙ h_{t-1} + x_t W_xh`, `y_t = h_t W_hy`, with real shares λ between 0 and 1.
    Source: Gu, Goel and Ré (2022), reduced to a diagonal and real matrix, and with the
    step of Orvieto et al. (2023) in place of a discretised differential equation.
    """

    def __init__(self, input_dim: int, hidden_dim: int, output_dim: int) -> None:
        super().__init__()
        self.input_dim = validate.size("input_dim", input_dim)
        H = validate.size("hidden_dim", hidden_dim)
        validate.size("output_dim", output_dim)
        spans = torch.logspace(0, 3, H)  # from 1 step to 1000 until a unit has lost most
        self.log_rate = nn.Parameter(-spans.log())
        self.W_xh = nn.Linear(input_dim, H, bias=False)
        self.W_hy = nn.Linear(H, output_dim, bias=False)

    @property
    def decay(self) -> torch.Tensor:
        """The shares, (H,): never above one, whatever the training does."""
        return torch.exp(-self.log_rate.exp())

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """Read all steps at once, by a scan.

        Raises:
            TypeError, ValueError: Another dtype than the weights', or another shape.
        """
        dtype = self.log_rate.dtype
        validate_tensor.tensor("inputs", inputs, dtype, ("B", "T", self.input_dim))
        x = self.W_xh(inputs)  # (B, T, H)
        outputs: torch.Tensor = self.W_hy(scan(self.decay.expand_as(x), x))
        return outputs

    def step(self, inputs: torch.Tensor, h: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Read one step, (B, D), from the state `h`, (B, H); return its output and state."""
        h = self.decay * h + self.W_xh(inputs)
        return self.W_hy(h), h
