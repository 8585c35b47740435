"""The gated recurrent unit in NumPy, with backpropagation through time by hand.

    r, z = σ(x_t W_x + h_{t-1} W_h + b)
    n    = tanh(x_t W_x + b + r ⊙ (h_{t-1} W_h + b_n))
    h_t  = (1 - z) ⊙ n + z ⊙ h_{t-1}

each with its own columns of W_x, W_h and b.

Source: Cho and others (2014), in the form that `torch.nn.GRU` computes: there the reset gate
r multiplies the product with W_h, in the paper the state before it. Gates stand side by side
in the order r, z, n. PyTorch has two biases; only that of n inside the brackets, here `b_n`,
cannot be added to the other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from unrolled import validate
from unrolled.axes import outside, time_first
from unrolled.lstm import sigmoid

if TYPE_CHECKING:
    from jaxtyping import Float
    from numpy.typing import ArrayLike, DTypeLike


def step(
    from_input: Float[np.ndarray, "3 B H"],
    from_state: Float[np.ndarray, "3 B H"],
    h: Float[np.ndarray, "B H"],
) -> tuple[np.ndarray, np.ndarray]:
    """Take one step: from its sums and the state before it to the gates and the next state.

    Args:
        from_input: x_t W_x + b, for r, z and n.
        from_state: h_{t-1} W_h, and for n its bias, which the reset gate multiplies too.

    Returns:
        r, z, n and the last of `from_state`, (4, B, H); h_t.
    """
    r, z = sigmoid(from_input[:2] + from_state[:2])
    n = np.tanh(from_input[2] + r * from_state[2])
    return np.stack((r, z, n, from_state[2])), (1 - z) * n + z * h


def step_back(
    d_h: np.ndarray, gates: np.ndarray, before: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Take the gradient of a state to its sums, and past them to the state before.

    Args:
        d_h: All that arrives at h_t, (B, H).
        gates: As `step` returned them, (4, B, H).
        before: h_{t-1}, (B, H).

    Returns:
        What goes to `from_input` and to `from_state`, (3, B, H), and directly to h_{t-1}.
    """
    r, z, n, inner = gates
    d_n = d_h * (1 - z) * (1 - n**2)
    d_r = d_n * inner * r * (1 - r)
    d_z = d_h * (before - n) * z * (1 - z)
    return np.stack((d_r, d_z, d_n)), np.stack((d_r, d_z, d_n * r)), d_h * z


@dataclass(slots=True)
class _Tape:
    """What backward needs to know of the last forward; time first."""

    inputs: np.ndarray  # (T, B, D)
    gates: np.ndarray  # (T, 4, B, H): r, z, n, and what is in the brackets
    states: np.ndarray  # (T + 1, B, H), beginning with h0
    batched: bool


class GRU:
    """Map a sequence to a sequence of states, each a mixture of the last one and a new one.

    Args:
        input_dim: Numbers per step, D.
        hidden_dim: Numbers in the state, H.
        update_bias: Added to the bias of the gate z; above zero the state changes less.
        seed: Weights and biases are U(±1/√H), two of the latter added up, as in PyTorch.
        dtype: `numpy.float32` or `numpy.float64`; inputs are converted to it.

    Raises:
        TypeError, ValueError: An argument of another kind, or out of its range.
    """

    W_x: Float[np.ndarray, "D 3*H"]
    W_h: Float[np.ndarray, "H 3*H"]
    b: Float[np.ndarray, " 3*H"]
    b_n: Float[np.ndarray, " H"]

    def __init__(
        self,
        input_dim: int,
        hidden_dim: int,
        *,
        update_bias: float = 0.0,
        seed: int = 0,
        dtype: DTypeLike = np.float32,
    ) -> None:
        self.input_dim = D = validate.size("input_dim", input_dim)
        self.hidden_dim = H = validate.size("hidden_dim", hidden_dim)
        self.dtype = validate.float_dtype("dtype", dtype)
        rng = np.random.default_rng(validate.size("seed", seed, least=0))
        width = H**-0.5
        self.W_x = rng.uniform(-width, width, (D, 3 * H))
        self.W_h = rng.uniform(-width, width, (H, 3 * H))
        b, b_h = rng.uniform(-width, width, (2, 3 * H))
        b[: 2 * H] += b_h[: 2 * H]
        b[H : 2 * H] += validate.number("update_bias", update_bias)
        self.b, self.b_n = b, b_h[2 * H :]
        self._tape: _Tape | None = None

    def __setattr__(self, name: str, value: Any) -> None:
        """Give an assigned parameter the model's dtype; refuse another shape."""
        if name in ("W_x", "W_h", "b", "b_n"):
            D, H = self.input_dim, self.hidden_dim
            shape = {"W_x": (D, 3 * H), "W_h": (H, 3 * H), "b": (3 * H,), "b_n": (H,)}[name]
            value = validate.array(name, value, self.dtype, shape)
        super().__setattr__(name, value)

    @property
    def parameters(self) -> dict[str, np.ndarray]:
        """The four parameters by name: the arrays themselves, so `-=` on one trains it."""
        return {"W_x": self.W_x, "W_h": self.W_h, "b": self.b, "b_n": self.b_n}

    def forward(
        self, inputs: ArrayLike, h0: ArrayLike | None = None
    ) -> Float[np.ndarray, "*batch T H"]:
        """Run over `inputs` from `h0` (zeros by default) and return the state of every step.

        Args:
            inputs: (T, D), or (B, T, D) for a batch.
            h0: (H,) or (B, H).

        Raises:
            TypeError, ValueError: Not real numbers, another shape, empty, NaN or infinity.
        """
        D, H, dtype = self.input_dim, self.hidden_dim, self.dtype
        x = validate.array("inputs", inputs, dtype, ("T", D), ("B", "T", D))
        batched = x.ndim == 3
        x = time_first(x, batched)
        T, B, _ = x.shape
        states = np.zeros((T + 1, B, H), dtype)
        if h0 is not None:
            states[0] = validate.array("h0", h0, dtype, (B, H) if batched else (H,))

        sums = (x.reshape(T * B, D) @ self.W_x + self.b).reshape(T, B, 3, H).swapaxes(1, 2)
        gates = np.empty((T, 4, B, H), dtype)
        for t in range(T):
            from_state = (states[t] @ self.W_h).reshape(B, 3, H).swapaxes(0, 1)
            from_state[2] += self.b_n
            gates[t], states[t + 1] = step(sums[t], from_state, states[t])
        self._tape = _Tape(x, gates, states, batched)
        return np.ascontiguousarray(outside(states[1:], batched))

    def backward(self, d_states: ArrayLike) -> dict[str, np.ndarray]:
        """Return the gradients by name, given that for the states.

        One for each parameter, and `inputs`, `h0`; `states` is that of every h_t, with all that
        it does later.

        Args:
            d_states: Shaped like the states, or (H,), (B, H): the last step's alone.

        Raises:
            RuntimeError: There was no `forward` yet.
            TypeError, ValueError: As in `forward`; the shape is that of its result.
        """
        tape = validate.called_after(self._tape, "backward", "forward(inputs)")
        (T, B, D), H, batched = tape.inputs.shape, self.hidden_dim, tape.batched
        batch = (B,) if batched else ()
        given = validate.array("d_states", d_states, self.dtype, (*batch, T, H), (*batch, H))
        d_hs = np.zeros((T + 1, B, H), self.dtype)
        (d_hs[-1] if given.ndim == len(batch) + 1 else outside(d_hs[1:], batched))[...] = given

        d_sums, d_products = np.empty((2, T, B, 3, H), self.dtype)  # of x W_x + b, of h W_h + b_n
        for t in reversed(range(T)):
            d_sum, d_product, past = step_back(d_hs[t + 1], tape.gates[t], tape.states[t])
            d_sums[t], d_products[t] = d_sum.swapaxes(0, 1), d_product.swapaxes(0, 1)
            d_hs[t] += past + d_products[t].reshape(B, 3 * H) @ self.W_h.T

        flat, flat_h = d_sums.reshape(T * B, 3 * H), d_products.reshape(T * B, 3 * H)
        return {
            "W_x": tape.inputs.reshape(T * B, D).T @ flat,
            "W_h": tape.states[:-1].reshape(T * B, H).T @ flat_h,
            "b": flat.sum(0),
            "b_n": flat_h[:, 2 * H :].sum(0),
            "inputs": outside((flat @ self.W_x.T).reshape(T, B, D), batched),
            "h0": d_hs[0] if batched else d_hs[0, 0],
            "states": outside(d_hs[1:], batched),
        }

    def gate(self, name: str) -> Float[np.ndarray, "*batch T H"]:
        """Return one gate of the last forward: `"r"`, `"z"` or `"n"`."""
        tape = validate.called_after(self._tape, "gate", "forward(inputs)")
        which = "rzn".index(validate.choice("name", name, ("r", "z", "n")))
        return outside(tape.gates[:, which], tape.batched)
