"""What must a checkpoint hold, so that an interrupted training ends where it would have ended?"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch

from unrolled import validate
from unrolled.asked import asked_each, asked_scale, asked_seeds
from unrolled.data.halves import halves
from unrolled.models.sequence import SequenceClassifier
from unrolled.run import Run
from unrolled.settings import Scale
from unrolled.training import Batches, train

if TYPE_CHECKING:
    from jaxtyping import Float

FORGOTTEN = ("nothing", "random state", "optimizer", "schedule", "all of them")
EPOCHS, STOPPED_IN, LATER = 6, 3, 1_000_000
SEQUENCES: dict[Scale, int] = {"smoke": 128, "site": 256, "full": 256}


@dataclass(frozen=True, eq=False)
class Resumption:
    """How far resumed trainings end from the one that was never interrupted; a row a seed."""

    seeds: tuple[int, ...]
    forgotten: tuple[str, ...]
    """What was not taken from the checkpoint."""
    difference: Float[np.ndarray, "seeds forgotten"]
    """Largest absolute difference of a weight at the end."""
    moved: Float[np.ndarray, " seeds"]
    """The largest change of a weight in the uninterrupted training, from where it was stopped."""


class _Stopped(Exception):
    """The process was ended here."""


class _Stopping(Batches):
    """Batches that end the training in the middle of an epoch."""

    def __iter__(self) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
        yield next(super().__iter__())
        raise _Stopped


def resumed_training(
    *,
    seeds: Sequence[int] = (0, 1, 2),
    forgotten: Sequence[str] = FORGOTTEN,
    scale: Scale | None = None,
) -> Resumption:
    """Stop a training in the middle of its fourth epoch, and take it up again.

    Two layers of 16 units, dropout 0.1, 256 sequences of 10 steps, six epochs of four batches,
    Adam at 3e-3 with a rate that is halved after every second epoch; on the CPU. The network
    that goes on starts from other weights and another random state, as a new process would.
    Leaves PyTorch's random state as it was.

    Args:
        seeds: Of data, weights, dropout and order.
        forgotten: Any of `FORGOTTEN`; the last of them keeps the weights and nothing else.

    Raises:
        TypeError, ValueError: An argument of another kind, or out of its range.
    """
    asked_each("forgotten", forgotten, validate.choice, FORGOTTEN)
    sequences = SEQUENCES[asked_scale(scale)]
    asked_seeds(seeds)
    difference = np.empty((len(seeds), len(forgotten)))
    moved = np.empty(len(seeds))
    for row, seed in enumerate(seeds):
        generator = torch.Generator().manual_seed(seed)
        batches = Batches(*halves(sequences, 10, generator=generator), shuffle=True)
        validation = Batches(*halves(64, 10, generator=generator))
        with torch.random.fork_rng(devices=[]), tempfile.TemporaryDirectory() as folder:
            whole, half = _start(seed), _start(seed, Path(folder))
            torch.manual_seed(seed)
            train(whole, batches, validation, epochs=EPOCHS, patience=EPOCHS)
            torch.manual_seed(seed)
            train(half, batches, validation, epochs=STOPPED_IN, patience=EPOCHS)
            moved[row] = _distance(whole, half)
            try:
                stopping = _Stopping(batches.inputs, batches.targets, shuffle=True)
                train(half, stopping, validation, epochs=EPOCHS, patience=EPOCHS)
            except _Stopped:
                pass
            for column, word in enumerate(forgotten):
                run = _start(seed + LATER, Path(folder))
                run.resume()
                _forget(run, word, seed)
                run.folder = None
                train(run, batches, validation, epochs=EPOCHS, patience=EPOCHS)
                difference[row, column] = _distance(whole, run)
    return Resumption(tuple(seeds), tuple(forgotten), difference, moved)


def _start(seed: int, folder: Path | None = None) -> Run:
    torch.manual_seed(seed)
    model = SequenceClassifier(5, 16, 2, layers=2, dropout=0.1)
    optimizer = torch.optim.Adam(model.parameters(), 3e-3, fused=True)
    schedule = torch.optim.lr_scheduler.StepLR(optimizer, step_size=2, gamma=0.5)
    return Run(model, optimizer, schedule, folder=folder)


def _forget(run: Run, word: str, seed: int) -> None:
    """Put what a new process has in the place of what was loaded."""
    if word in ("random state", "all of them"):
        torch.manual_seed(seed + LATER)
    if word in ("optimizer", "all of them"):
        run.optimizer.state.clear()
    if word in ("schedule", "all of them"):
        for group in run.optimizer.param_groups:
            group["lr"] = group["initial_lr"]
        run.schedule = torch.optim.lr_scheduler.StepLR(run.optimizer, step_size=2, gamma=0.5)


def _distance(one: Run, other: Run) -> float:
    pairs = zip(one.model.parameters(), other.model.parameters(), strict=True)
    return max(float((a - b).detach().abs().max()) for a, b in pairs)
