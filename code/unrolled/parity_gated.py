"""The gated cells in PyTorch, as a witness: its autograd against our backward."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import nn

from unrolled.gru import GRU
from unrolled.lstm import LSTM

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


def gated_to_torch(model: LSTM | GRU) -> nn.LSTM | nn.GRU:
    """Return `nn.LSTM` or `nn.GRU` (batch first) with copies of the model's weights.

    The second bias is zero, but for the one of a GRU that cannot be added to the first.
    """
    kind: type[nn.LSTM | nn.GRU] = nn.LSTM if isinstance(model, LSTM) else nn.GRU
    dtype = torch.float64 if model.dtype == np.float64 else torch.float32
    module = kind(model.input_dim, model.hidden_dim, batch_first=True, dtype=dtype)
    second = np.zeros_like(model.b)
    if isinstance(model, GRU):
        second[2 * model.hidden_dim :] = model.b_n
    weights = {
        "weight_ih_l0": model.W_x.T,
        "weight_hh_l0": model.W_h.T,
        "bias_ih_l0": model.b,
        "bias_hh_l0": second,
    }
    module.load_state_dict({name: torch.tensor(value) for name, value in weights.items()})
    return module


def gated_gradients(
    model: LSTM | GRU, inputs: ArrayLike, d_states: ArrayLike, **starts: ArrayLike | None
) -> dict[str, np.ndarray]:
    """Return the states and what autograd says in float64, under the names of `backward`.

    Args:
        inputs: (T, D) or (B, T, D).
        d_states: Shaped like the states, or the last step's alone.
        starts: `h0`, and for an LSTM `c0`; zeros by default.
    """
    module = gated_to_torch(model).double()
    x = torch.tensor(np.asarray(inputs, np.float64), requires_grad=True)
    names = ("h0", "c0") if isinstance(model, LSTM) else ("h0",)
    first = {}
    for name in names:
        start = starts.get(name)
        zeros = np.zeros((*x.shape[:-2], model.hidden_dim))
        array = zeros if start is None else np.asarray(start, np.float64)
        first[name] = torch.tensor(array, requires_grad=True)
    state = tuple(tensor.unsqueeze(0) for tensor in first.values())
    states, _ = module(x, state if isinstance(model, LSTM) else state[0])
    weights = torch.tensor(np.asarray(d_states, np.float64))
    (weights * (states if weights.ndim == states.ndim else states[..., -1, :])).sum().backward()

    theirs = {name: _numbers(tensor.grad) for name, tensor in module.named_parameters()}
    found = {
        "states": states.detach().numpy(),
        "W_x": theirs["weight_ih_l0"].T,
        "W_h": theirs["weight_hh_l0"].T,
        "b": theirs["bias_ih_l0"],
        "inputs": _numbers(x.grad),
        **{name: _numbers(tensor.grad) for name, tensor in first.items()},
    }
    if isinstance(model, GRU):
        found["b_n"] = theirs["bias_hh_l0"][2 * model.hidden_dim :]
    return found


def _numbers(grad: torch.Tensor | None) -> np.ndarray:
    assert grad is not None
    return grad.numpy()
