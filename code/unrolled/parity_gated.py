"""The gated cells in PyTorch, as a witness: its autograd against our backward."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import nn

from unrolled import validate_kinds
from unrolled.gru import GRU
from unrolled.lstm import LSTM
from unrolled.parity import _array

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


def gated_to_torch(model: LSTM | GRU) -> nn.LSTM | nn.GRU:
    """Return `nn.LSTM` or `nn.GRU` (batch first) with copies of the model's weights.

    The second bias is zero, but for the one of a GRU that cannot be added to the first.

    Raises:
        TypeError: Neither an `LSTM` nor a `GRU`.
    """
    if not isinstance(model, LSTM | GRU):
        raise TypeError(f"model: got {validate_kinds.short(model)}, expected an LSTM or a GRU")
    kind: type[nn.LSTM | nn.GRU] = nn.LSTM if isinstance(model, LSTM) else nn.GRU
    dtype = torch.float64 if model.dtype == np.float64 else torch.float32
    with torch.random.fork_rng(devices=[]):  # what it draws is overwritten
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
    """Return what autograd says in float64, under the names of `backward`, and the `outputs`.

    The module is run one step at a time, because a state only gets its whole gradient, with all
    that it does later, when it is a tensor of its own.

    Args:
        inputs: (T, D) or (B, T, D).
        d_states: Shaped like the states, or the last step's alone.
        starts: `h0`, and for an LSTM `c0`, (H,) or in a batch (B, H); zeros by default.

    Raises:
        TypeError, ValueError: Not such a model, not finite numbers in these shapes, or a start
            under another name.
    """
    module = gated_to_torch(model).double()
    D, H = model.input_dim, model.hidden_dim
    x = torch.tensor(_array("inputs", inputs, ("T", D), ("B", "T", D)), requires_grad=True)
    *batch, T, _ = x.shape
    names = ("h0", "c0") if isinstance(model, LSTM) else ("h0",)
    for name in starts:
        if name not in names:
            raise TypeError(f"{name}: got a start, expected none but {' and '.join(names)}")
    d_states = _array("d_states", d_states, (*batch, T, H), (*batch, H))
    first = {}
    for name in names:
        start = starts.get(name)
        array = np.zeros((*batch, H)) if start is None else _array(name, start, (*batch, H))
        first[name] = torch.tensor(array, requires_grad=True)
    state = tuple(tensor.unsqueeze(0) for tensor in first.values())
    after = []
    for t in range(T):
        _, last = module(x[..., t : t + 1, :], state if isinstance(model, LSTM) else state[0])
        state = last if isinstance(model, LSTM) else (last,)
        state[0].retain_grad()
        after.append(state[0])
    states = torch.stack([h.squeeze(0) for h in after], dim=-2)
    weights = torch.tensor(d_states)
    seen = states if weights.ndim == states.ndim else states[..., -1, :]
    torch.autograd.backward((weights * seen).sum())

    theirs = {name: _numbers(tensor.grad) for name, tensor in module.named_parameters()}
    found = {
        "outputs": states.detach().numpy(),
        "W_x": theirs["weight_ih_l0"].T,
        "W_h": theirs["weight_hh_l0"].T,
        "b": theirs["bias_ih_l0"],
        "inputs": _numbers(x.grad),
        **{name: _numbers(tensor.grad) for name, tensor in first.items()},
        "states": np.stack([_numbers(h.grad)[0] for h in after], axis=-2),
    }
    if isinstance(model, GRU):
        found["b_n"] = theirs["bias_hh_l0"][2 * model.hidden_dim :]
    return found


def cell_gradients(
    model: LSTM, inputs: ArrayLike, d_state: ArrayLike, *, cut: bool = False
) -> np.ndarray:
    """Return what autograd says of a loss at the last state, for every c_t: (B, T, H).

    `nn.LSTM` does not hand out the c_t that h_t is made of, so this is the cell written with
    PyTorch's operations.

    Args:
        inputs: (B, T, D).
        d_state: The gradient for the last state, (B, H).
        cut: Take h for a constant where a gate reads it, so that from one c to the next no way
            is left but the direct one.

    Raises:
        TypeError, ValueError: Not an `LSTM`, or not finite numbers in these shapes.
    """
    validate_kinds.instance("model", model, LSTM)
    cut = validate_kinds.flag("cut", cut)
    W_x, W_h, b = (torch.tensor(np.asarray(p, np.float64)) for p in model.parameters.values())
    x = torch.tensor(_array("inputs", inputs, ("B", "T", model.input_dim)))
    d_state = _array("d_state", d_state, (len(x), model.hidden_dim))
    h, c = torch.zeros(2, len(x), model.hidden_dim, dtype=torch.float64)
    cells = []
    for t in range(x.shape[1]):
        read = h.detach() if cut else h
        i, f, g, o = (x[:, t] @ W_x + read @ W_h + b).chunk(4, dim=-1)
        c = f.sigmoid() * c + i.sigmoid() * g.tanh()
        c.requires_grad_() if c.is_leaf else c.retain_grad()
        h = o.sigmoid() * c.tanh()
        cells.append(c)
    torch.autograd.backward((torch.tensor(d_state) * h).sum())
    return np.stack([_numbers(c.grad) for c in cells], axis=1)


def _numbers(grad: torch.Tensor | None) -> np.ndarray:
    assert grad is not None
    return grad.numpy()
