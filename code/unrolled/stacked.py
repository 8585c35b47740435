"""Take `nn.RNN` apart: one layer and one direction of it, as a network of its own."""

from __future__ import annotations

import torch
from torch import nn

from unrolled import validate, validate_kinds, validate_tensor


def lone_layer(rnn: nn.RNN, layer: int, *, backward: bool = False) -> nn.RNN:
    """Return one layer of `rnn`, in one direction, with copies of its weights.

    Args:
        layer: Counted from 0, the one that reads the inputs.
        backward: Take the direction that begins at the last step. The copy itself reads
            forward, so give it the reversed sequence, `x.flip(1)`.

    Raises:
        IndexError: `rnn` has no such layer.
        TypeError, ValueError: An argument of another kind.
        ValueError: It has only one direction and the other is asked for.
    """
    validate_kinds.instance("rnn", rnn, nn.RNN)
    backward = validate_kinds.flag("backward", backward)
    layer = validate.size("layer", layer, least=0)
    if layer >= rnn.num_layers:
        raise IndexError(f"layer: got {layer}, expected less than {rnn.num_layers}")
    if backward and not rnn.bidirectional:
        raise ValueError("backward: got True, expected False for a network of one direction")
    ending = f"_l{layer}" + "_reverse" * backward
    weights = {
        name.removesuffix(ending) + "_l0": weight
        for name, weight in rnn.state_dict().items()
        if name.endswith(ending)
    }
    dtype = weights["weight_ih_l0"].dtype
    copy = nn.RNN(
        weights["weight_ih_l0"].shape[1],
        rnn.hidden_size,
        nonlinearity=rnn.nonlinearity,
        bias=rnn.bias,
        batch_first=rnn.batch_first,
        dtype=dtype,
    )
    copy.load_state_dict(weights)
    return copy


def final_states(h_n: torch.Tensor) -> torch.Tensor:
    """Return the top layer's two final states side by side, (B, 2H).

    Args:
        h_n: (layers · 2, B, H), as a bidirectional `nn.RNN` returns it.

    Raises:
        TypeError: Not a tensor of floating-point numbers.
        ValueError: Another number of axes, or an odd number of states.
    """
    validate_tensor.tensor("h_n", h_n, None)
    if h_n.ndim != 3 or len(h_n) % 2 or 0 in h_n.shape:
        raise ValueError(
            f"h_n: got shape {tuple(h_n.shape)}, expected (an even number of states, B, H)"
        )
    return torch.cat([h_n[-2], h_n[-1]], dim=1)
