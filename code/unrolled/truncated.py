"""Truncated backpropagation through time: the state goes on, the gradient does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

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
    """
    total = {name: np.zeros_like(value) for name, value in model.parameters.items()}
    h0 = None
    for start in range(0, inputs.shape[-2], window):
        steps = slice(start, start + window)
        model.forward(inputs[..., steps, :], h0)
        h0 = model.states[..., -1, :]  # (…, H)
        for name, gradient in model.backward(d_outputs[..., steps, :]).items():
            total[name] += gradient
    return total
