"""A recurrent network for characters that is small enough for a budget in bytes."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import torch
from torch import nn
from torch.nn.functional import cross_entropy, one_hot
from torch.nn.utils import clip_grad_norm_

from unrolled import validate, validate_kinds, validate_tensor
from unrolled.data.tiny_text import ALPHABET

V = len(ALPHABET)


class TinyChar(nn.Module):
    """One-hot characters, one tanh layer of H units, one logit for each next character.

    Raises:
        TypeError, ValueError: Less than one unit; in a call, not integers (B, T) below 65.
    """

    def __init__(self, hidden_dim: int) -> None:
        super().__init__()
        hidden_dim = validate.size("hidden_dim", hidden_dim)
        self.rnn = nn.RNN(V, hidden_dim, batch_first=True)
        self.readout = nn.Linear(hidden_dim, V)

    def forward(self, characters: torch.Tensor) -> torch.Tensor:
        """Return logits (B, T, V) for numbers of characters (B, T), from a state of zeros."""
        characters = validate_tensor.tokens("characters", characters, V, ("B", "T"))
        states, _ = self.rnn(one_hot(characters, V).float())
        logits: torch.Tensor = self.readout(states)
        return logits


def numbers_in(hidden_dim: int) -> int:
    """Count what must be stored of a `TinyChar`: three matrices, and one bias of each kind.

    PyTorch trains two biases of the state; only their sum is needed afterwards.

    Raises:
        TypeError, ValueError: Less than one unit.
    """
    hidden_dim = validate.size("hidden_dim", hidden_dim)
    return 2 * V * hidden_dim + hidden_dim**2 + hidden_dim + V


def largest_hidden(budget: int, size: Callable[[int], int]) -> int:
    """Return the largest hidden size whose `size`, in bytes, is within `budget`.

    `size` must not fall when the hidden size grows.

    Raises:
        TypeError: `size` is no function, or gives no number.
        ValueError: Not even one unit fits, or more than 2^40 do.
    """
    budget = validate.size("budget", budget)
    validate_kinds.function("size", size)
    if validate.number("size", size(1)) > budget:
        raise ValueError(f"budget: got {budget} bytes, expected at least {size(1)}, for one unit")
    low, high = 1, 2
    while validate.number("size", size(high)) <= budget:
        low, high = high, 2 * high
        if high > 2**40:
            raise ValueError(
                f"size: got {size(low)} for {low} units, expected it to grow with them"
            )
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if size(middle) <= budget else (low, middle)
    return low


def matrices(model: TinyChar) -> dict[str, np.ndarray]:
    """Return copies of the weights under the names and in the shapes of these pages.

    `W_xh` (V, H), `W_hh` (H, H), `W_hy` (H, V), `b_h` (H,), `b_y` (V,), float32.

    Raises:
        TypeError: Not a `TinyChar`.
    """
    validate_kinds.instance("model", model, TinyChar)
    theirs = {name: tensor.detach().cpu().numpy() for name, tensor in model.named_parameters()}
    return {
        "W_xh": theirs["rnn.weight_ih_l0"].T.copy(),
        "W_hh": theirs["rnn.weight_hh_l0"].T.copy(),
        "W_hy": theirs["readout.weight"].T.copy(),
        "b_h": theirs["rnn.bias_ih_l0"] + theirs["rnn.bias_hh_l0"],
        "b_y": theirs["readout.bias"].copy(),
    }


def with_matrices(weights: dict[str, np.ndarray]) -> TinyChar:
    """Return a `TinyChar` with these weights; the inverse of `matrices`, up to the two biases.

    Raises:
        TypeError, ValueError: Not finite numbers under these names and in these shapes.
    """
    weights = _as_float32(weights)
    model = TinyChar(len(weights["b_h"]))
    values = {
        "rnn.weight_ih_l0": weights["W_xh"].T,
        "rnn.weight_hh_l0": weights["W_hh"].T,
        "rnn.bias_ih_l0": weights["b_h"],
        "rnn.bias_hh_l0": np.zeros_like(weights["b_h"]),
        "readout.weight": weights["W_hy"].T,
        "readout.bias": weights["b_y"],
    }
    model.load_state_dict({name: torch.tensor(value) for name, value in values.items()})
    return model


def train(model: TinyChar, text: np.ndarray, *, steps: int, batch: int, length: int) -> None:
    """Train in place on random pieces of `text`, (T,), each from a state of zeros.

    Adam from 1e-2 to 0, gradients clipped to norm 1. Draws from PyTorch's random state.

    Raises:
        TypeError, ValueError: Not a `TinyChar`, not a text of integers below 65, (T,), that is
            longer than a piece, or a number below 1.
    """
    validate_kinds.instance("model", model, TinyChar)
    steps, batch = validate.size("steps", steps), validate.size("batch", batch)
    length = validate.size("length", length)
    where = next(model.parameters()).device
    codes = torch.from_numpy(_codes("text", text, length + 1)).to(where)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2, fused=True)
    schedule = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 0.0, total_iters=steps)
    for _ in range(steps):
        starts = torch.randint(len(codes) - length, (batch, 1))
        pieces = codes[(starts + torch.arange(length + 1)).to(where)]  # (B, T + 1)
        logits = model(pieces[:, :-1])  # (B, T, V)
        loss = cross_entropy(logits.flatten(0, 1), pieces[:, 1:].flatten())
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()


@torch.inference_mode()
def loss(model: TinyChar, pieces: np.ndarray) -> float:
    """Return the mean loss, in nats a character, on pieces of text (B, T).

    Raises:
        TypeError, ValueError: Not a `TinyChar`, or not integers below 65 in two columns or more.
    """
    validate_kinds.instance("model", model, TinyChar)
    where = next(model.parameters()).device
    codes = torch.from_numpy(_codes("pieces", pieces, 2, "B")).to(where)
    logits = model(codes[:, :-1])
    return float(cross_entropy(logits.flatten(0, 1), codes[:, 1:].flatten()))


def count_losses(train: np.ndarray, pieces: np.ndarray) -> dict[str, float]:
    """Return the losses, in nats a character, of models that only count.

    Uniform; single characters and pairs, each count plus one; and triples, which lean on the
    pairs as much as on five characters seen.

    Raises:
        TypeError, ValueError: Not a text (T,) or pieces (B, T) of three integers below 65 or more.
    """
    train, pieces = _codes("train", train, 3), _codes("pieces", pieces, 3, "B")
    a, b, c = pieces[:, :-2], pieces[:, 1:-1], pieces[:, 2:]
    single = np.bincount(train, minlength=V) + 1.0
    pairs = _count(train, 2) + 1.0
    pair = pairs[b, c] / pairs[b].sum(-1)
    triples = _count(train, 3)
    triple = (triples[a, b, c] + 5 * pair) / (triples[a, b].sum(-1) + 5)
    return {
        "uniform": math.log(V),
        "single characters": float(-np.log(single[c] / single.sum()).mean()),
        "pairs": float(-np.log(pair).mean()),
        "triples": float(-np.log(triple).mean()),
    }


def _codes(name: str, value: np.ndarray, least: int, *axes: str) -> np.ndarray:
    """Numbers of characters, at least so many in a row, in memory that PyTorch takes."""
    codes = validate_kinds.integers(name, value, V, (*axes, "T"))
    if codes.shape[-1] < least:
        found = f"got {codes.shape[-1]} characters"
        raise ValueError(f"{name}: {found}, expected at least {least}")
    return np.require(codes, requirements=("C", "W"))


def _as_float32(weights: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    validate_kinds.named("weights", weights, "W_xh", "W_hh", "W_hy", "b_h", "b_y")
    H = weights["b_h"].size
    shapes = {"W_xh": (V, H), "W_hh": (H, H), "W_hy": (H, V), "b_h": (H,), "b_y": (V,)}
    return {
        name: np.require(
            validate.array(f"weights[{name!r}]", weights[name], np.dtype(np.float32), shape),
            requirements=("C", "W"),
        )
        for name, shape in shapes.items()
    }


def _count(codes: np.ndarray, width: int) -> np.ndarray:
    """How often each run of `width` characters occurs, an axis a character."""
    index = np.zeros(len(codes) - width + 1, np.int64)
    for place in range(width):
        index = index * V + codes[place : len(codes) - width + 1 + place]
    return np.bincount(index, minlength=V**width).astype(float).reshape((V,) * width)
