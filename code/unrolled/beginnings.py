"""Recurrent networks of PyTorch as they stand before training, in the starts that memory hangs on.

`unrolled.starts` has some of them in NumPy, where their gradients are looked at; these are to
be trained.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from unrolled import validate, validate_tensor
from unrolled.threads import one_thread

Member = tuple[nn.RNNBase, nn.Linear]
Change = Callable[[nn.RNNBase], None]
"""Makes a start of what PyTorch has drawn, in place."""


def _default(rnn: nn.RNNBase) -> None:
    """U(±1/√H), weights and biases: what PyTorch does unasked."""


def _orthogonal(rnn: nn.RNNBase) -> None:
    """Keep lengths, and let the inputs in quietly, so that tanh stays steep."""
    for name, parameter in rnn.named_parameters():
        if name.startswith("weight_hh"):
            nn.init.orthogonal_(parameter)
        elif name.startswith("weight_ih"):
            parameter.mul_(0.3)
        else:
            nn.init.zeros_(parameter)


def _identity(rnn: nn.RNNBase) -> None:
    """Hand each unit its own value; with ReLU this is the IRNN of Le and others (2015)."""
    for name, parameter in rnn.named_parameters():
        if name.startswith("weight_hh"):
            nn.init.eye_(parameter)
        elif name.startswith("bias"):
            nn.init.zeros_(parameter)


def _kept_by(value: float) -> Change:
    """Set the bias of the gate that keeps the state: the LSTM's f, the GRU's z.

    For f, Jozefowicz and others (2015) advise 1 or more.
    """

    def change(rnn: nn.RNNBase) -> None:
        H = rnn.hidden_size
        for name, parameter in rnn.named_parameters():
            if name.startswith("bias"):  # the two are added
                parameter[H : 2 * H] = value if name.startswith("bias_ih") else 0.0

    return change


BEGINNINGS: dict[str, tuple[Callable[..., nn.RNNBase], dict[str, Any], Change]] = {
    "tanh": (nn.RNN, {}, _default),
    "tanh orthogonal": (nn.RNN, {}, _orthogonal),
    "relu": (nn.RNN, {"nonlinearity": "relu"}, _default),
    "relu identity": (nn.RNN, {"nonlinearity": "relu"}, _identity),
    "lstm": (nn.LSTM, {}, _default),
    "lstm forget 1": (nn.LSTM, {}, _kept_by(1.0)),
    "lstm forget 5": (nn.LSTM, {}, _kept_by(5.0)),
    "gru": (nn.GRU, {}, _default),
    "gru update 5": (nn.GRU, {}, _kept_by(5.0)),
    "two-way tanh": (nn.RNN, {"bidirectional": True}, _default),
}


def beginning(
    name: str,
    *,
    input_dim: int = 1,
    hidden_dim: int = 64,
    outputs: int = 2,
    seed: int = 0,
    dtype: torch.dtype = torch.float32,
) -> Member:
    """Return a recurrent layer (batch first) and the linear layer that reads its last state.

    Leaves PyTorch's random state as it was. One thread, since how LAPACK rounds an orthogonal
    matrix depends on how many it may use.

    Args:
        name: One of `BEGINNINGS`.

    Raises:
        TypeError, ValueError: An argument of another kind, or out of its range.
    """
    make, options, change = BEGINNINGS[validate.choice("name", name, tuple(BEGINNINGS))]
    sizes = [validate.size("input_dim", input_dim), validate.size("hidden_dim", hidden_dim)]
    validate_tensor.seed("seed", seed)
    validate_tensor.float_dtype("dtype", dtype)
    with torch.random.fork_rng(devices=[]), torch.no_grad(), one_thread():
        torch.manual_seed(seed)
        rnn = make(*sizes, batch_first=True, dtype=dtype, **options)
        width = sizes[1] * (2 if rnn.bidirectional else 1)
        readout = nn.Linear(width, validate.size("outputs", outputs), dtype=dtype)
        change(rnn)
    return rnn, readout
