"""Truncated backpropagation through time: the state goes on, the gradient does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from unrolled import validate, validate_kinds
from unrolled.rnn import VanillaRNN

if TYPE_CHECKING:
    from jaxtyping import Float


def truncated_gradients(
    model: VanillaRNN,
    inputs: Float[np.ndarray, "*batch T D"],
    d_outputs: Float[np.ndarray, "*batch T O"],
    window: int,
) -> dict[str, np.ndarray]:
    """Return the five gradients when the sequence is cut into windows of so many steps.

    Each window starts from the state the one before ended in, taken as a constant: what
    `detach` does in PyTorch. A window as long as the sequence gives the full gradient, a
    window of one step forgets the recurrence altogether.

    Raises:
        TypeError, ValueError: As in the model's `forward` and `backward`, or a `window`
            below 1.
    """
    validate_kinds.instance("model", model, VanillaRNN)
    window = validate.size("window", window)
    D, outs, dtype = model.input_dim, model.output_dim, model.dtype
    inputs = validate.array("inputs", inputs, dtype, ("T", D), ("B", "T", D))
    wanted = (*inputs.shape[:-1], outs)
    d_outputs = validate.array("d_outputs", d_outputs, dtype, wanted)
    total = {name: np.zeros_like(value) for name, value in model.parameters.items()}
    h0 = None
    for start in range(0, inputs.shape[-2], window):
        steps = slice(start, start + window)
        model.forward(inputs[..., steps, :], h0)
        h0 = model.states[..., -1, :]  # (…, H)
        for name, gradient in model.backward(d_outputs[..., steps, :]).items():
            total[name] += gradient
    return total
