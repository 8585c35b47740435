"""The same network in PyTorch, as a witness: its autograd against our backward."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import nn

from unrolled import validate, validate_kinds
from unrolled.rnn import VanillaRNN

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


def to_torch(model: VanillaRNN) -> tuple[nn.RNN, nn.Linear]:
    """Return `nn.RNN` (batch first) and the read-out with copies of the model's weights.

    PyTorch stores each matrix transposed and has a second bias of the state, here zero.

    Raises:
        TypeError: Not a `VanillaRNN`.
        ValueError: The model is linear; `nn.RNN` has only tanh and ReLU.
    """
    validate_kinds.instance("model", model, VanillaRNN)
    if model.nonlinearity == "linear":
        raise ValueError("model: got nonlinearity 'linear', expected 'tanh' or 'relu' as in nn.RNN")
    dtype = torch.float64 if model.dtype == np.float64 else torch.float32
    kind = {"nonlinearity": model.nonlinearity, "batch_first": True, "dtype": dtype}
    rnn = nn.RNN(model.input_dim, model.hidden_dim, **kind)
    readout = nn.Linear(model.hidden_dim, model.output_dim, dtype=dtype)
    weights = {
        "weight_ih_l0": model.W_xh.T,
        "weight_hh_l0": model.W_hh.T,
        "bias_ih_l0": model.b_h,
        "bias_hh_l0": np.zeros_like(model.b_h),
    }
    rnn.load_state_dict({name: torch.tensor(value) for name, value in weights.items()})
    readout.load_state_dict({"weight": torch.tensor(model.W_hy.T), "bias": torch.tensor(model.b_y)})
    return rnn, readout


def autograd_gradients(
    model: VanillaRNN, inputs: ArrayLike, d_output: ArrayLike, h0: ArrayLike | None = None
) -> dict[str, np.ndarray]:
    """Return what autograd says in float64: the five gradients, `inputs`, `h0`, `states`.

    `nn.RNN` is run one step at a time, because a state only gets its whole gradient,
    with all that it does later, when it is a tensor of its own.

    Args:
        inputs: (T, D) or (B, T, D).
        d_output: Shaped like the outputs, or the last step's alone.
        h0: (H,) or (B, H); zeros by default.

    Raises:
        TypeError, ValueError: As `to_torch`, or not finite numbers in these shapes.
    """
    rnn, readout = to_torch(model)
    rnn.double()
    readout.double()
    D, H, V = model.input_dim, model.hidden_dim, model.output_dim
    x = torch.tensor(_array("inputs", inputs, ("T", D), ("B", "T", D)), requires_grad=True)
    *batch, T, _ = x.shape
    start = np.zeros((*batch, H)) if h0 is None else _array("h0", h0, (H,), (*batch, H))
    d_output = _array("d_output", d_output, (*batch, T, V), (*batch, V))
    first = torch.tensor(start, requires_grad=True)
    h = first.expand(*batch, H)

    states = []
    for t in range(T):
        _, h_n = rnn(x[..., t : t + 1, :], h.unsqueeze(0))
        h = h_n.squeeze(0)  # (…, H)
        h.retain_grad()
        states.append(h)
    outputs = readout(torch.stack(states, dim=-2))  # (…, T, O)
    weights = torch.tensor(d_output)
    (weights * (outputs if weights.ndim == outputs.ndim else outputs[..., -1, :])).sum().backward()

    theirs = dict(rnn.named_parameters())
    found = {
        "W_xh": _grad(theirs["weight_ih_l0"]).T,
        "W_hh": _grad(theirs["weight_hh_l0"]).T,
        "W_hy": _grad(readout.weight).T,
        "b_h": _grad(theirs["bias_ih_l0"]),
        "b_y": _grad(readout.bias),
        "inputs": _grad(x),
        "h0": _grad(first),
        "states": torch.stack([_grad(h) for h in states], dim=-2),
    }
    return {name: tensor.numpy() for name, tensor in found.items()}


def _array(name: str, value: ArrayLike, *shapes: tuple[int | str, ...]) -> np.ndarray:
    """A float64 array, in memory that PyTorch takes."""
    return np.ascontiguousarray(validate.array(name, value, np.dtype(np.float64), *shapes))


def _grad(tensor: torch.Tensor) -> torch.Tensor:
    """The gradient, where `None` (the loss does not depend on it) means zero."""
    return torch.zeros_like(tensor) if tensor.grad is None else tensor.grad
