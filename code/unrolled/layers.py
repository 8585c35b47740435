"""A feed-forward network that is given one more input at every layer.

What an unrolled recurrent network is, but for one thing: here each layer has weights of
its own.
"""

from __future__ import annotations

import numpy as np
import torch

from unrolled.rnn import VanillaRNN

Layer = dict[str, torch.Tensor]


def copies(model: VanillaRNN, count: int) -> list[Layer]:
    """Give each of `count` layers its own float64 copy of the weights of one step."""
    return [
        {
            name: torch.tensor(getattr(model, name).astype(np.float64), requires_grad=True)
            for name in ("W_xh", "W_hh", "b_h")
        }
        for _ in range(count)
    ]


def feed_forward(layers: list[Layer], inputs: torch.Tensor) -> torch.Tensor:
    """Return what leaves the last layer, (H,); the first one gets zeros from below.

    Args:
        inputs: (T, D), a row for each layer.
    """
    h = torch.zeros_like(layers[0]["b_h"])
    for layer, x in zip(layers, inputs, strict=True):
        h = torch.tanh(x @ layer["W_xh"] + h @ layer["W_hh"] + layer["b_h"])
    return h
