"""The vanilla RNN as plain loops over time: the text to read beside the derivation.

One sequence at a time, one step at a time, nothing clever. `unrolled.rnn` computes
the same numbers for whole batches and fast; the tests hold the two equal.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from unrolled import validate_kinds

if TYPE_CHECKING:
    from jaxtyping import Float


def forward(
    params: Mapping[str, np.ndarray],
    inputs: Float[np.ndarray, "T D"],
    h0: Float[np.ndarray, " H"] | None = None,
) -> tuple[Float[np.ndarray, "T O"], Float[np.ndarray, "T H"]]:
    """Run over one sequence; return its outputs and its states.

    Raises:
        TypeError, ValueError: Not real numbers, another shape, empty, NaN or infinity.
    """
    inputs, h0 = _checked(params, inputs, h0)
    b_h, b_y = params["b_h"], params["b_y"]
    h = np.zeros_like(b_h) if h0 is None else h0
    states, outputs = [], []
    for x in inputs:
        from_input = x @ params["W_xh"]  # (H,)
        from_state = h @ params["W_hh"]  # (H,)
        a = from_input + from_state + b_h
        h = np.tanh(a)
        states.append(h)
        outputs.append(h @ params["W_hy"] + b_y)  # (O,)
    return np.stack(outputs), np.stack(states)


def backward(
    params: Mapping[str, np.ndarray],
    inputs: Float[np.ndarray, "T D"],
    states: Float[np.ndarray, "T H"],
    d_outputs: Float[np.ndarray, "T O"],
    h0: Float[np.ndarray, " H"] | None = None,
) -> dict[str, np.ndarray]:
    """Return the loss's gradient for each parameter.

    Args:
        states: As `forward` returned them.
        d_outputs: The loss's gradient for each output.

    Raises:
        TypeError, ValueError: As in `forward`.
    """
    inputs, h0 = _checked(params, inputs, h0)
    T, H, outs = len(inputs), *params["W_hy"].shape
    states = validate_kinds.floats("states", states, (T, H))
    d_outputs = validate_kinds.floats("d_outputs", d_outputs, (T, outs))
    grads = {name: np.zeros_like(p) for name, p in params.items()}
    before_first = np.zeros_like(params["b_h"]) if h0 is None else h0
    d_later = np.zeros_like(params["b_h"])  # from the steps after t
    for t in reversed(range(len(inputs))):
        h_previous = states[t - 1] if t > 0 else before_first
        grads["W_hy"] += np.outer(states[t], d_outputs[t])  # (H, O)
        grads["b_y"] += d_outputs[t]
        d_h = params["W_hy"] @ d_outputs[t] + d_later  # (H,)
        d_sum = d_h * (1 - states[t] ** 2)  # through tanh: (H,)
        grads["W_xh"] += np.outer(inputs[t], d_sum)  # (D, H)
        grads["W_hh"] += np.outer(h_previous, d_sum)  # (H, H)
        grads["b_h"] += d_sum
        d_later = params["W_hh"] @ d_sum
    return grads


def _checked(
    params: Mapping[str, np.ndarray], inputs: np.ndarray, h0: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray | None]:
    """Refuse what does not fit together; the checks stand apart from what is to be read."""
    validate_kinds.named("params", params, "W_xh", "W_hh", "W_hy", "b_h", "b_y")
    D, H = validate_kinds.floats("params['W_xh']", params["W_xh"], ("D", "H")).shape
    validate_kinds.floats("params['W_hh']", params["W_hh"], (H, H))
    outs = validate_kinds.floats("params['W_hy']", params["W_hy"], (H, "O")).shape[1]
    validate_kinds.floats("params['b_h']", params["b_h"], (H,))
    validate_kinds.floats("params['b_y']", params["b_y"], (outs,))
    inputs = validate_kinds.floats("inputs", inputs, ("T", D))
    return inputs, None if h0 is None else validate_kinds.floats("h0", h0, (H,))
