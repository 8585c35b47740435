"""Networks as they stand before training: the starts that the chapters compare."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from unrolled import validate
from unrolled.initial import initial_weights
from unrolled.rnn import VanillaRNN

if TYPE_CHECKING:
    from numpy.typing import DTypeLike

STARTS = ("default", "gaussian", "orthogonal", "identity")


def untrained(
    start: str,
    *,
    gain: float = 1.0,
    input_dim: int = 4,
    hidden_dim: int = 64,
    seed: int = 0,
    nonlinearity: str = "tanh",
    dtype: DTypeLike = np.float64,
) -> VanillaRNN:
    """Return a network with one output whose `W_xh` and `W_hy` are PyTorch's default.

    Args:
        start: `"default"`: weights and biases U(±1/√H), `b_h` the sum of two such, as the two
            biases of `torch.nn.RNN`. The others have no biases, and `W_hh` is `gain` times:
            `"gaussian"`, a matrix of N(0, 1/H), whose spectral radius is about 1;
            `"orthogonal"`, a random orthogonal matrix; `"identity"`, the identity.
        gain: A factor of `W_hh`, for the default start too.

    Raises:
        TypeError, ValueError: As `VanillaRNN`, or another start.
    """
    validate.choice("start", start, STARTS)
    gain = validate.positive("gain", gain)
    model = VanillaRNN(
        input_dim,
        hidden_dim,
        1,
        init="uniform",
        seed=seed,
        nonlinearity=nonlinearity,
        dtype=dtype,
    )
    rng = np.random.default_rng([seed, 2])
    width = model.hidden_dim**-0.5
    if start == "default":
        model.b_h = rng.uniform(-width, width, (2, model.hidden_dim)).sum(0)
        model.W_hh *= gain
    else:
        scale = width if start == "gaussian" else 1.0
        shape = (model.hidden_dim, model.hidden_dim)
        model.W_hh = gain * initial_weights(rng, shape, start, scale)
    return model
