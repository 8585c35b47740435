"""A feed-forward network that is given one more input at every layer.

What an unrolled recurrent network is, but for one thing: here each layer has weights of
its own.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch

from unrolled import validate, validate_kinds, validate_tensor
from unrolled.rnn import VanillaRNN

Layer = dict[str, torch.Tensor]


def copies(model: VanillaRNN, count: int) -> list[Layer]:
    """Give each of `count` layers its own float64 copy of the weights of one step.

    Raises:
        TypeError, ValueError: Not a `VanillaRNN` with tanh, or less than one layer.
    """
    validate_kinds.instance("model", model, VanillaRNN)
    if model.nonlinearity != "tanh":
        raise ValueError(f"model: got nonlinearity {model.nonlinearity!r}, expected 'tanh'")
    return [
        {
            name: torch.tensor(getattr(model, name).astype(np.float64), requires_grad=True)
            for name in ("W_xh", "W_hh", "b_h")
        }
        for _ in range(validate.size("count", count))
    ]


def feed_forward(layers: list[Layer], inputs: torch.Tensor) -> torch.Tensor:
    """Return what leaves the last layer, (H,); the first one gets zeros from below.

    Args:
        inputs: (T, D), a row for each layer.

    Raises:
        TypeError, ValueError: Not such layers, or not a row for each.
    """
    _check(layers, inputs)
    h = torch.zeros_like(layers[0]["b_h"])
    for layer, x in zip(layers, inputs, strict=True):
        h = torch.tanh(x @ layer["W_xh"] + h @ layer["W_hh"] + layer["b_h"])
    return h


def _check(layers: list[Layer], inputs: torch.Tensor) -> None:
    if not validate_kinds.sequence("layers", layers):
        raise ValueError("layers: got none, expected at least one")
    D = H = 0
    for n, layer in enumerate(layers):
        name = f"layers[{n}]"
        if not isinstance(layer, Mapping) or not {"W_xh", "W_hh", "b_h"} <= {*layer}:
            raise TypeError(f"{name}: got {validate_kinds.short(layer)}, expected what copies made")
        if n == 0:
            D, H = validate_tensor.tensor(name, layer["W_xh"], torch.float64, ("D", "H")).shape
        for key, shape in (("W_xh", (D, H)), ("W_hh", (H, H)), ("b_h", (H,))):
            validate_tensor.tensor(f"{name}[{key!r}]", layer[key], torch.float64, shape)
    validate_tensor.tensor("inputs", inputs, torch.float64, (len(layers), D))
