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
            i, f, g, o = gates[t]
            gates[t] = (sums[t] + states[t] @ self.W_h).reshape(B, 4, H).swapaxes(0, 1)
            for gate in (i, f, o):
                gate[...] = sigmoid(gate)
            np.tanh(g, out=g)
            cells[t + 1] = f * cells[t] + i * g
            states[t + 1] = o * np.tanh(cells[t + 1])
        self._tape = _Tape(x, gates, cells, states, batched)
        return np.ascontiguousarray(outside(states[1:], batched))

    def backward(self, d_states: ArrayLike) -> dict[str, np.ndarray]:
        """Return the gradients by name, given that for the states.

        One for each parameter, and `inputs`, `h0`, `c0`, and `cells`: those of every c_t.

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
            i, f, g, o = tape.gates[t]
            shown = np.tanh(tape.cells[t + 1])
            d_h, d_c = d_hs[t + 1], d_cells[t + 1]
            d_c += d_h * o * (1 - shown**2)
            d_cells[t] = d_c * f  # the whole way from cell to cell: one product, no matrix
            d_sums[t, :, 0] = d_c * g * i * (1 - i)
            d_sums[t, :, 1] = d_c * tape.cells[t] * f * (1 - f)
            d_sums[t, :, 2] = d_c * i * (1 - g**2)
            d_sums[t, :, 3] = d_h * shown * o * (1 - o)
            d_hs[t] += d_sums[t].reshape(B, 4 * H) @ self.W_h.T

        flat = d_sums.reshape(T * B, 4 * H)
        return {
            "W_x": tape.inputs.reshape(T * B, D).T @ flat,
            "W_h": tape.states[:-1].reshape(T * B, H).T @ flat,
            "b": flat.sum(0),
            "inputs": outside((flat @ self.W_x.T).reshape(T, B, D), batched),
            "h0": d_hs[0] if batched else d_hs[0, 0],
            "c0": d_cells[0] if batched else d_cells[0, 0],
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
