"""The long short-term memory in NumPy, with backpropagation through time by hand.

    i, f, o = σ(·)   g = tanh(·)            each of x_t W_x + h_{t-1} W_h + b
    c_t = f ⊙ c_{t-1} + i ⊙ g
    h_t = o ⊙ tanh(c_t)

Source: Hochreiter and Schmidhuber (1997) with the forget gate of Gers, Schmidhuber and
Cummins (2000). Gates stand side by side in the order i, f, g, o, as in `torch.nn.LSTM`, which
has two biases where one is enough; `b` is their sum.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from unrolled import validate
from unrolled.axes import outside, time_first

if TYPE_CHECKING:
    from jaxtyping import Float
    from numpy.typing import ArrayLike, DTypeLike


def sigmoid(a: np.ndarray) -> np.ndarray:
    """Return 1 / (1 + exp(-a)), which cannot overflow when written with tanh."""
    return 0.5 * np.tanh(0.5 * a) + 0.5


def step(
    sums: Float[np.ndarray, "4 B H"], c: Float[np.ndarray, "B H"]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Take one step: from its sums and the cell state before it to gates, c and h.

    Args:
        sums: x_t W_x + h_{t-1} W_h + b, for i, f, g and o.
    """
    i, f, o = sigmoid(sums[[0, 1, 3]])
    g = np.tanh(sums[2])
    c = f * c + i * g
    return np.stack((i, f, g, o)), c, o * np.tanh(c)


def step_back(
    d_h: np.ndarray, d_c: np.ndarray, gates: np.ndarray, before: np.ndarray, after: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Take the gradients of one step's states to its sums, and to the cell state before it.

    Args:
        d_h: All that arrives at h_t, (B, H).
        d_c: What arrives at c_t from c_{t+1}, (B, H).
        gates: i, f, g, o, (4, B, H).
        before: c_{t-1}, (B, H).
        after: c_t, (B, H).

    Returns:
        All that arrives at c_t, what goes to the sums (4, B, H), and what goes to c_{t-1}.
    """
    i, f, g, o = gates
    shown = np.tanh(after)
    d_c = d_c + d_h * o * (1 - shown**2)
    d_sums = (
        d_c * g * i * (1 - i),
        d_c * before * f * (1 - f),
        d_c * i * (1 - g**2),
        d_h * shown * o * (1 - o),
    )
    return d_c, np.stack(d_sums), d_c * f


@dataclass(slots=True)
class _Tape:
    """What backward needs to know of the last forward; time first."""

    inputs: np.ndarray  # (T, B, D)
    gates: np.ndarray  # (T, 4, B, H): i, f, g, o
    cells: np.ndarray  # (T + 1, B, H), beginning with c0
    states: np.ndarray  # (T + 1, B, H), beginning with h0
    batched: bool


class LSTM:
    """Map a sequence to a sequence of states, with a second state that gates can protect.

    Args:
        input_dim: Numbers per step, D.
        hidden_dim: Numbers in the state, H, and in the cell state.
        forget_bias: Added to the bias of the forget gate; above zero the cell keeps more.
        seed: Weights and biases are U(±1/√H), two of the latter added up, as in PyTorch.
        dtype: `numpy.float32` or `numpy.float64`; inputs are converted to it.

    Raises:
        TypeError, ValueError: An argument of another kind, or out of its range.
    """

    W_x: Float[np.ndarray, "D 4*H"]
    W_h: Float[np.ndarray, "H 4*H"]
    b: Float[np.ndarray, " 4*H"]

    def __init__(
        self,
        input_dim: int,
        hidden_dim: int,
        *,
        forget_bias: float = 0.0,
        seed: int = 0,
        dtype: DTypeLike = np.float32,
    ) -> None:
        self.input_dim = D = validate.size("input_dim", input_dim)
        self.hidden_dim = H = validate.size("hidden_dim", hidden_dim)
        self.dtype = validate.float_dtype("dtype", dtype)
        rng = np.random.default_rng(validate.size("seed", seed, least=0))
        width = H**-0.5
        self.W_x = rng.uniform(-width, width, (D, 4 * H))
        self.W_h = rng.uniform(-width, width, (H, 4 * H))
        self.b = rng.uniform(-width, width, (2, 4 * H)).sum(0)
        self.b[H : 2 * H] += validate.number("forget_bias", forget_bias)
        self._tape: _Tape | None = None

    def __setattr__(self, name: str, value: Any) -> None:
        """Give an assigned parameter the model's dtype; refuse another shape."""
        if name in ("W_x", "W_h", "b"):
            rows = {"W_x": (self.input_dim,), "W_h": (self.hidden_dim,), "b": ()}[name]
            value = validate.array(name, value, self.dtype, (*rows, 4 * self.hidden_dim))
        super().__setattr__(name, value)

    @property
    def parameters(self) -> dict[str, np.ndarray]:
        """The three parameters by name: the arrays themselves, so `-=` on one trains it."""
        return {"W_x": self.W_x, "W_h": self.W_h, "b": self.b}

    def forward(
        self, inputs: ArrayLike, h0: ArrayLike | None = None, c0: ArrayLike | None = None
    ) -> Float[np.ndarray, "*batch T H"]:
        """Run over `inputs` and return the state h of every step.

        Args:
            inputs: (T, D), or (B, T, D) for a batch.
            h0: (H,) or (B, H); zeros by default. The same holds for `c0`.

        Raises:
            TypeError, ValueError: Not real numbers, another shape, empty, NaN or infinity.
        """
        D, H, dtype = self.input_dim, self.hidden_dim, self.dtype
        x = validate.array("inputs", inputs, dtype, ("T", D), ("B", "T", D))
        batched = x.ndim == 3
        x = time_first(x, batched)
        T, B, _ = x.shape
        states, cells = np.zeros((2, T + 1, B, H), dtype)
        shape = (B, H) if batched else (H,)
        for name, given, start in (("h0", h0, states[0]), ("c0", c0, cells[0])):
            if given is not None:
                start[...] = validate.array(name, given, dtype, shape)

        sums = (x.reshape(T * B, D) @ self.W_x + self.b).reshape(T, B, 4 * H)
        gates = np.empty((T, 4, B, H), dtype)
        for t in range(T):
            a = (sums[t] + states[t] @ self.W_h).reshape(B, 4, H).swapaxes(0, 1)
            gates[t], cells[t + 1], states[t + 1] = step(a, cells[t])
        self._tape = _Tape(x, gates, cells, states, batched)
        return np.ascontiguousarray(outside(states[1:], batched))

    def backward(self, d_states: ArrayLike) -> dict[str, np.ndarray]:
        """Return the gradients by name, given that for the states.

        One for each parameter, and `inputs`, `h0`, `c0`; `states` and `cells` are those of every
        h_t and c_t, with all that they do later.

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
        d_hs, d_cells = np.zeros((2, T + 1, B, H), self.dtype)
        (d_hs[-1] if given.ndim == len(batch) + 1 else outside(d_hs[1:], batched))[...] = given

        d_sums = np.empty((T, B, 4, H), self.dtype)
        for t in reversed(range(T)):
            d_cells[t + 1], d_sum, d_cells[t] = step_back(
                d_hs[t + 1], d_cells[t + 1], tape.gates[t], tape.cells[t], tape.cells[t + 1]
            )
            d_sums[t] = d_sum.swapaxes(0, 1)
            d_hs[t] += d_sums[t].reshape(B, 4 * H) @ self.W_h.T

        flat = d_sums.reshape(T * B, 4 * H)
        return {
            "W_x": tape.inputs.reshape(T * B, D).T @ flat,
            "W_h": tape.states[:-1].reshape(T * B, H).T @ flat,
            "b": flat.sum(0),
            "inputs": outside((flat @ self.W_x.T).reshape(T, B, D), batched),
            "h0": d_hs[0] if batched else d_hs[0, 0],
            "c0": d_cells[0] if batched else d_cells[0, 0],
            "states": outside(d_hs[1:], batched),
            "cells": outside(d_cells[1:], batched),
        }

    def gate(self, name: str) -> Float[np.ndarray, "*batch T H"]:
        """Return one gate of the last forward: `"i"`, `"f"`, `"g"` or `"o"`."""
        tape = validate.called_after(self._tape, "gate", "forward(inputs)")
        which = "ifgo".index(validate.choice("name", name, ("i", "f", "g", "o")))
        return outside(tape.gates[:, which], tape.batched)

    @property
    def cells(self) -> Float[np.ndarray, "*batch T H"]:
        """Every cell state of the last forward, c0 not among them."""
        tape = validate.called_after(self._tape, "cells", "forward(inputs)")
        return outside(tape.cells[1:], tape.batched)
