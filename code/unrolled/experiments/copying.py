"""How long a sequence can a decoder repeat that gets nothing but the encoder's last state?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch.nn.functional import cross_entropy, one_hot
from torch.nn.utils import clip_grad_norm_

from unrolled import validate
from unrolled.asked import asked_each, asked_scale, asked_seeds
from unrolled.models.seq2seq import Seq2Seq
from unrolled.settings import Scale, device

if TYPE_CHECKING:
    from jaxtyping import Float

UPDATES: dict[Scale, int] = {"smoke": 4, "site": 150, "full": 3000}
SYMBOLS, TESTS = 8, 1000
STARTS = ("default", "orthogonal")


@dataclass(frozen=True, eq=False)
class CopyTask:
    """Share of symbols repeated rightly, by length; always naming one has about 1/8."""

    seeds: tuple[int, ...]
    lengths: tuple[int, ...]
    updates: int
    accuracy: Float[np.ndarray, "seeds lengths"]
    by_hand: Float[np.ndarray, "seeds lengths"]
    """Of a network of the same size whose weights nobody trained, on the same sequences."""
    majority: Float[np.ndarray, "seeds lengths"]
    """Of always naming the symbol that is most frequent in the test."""


def copy_task(
    *,
    seeds: Sequence[int] = (0, 1, 2),
    lengths: Sequence[int] = (2, 4, 8, 12),
    hidden_dim: int = 32,
    cell: str = "rnn",
    start: str = "default",
    times: int = 1,
    scale: Scale | None = None,
) -> CopyTask:
    """Train a network for each length to repeat random symbols; test it at that length.

    8 symbols, one-hot; states fed back, so that the decoder hears nothing; fresh batches of
    32, cross-entropy, Adam with a rate that falls linearly from 5e-3 to 0, gradients clipped
    to norm 1. Leaves PyTorch's random state as it was.

    Args:
        start: `"default"`, PyTorch's; or `"orthogonal"` matrices from state to state.
        times: Multiplies the number of updates.

    Raises:
        TypeError, ValueError: A length or `times` below 1, a length above `hidden_dim`, an
            unknown start or cell, or an orthogonal start of a gated cell.
    """
    validate.size("hidden_dim", hidden_dim)
    asked_each("lengths", lengths, _check_symbols, hidden_dim)
    validate.choice("start", start, STARTS)
    updates = UPDATES[asked_scale(scale)] * validate.size("times", times)
    asked_seeds(seeds)
    found = np.empty((3, len(seeds), len(lengths)))
    for row, seed in enumerate(seeds):
        for column, length in enumerate(lengths):
            with torch.random.fork_rng(devices=[]):
                torch.manual_seed(seed)
                model = Seq2Seq(SYMBOLS, hidden_dim, SYMBOLS, cell=cell, feedback="state")
                if start == "orthogonal":
                    start_orthogonal(model)
                _train(model.to(device()), length, updates)
            symbols = fresh_symbols(seed, length)
            found[:, row, column] = (
                accuracy(model, symbols),
                accuracy(shift_register(length, hidden_dim), symbols),
                symbols.flatten().bincount().max() / symbols.numel(),
            )
    return CopyTask(tuple(seeds), tuple(lengths), updates, *found)


def _check_symbols(name: str, count: int, hidden_dim: int) -> None:
    """Each is to have a unit in the network that repeats them untrained."""
    if validate.size(name, count) > hidden_dim:
        raise ValueError(f"{name}: got {count}, expected at most hidden_dim, {hidden_dim}")


@torch.no_grad()
def start_orthogonal(model: Seq2Seq) -> None:
    """Make the matrices from state to state orthogonal; the rest stays as PyTorch draws it."""
    if model.cell != "rnn":
        raise ValueError(f"start: got 'orthogonal' with cell {model.cell!r}, expected 'rnn'")
    for name, parameter in model.named_parameters():
        if "weight_hh" in name:
            torch.nn.init.orthogonal_(parameter)


@torch.no_grad()
def shift_register(length: int, hidden_dim: int) -> Seq2Seq:
    """Return a network that repeats `length` symbols without training.

    Each unit holds one symbol as one small number, where tanh is nearly a straight line,
    and hands it on to the next unit at every step, the last one to the first. When the
    decoder begins, the first symbol arrives at the unit that is read.

    Raises:
        ValueError: More symbols than units.
    """
    if length > hidden_dim:
        raise ValueError(f"length: got {length}, expected at most hidden_dim, {hidden_dim}")
    with torch.random.fork_rng(devices=[]):  # PyTorch draws weights, whether or not they stay
        model = Seq2Seq(SYMBOLS, hidden_dim, SYMBOLS, feedback="state")
    for parameter in model.parameters():
        parameter.zero_()
    levels = 0.01 * torch.linspace(-1, 1, SYMBOLS)
    shift = torch.eye(hidden_dim).roll(1, dims=0)  # unit n reads unit n - 1
    model.encoder.weight_hh_l0.copy_(shift)
    model.decoder.weight_hh.copy_(shift)
    model.encoder.weight_ih_l0[0] = levels
    # The nearest level has the largest 2 u v - v², where u is the unit and v the level.
    model.readout.weight[:, length % hidden_dim] = 2 * levels
    model.readout.bias.copy_(-levels.square())
    return model


def _train(model: Seq2Seq, length: int, updates: int) -> None:
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3, fused=True)
    schedule = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 0.0, total_iters=updates)
    for _ in range(updates):
        symbols = torch.randint(SYMBOLS, (32, length)).to(device())
        logits = model(one_hot(symbols, SYMBOLS).float(), length)  # (B, T, V)
        loss = cross_entropy(logits.flatten(0, 1), symbols.flatten())
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()


def fresh_symbols(seed: int, length: int) -> torch.Tensor:
    """Return the sequences of a test, (1000, T), which depend on nothing else."""
    rng = np.random.default_rng([seed, length])
    return torch.from_numpy(rng.integers(SYMBOLS, size=(TESTS, length)))


@torch.no_grad()
def accuracy(model: Seq2Seq, symbols: torch.Tensor) -> float:
    """Return the share of symbols that the model repeats rightly."""
    symbols = symbols.to(device())
    logits = model.to(device())(one_hot(symbols, SYMBOLS).float(), symbols.shape[1])
    return float((logits.argmax(dim=-1) == symbols).double().mean())
