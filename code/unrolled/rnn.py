"""The vanilla RNN in NumPy with backpropagation through time: the fast version.

    h_t = tanh(x_t W_xh + h_{t-1} W_hh + b_h)        y_t = h_t W_hy + b_y

`unrolled.rnn_simple` has the same mathematics as plain loops; read that first. Here
Python touches each time step only for what must wait for the step before. All else is
one matrix product over all steps at once, which is why arrays inside are time-major,
(T, B, ·): a step, and the flattened (T·B, ·), are both contiguous.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from unrolled import validate
from unrolled.axes import outside, time_first
from unrolled.initial import INITS, initial_weights
from unrolled.nonlinearity import NONLINEARITIES

if TYPE_CHECKING:
    from jaxtyping import Float
    from numpy.typing import ArrayLike, DTypeLike

PARAMETERS = ("W_xh", "W_hh", "W_hy", "b_h", "b_y")


@dataclass(slots=True)
class _Tape:
    """What backward needs to know of the last forward."""

    inputs: np.ndarray  # (T, B, D)
    states: np.ndarray  # (T + 1, B, H), beginning with h0
    batched: bool
    shared_h0: bool  # one h0 (H,) for the whole batch


class VanillaRNN:
    """Map a sequence to one output a step, with a hidden state that carries the past.

    Args:
        input_dim: Numbers per step, D.
        hidden_dim: Numbers in the state, H.
        output_dim: Numbers per output, O.
        init: `"gaussian"`: all weights N(0, scale²). `"uniform"`: all weights
            U(-scale, scale), what `torch.nn.RNN` does. `"orthogonal"`, `"identity"`:
            `W_hh` is scale times such a matrix, the other two are U(±1/√H).
        scale: 1/√H by default; 1 for `"orthogonal"` and `"identity"`.
        seed: Same seed, same weights, in either dtype up to rounding.
        nonlinearity: `"tanh"`, or `"relu"`, or `"linear"` for none at all.
        dtype: `numpy.float32` or `numpy.float64`; inputs are converted to it.

    Raises:
        TypeError, ValueError: An argument of another kind, or out of its range.
    """

    W_xh: Float[np.ndarray, "D H"]
    W_hh: Float[np.ndarray, "H H"]
    W_hy: Float[np.ndarray, "H O"]
    b_h: Float[np.ndarray, " H"]
    b_y: Float[np.ndarray, " O"]

    def __init__(
        self,
        input_dim: int,
        hidden_dim: int,
        output_dim: int,
        *,
        init: str = "gaussian",
        scale: float | None = None,
        seed: int = 0,
        nonlinearity: str = "tanh",
        dtype: DTypeLike = np.float32,
    ) -> None:
        self.input_dim = D = validate.size("input_dim", input_dim)
        self.hidden_dim = H = validate.size("hidden_dim", hidden_dim)
        self.output_dim = validate.size("output_dim", output_dim)
        self.dtype = validate.float_dtype("dtype", dtype)
        self.init = validate.choice("init", init, INITS)
        default = 1.0 if init in ("orthogonal", "identity") else H**-0.5
        self.scale = default if scale is None else validate.positive("scale", scale)
        self.nonlinearity = validate.choice("nonlinearity", nonlinearity, tuple(NONLINEARITIES))

        rng = np.random.default_rng(validate.size("seed", seed, least=0))
        outer = (init, self.scale) if init in ("gaussian", "uniform") else ("uniform", H**-0.5)
        self.W_xh = initial_weights(rng, (D, H), *outer)
        self.W_hh = initial_weights(rng, (H, H), init, self.scale)
        self.W_hy = initial_weights(rng, (H, self.output_dim), *outer)
        self.b_h = np.zeros(H, self.dtype)
        self.b_y = np.zeros(self.output_dim, self.dtype)
        self._tape: _Tape | None = None
        self._others: dict[str, np.ndarray] | None = None  # gradients that are no parameter's

    def __setattr__(self, name: str, value: Any) -> None:
        """Give an assigned parameter the model's dtype; refuse another shape."""
        if name in PARAMETERS:
            sizes = {"x": self.input_dim, "h": self.hidden_dim, "y": self.output_dim}
            shape = tuple(sizes[letter] for letter in name[2:])
            value = validate.array(name, value, self.dtype, shape)
        super().__setattr__(name, value)

    @property
    def parameters(self) -> dict[str, np.ndarray]:
        """The five parameters by name: the arrays themselves, so `-=` on one trains it."""
        return {name: getattr(self, name) for name in PARAMETERS}

    def forward(
        self, inputs: ArrayLike, h0: ArrayLike | None = None
    ) -> Float[np.ndarray, "*batch T O"]:
        """Run over `inputs` from `h0` (zeros by default) and return the output of every step.

        Args:
            inputs: (T, D), or (B, T, D) for a batch.
            h0: (H,), in a batch shared by all its sequences, or (B, H).

        Raises:
            TypeError, ValueError: Not real numbers, another shape, empty, NaN or infinity.
        """
        D, H, dtype = self.input_dim, self.hidden_dim, self.dtype
        x = validate.array("inputs", inputs, dtype, ("T", D), ("B", "T", D))
        batched = x.ndim == 3
        x = time_first(x, batched)
        T, B, _ = x.shape

        states = np.empty((T + 1, B, H), dtype)
        allowed = [(H,), (B, H)] if batched else [(H,)]
        states[0] = 0 if h0 is None else validate.array("h0", h0, dtype, *allowed)
        every = states[1:].reshape(T * B, H)
        np.dot(x.reshape(T * B, D), self.W_xh, out=every)
        every += self.b_h
        recurrent = np.empty((B, H), dtype)
        apply = NONLINEARITIES[self.nonlinearity].apply
        for previous, h in pairwise(states):
            np.dot(previous, self.W_hh, out=recurrent)
            h += recurrent
            apply(h)

        self._tape = _Tape(x, states, batched, batched and h0 is not None and np.ndim(h0) == 1)
        self._others = None
        outputs = (every @ self.W_hy + self.b_y).reshape(T, B, self.output_dim)
        return np.ascontiguousarray(outside(outputs, batched))

    def backward(self, d_output: ArrayLike) -> dict[str, np.ndarray]:
        """Return the gradient for each parameter, given that for the outputs.

        Afterwards `d_inputs`, `d_h0` and `d_states` hold the other gradients. The
        parameters must be those of the last `forward`.

        Args:
            d_output: Shaped like the outputs, or (O,), (B, O): the last step's alone.

        Raises:
            RuntimeError: There was no `forward` yet.
            TypeError, ValueError: As in `forward`; the shape is that of its outputs.
        """
        tape = validate.called_after(self._tape, "backward", "forward(inputs)")
        x, states, dtype = tape.inputs, tape.states, self.dtype
        (T, B, D), H, outs = x.shape, self.hidden_dim, self.output_dim
        batch = (B,) if tape.batched else ()
        given = validate.array("d_output", d_output, dtype, (*batch, T, outs), (*batch, outs))
        d_y = np.zeros((T, B, outs), dtype)
        last_only = given.ndim == len(batch) + 1
        (d_y[-1] if last_only else outside(d_y, tape.batched))[...] = given
        d_y = d_y.reshape(T * B, outs)

        # Straight from the outputs to the states, all steps at once.
        d_states = np.empty((T + 1, B, H), dtype)
        np.dot(d_y, self.W_hy.T, out=d_states[1:].reshape(T * B, H))
        d_states[0] = 0

        # Back through time: the slopes, 1 - h² for tanh, become d_sum from the last step on.
        d_sums = NONLINEARITIES[self.nonlinearity].slope(states[1:])
        W_hh_T = np.ascontiguousarray(self.W_hh.T)
        recurrent = np.empty((B, H), dtype)
        d_after, d_before = d_states[:0:-1], d_states[-2::-1]
        for d_sum, d_h, d_previous in zip(d_sums[::-1], d_after, d_before, strict=True):
            d_sum *= d_h
            np.dot(d_sum, W_hh_T, out=recurrent)
            d_previous += recurrent

        flat = d_sums.reshape(T * B, H)
        d_h0 = d_states[0] if tape.batched else d_states[0, 0]
        self._others = {
            "d_inputs": outside((flat @ self.W_xh.T).reshape(T, B, D), tape.batched),
            "d_h0": d_h0.sum(0) if tape.shared_h0 else d_h0,
            "d_states": outside(d_states[1:], tape.batched),
        }
        return {
            "W_xh": x.reshape(T * B, D).T @ flat,
            "W_hh": states[:-1].reshape(T * B, H).T @ flat,
            "W_hy": states[1:].reshape(T * B, H).T @ d_y,
            "b_h": flat.sum(0),
            "b_y": d_y.sum(0),
        }

    @property
    def states(self) -> Float[np.ndarray, "*batch T H"]:
        """Every hidden state of the last forward, h0 not among them (read-only)."""
        tape = validate.called_after(self._tape, "states", "forward(inputs)")
        states = outside(tape.states[1:], tape.batched)
        states.flags.writeable = False
        return states

    @property
    def d_inputs(self) -> Float[np.ndarray, "*batch T D"]:
        """Gradient for the inputs of the last forward."""
        return validate.called_after(self._others, "d_inputs", "backward(d_output)")["d_inputs"]

    @property
    def d_h0(self) -> Float[np.ndarray, "*batch H"]:
        """Gradient for the initial state; (H,), summed, when one h0 served the whole batch."""
        return validate.called_after(self._others, "d_h0", "backward(d_output)")["d_h0"]

    @property
    def d_states(self) -> Float[np.ndarray, "*batch T H"]:
        """Gradient for every hidden state: all that a change of it does, now and later."""
        return validate.called_after(self._others, "d_states", "backward(d_output)")["d_states"]
