"""A small U-Net: two halvings, two doublings, and a shortcut across at each width."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import nn

from unrolled import validate, validate_tensor

if TYPE_CHECKING:
    from jaxtyping import Float


def double(inputs: int, outputs: int) -> nn.Sequential:
    """Return two convolutions of 3×3, each with batch normalisation and ReLU."""
    layers: list[nn.Module] = []
    for given in (inputs, outputs):
        layers += [nn.Conv2d(given, outputs, 3, padding=1, bias=False)]
        layers += [nn.BatchNorm2d(outputs), nn.ReLU(inplace=True)]
    return nn.Sequential(*layers)


class UNet(nn.Module):
    """Say of every pixel how likely it belongs to the object, as a logit.

    Source: Ronneberger, Fischer and Brox 2015, Figure 1, with two levels instead of four,
    padded convolutions, and batch normalisation.
    """

    def __init__(self, width: int = 64) -> None:
        super().__init__()
        C = validate.size("width", width)
        self.first, self.second = double(3, C), double(C, 2 * C)
        self.bottom = double(2 * C, 4 * C)
        self.up_second = nn.ConvTranspose2d(4 * C, 2 * C, 2, stride=2)
        self.back_second = double(4 * C, 2 * C)
        self.up_first = nn.ConvTranspose2d(2 * C, C, 2, stride=2)
        self.back_first = double(2 * C, C)
        self.logit = nn.Conv2d(C, 1, 1)
        self.halve = nn.MaxPool2d(2)

    def forward(self, images: Float[torch.Tensor, "B 3 rows columns"]) -> torch.Tensor:
        """Return logits (B, rows, columns).

        Raises:
            TypeError: Not a tensor of the weights' dtype.
            ValueError: There are none, they have other than three channels, or sides that are no
                multiples of 4; pad them.
        """
        validate_tensor.tensor("images", images, self.logit.weight.dtype)
        shape = tuple(images.shape)
        if len(shape) != 4 or shape[1] != 3 or shape[2] % 4 or shape[3] % 4 or 0 in shape:
            raise ValueError(f"images: got shape {shape}, expected (B, 3, 4 × rows, 4 × columns)")
        first = self.first(images)  # (B, C, rows, columns)
        second = self.second(self.halve(first))  # (B, 2C, rows / 2, columns / 2)
        bottom = self.bottom(self.halve(second))  # (B, 4C, rows / 4, columns / 4)
        second = self.back_second(torch.cat([second, self.up_second(bottom)], dim=1))
        first = self.back_first(torch.cat([first, self.up_first(second)], dim=1))
        logits: torch.Tensor = self.logit(first)  # (B, 1, rows, columns)
        return logits.squeeze(1)
