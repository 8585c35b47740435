"""Do the gated cells' outputs and gradients agree with autograd and with finite differences?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from unrolled import validate
from unrolled.asked import asked_seeds
from unrolled.gradcheck import finite_differences, relative_error
from unrolled.gru import GRU
from unrolled.lstm import LSTM
from unrolled.parity_gated import gated_gradients

if TYPE_CHECKING:
    from jaxtyping import Float


@dataclass(frozen=True, eq=False)
class GatedWitnesses:
    """The worst relative error over all arrays, by seed."""

    seeds: tuple[int, ...]
    cell: str
    outputs: Float[np.ndarray, " seeds"]
    """Of the states of all steps, against `nn.LSTM` or `nn.GRU`."""
    autograd: Float[np.ndarray, " seeds"]
    """Of the gradients of parameters, inputs, states and first states."""
    differences: Float[np.ndarray, " seeds"]
    """Of the gradients of parameters, inputs and first states, by central differences."""


def gated_witnesses(
    *,
    seeds: Sequence[int] = (0, 1, 2),
    cell: str = "lstm",
    batch: int = 3,
    length: int = 8,
    input_dim: int = 4,
    hidden_dim: int = 6,
) -> GatedWitnesses:
    """Compare a gated cell with both witnesses, in float64, from random first states.

    The loss is a random linear function of the states of all steps.

    Args:
        cell: `"lstm"` or `"gru"`.

    Raises:
        TypeError, ValueError: An argument of another kind, or out of its range.
    """
    validate.size("batch", batch)
    validate.size("length", length)
    kinds: dict[str, type[LSTM | GRU]] = {"lstm": LSTM, "gru": GRU}
    kind = kinds[validate.choice("cell", cell, tuple(kinds))]
    asked_seeds(seeds)
    worst = np.empty((3, len(seeds)))
    for column, seed in enumerate(seeds):
        model = kind(input_dim, hidden_dim, seed=seed, dtype=np.float64)
        rng = np.random.default_rng([seed, 1])
        inputs = rng.normal(size=(batch, length, input_dim))
        d_states = rng.normal(size=(batch, length, hidden_dim))
        names = ("h0", "c0") if cell == "lstm" else ("h0",)
        starts = {name: rng.normal(size=(batch, hidden_dim)) for name in names}
        outputs = model.forward(inputs, **starts)
        ours = model.backward(d_states)
        theirs = gated_gradients(model, inputs, d_states, **starts)
        worst[0, column] = relative_error(outputs, theirs.pop("outputs"))
        worst[1, column] = max(relative_error(ours[name], g) for name, g in theirs.items())
        estimates = _differences(model, inputs, starts, d_states)
        worst[2, column] = max(relative_error(ours[name], g) for name, g in estimates.items())
    return GatedWitnesses(tuple(seeds), cell, *worst)


def _differences(
    model: LSTM | GRU, inputs: np.ndarray, starts: dict[str, np.ndarray], d_states: np.ndarray
) -> dict[str, np.ndarray]:
    """Estimate the gradient of each array by itself."""
    given = {"inputs": inputs, **starts}

    def loss(name: str, array: np.ndarray) -> float:
        if name in given:
            return float(np.sum(d_states * model.forward(**{**given, name: array})))
        setattr(model, name, array)
        return float(np.sum(d_states * model.forward(**given)))

    found = {}
    for name, array in {**model.parameters, **given}.items():
        found[name] = finite_differences(lambda a, name=name: loss(name, a), array)  # type: ignore[misc]
        if name not in given:
            setattr(model, name, array)
    return found
