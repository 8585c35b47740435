"""What a training changes, in one place, so that it can be stopped and go on exactly."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypedDict

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler, ReduceLROnPlateau

from unrolled import checkpoint, validate, validate_kinds

Measure = Callable[[Tensor, Tensor], Tensor]
"""From what a model returns, and the targets, to one number: a mean over the batch."""

NO_BATCHES = "batches: got none, expected some; an iterator can be read only once"


class Epoch(TypedDict):
    """What is logged of one pass over the training data."""

    losses: list[float]
    """Of each batch, before its update and with dropout."""
    norms: list[float]
    """Of the gradient of each batch, before clipping."""
    validation: float
    """Mean loss on the validation part after the pass, without dropout."""


@dataclass(eq=False)
class Run:
    """A model and how it is trained; what training changes is kept in `folder`, if there is one.

    Raises:
        TypeError, ValueError: `max_norm` is not a positive number, something is of another kind,
            or the schedule needs a metric.
    """

    model: nn.Module
    optimizer: Optimizer
    schedule: LRScheduler | None = None
    measure: Measure = cross_entropy
    max_norm: float = 1.0
    folder: Path | None = None
    history: list[Epoch] = field(default_factory=list)

    def __post_init__(self) -> None:
        validate_kinds.instance("model", self.model, nn.Module)
        validate_kinds.instance("optimizer", self.optimizer, Optimizer)
        validate_kinds.function("measure", self.measure)
        validate.positive("max_norm", self.max_norm)
        if self.folder is not None:
            validate_kinds.instance("folder", self.folder, Path)
        validate_kinds.instance("history", self.history, list)
        if isinstance(self.schedule, ReduceLROnPlateau):
            raise TypeError("schedule: got ReduceLROnPlateau, expected one that needs no metric")
        if self.schedule is not None:
            validate_kinds.instance("schedule", self.schedule, LRScheduler)

    @property
    def device(self) -> torch.device:
        """Where the model's weights are."""
        return next(self.model.parameters()).device

    def log(self, steps: list[tuple[Tensor, Tensor]], validation: float) -> None:
        """Add an epoch: loss and gradient norm of each batch, and the validation loss.

        Raises:
            ValueError: There was no batch, or the validation loss is not a finite number.
            TypeError: Not a list of pairs, or no number.
        """
        validate_kinds.instance("steps", steps, list)
        validation = validate.number("validation", validation)
        if not steps:
            raise ValueError(NO_BATCHES)
        losses, norms = (torch.stack(numbers).tolist() for numbers in zip(*steps, strict=True))
        self.history.append(Epoch(losses=losses, norms=norms, validation=validation))

    def since_best(self) -> int:
        """Return how many epochs ago the validation loss was lowest: 0 when it is now."""
        losses = [epoch["validation"] for epoch in self.history]
        return len(losses) - 1 - losses.index(min(losses)) if losses else 0

    def keep(self) -> None:
        """Write `last.pt`, from which to go on, and the weights to `best.pt` when they are that."""
        if self.folder is None:
            return
        if self.since_best() == 0:
            checkpoint.save(self.folder / "best.pt", "weights", self.model.state_dict())
        state: dict[str, Any] = {name: part.state_dict() for name, part in self._parts().items()}
        state |= {"history": self.history, "made as": self._made_as(), "random": self._random()}
        checkpoint.save(self.folder / "last.pt", "run", state)

    def resume(self) -> None:
        """Take up the run that was kept in `folder`, and PyTorch's random state with it.

        Raises:
            ValueError: This run has no folder.
            FileNotFoundError: Nothing was kept there.
            CheckpointError: It is truncated, or was made with another model, optimiser,
                schedule, limit or kind of device. The run is then not to be used.
        """
        if self.folder is None:
            raise ValueError("folder: got None, expected the folder that a run was kept in")
        path = self.folder / "last.pt"
        state = checkpoint.load(path, "run")
        for name, expected in self._made_as().items():
            if (found := state["made as"][name]) != expected:
                raise checkpoint.CheckpointError(
                    f"{path}: made with another {name}: {found}, expected {expected}"
                )
        checkpoint.fit(path, self.model, state["model"])
        for name, part in self._parts().items():
            try:
                part.load_state_dict(state[name])
            except (ValueError, KeyError, RuntimeError) as error:
                raise checkpoint.CheckpointError(
                    f"{path}: the {name} does not fit: {error}"
                ) from error
        self.history = state["history"]
        for kind, (module, at) in self._generators().items():
            module.set_rng_state(state["random"][kind], *at)

    def _parts(self) -> dict[str, Any]:
        parts = {"model": self.model, "optimizer": self.optimizer, "schedule": self.schedule}
        return {name: part for name, part in parts.items() if part is not None}

    def _made_as(self) -> dict[str, str]:
        return {
            # Unlike the weights, this shows the rate of dropout.
            "model": " ".join(repr(self.model).split()),
            "optimizer": type(self.optimizer).__name__,
            "schedule": type(self.schedule).__name__,
            "device": self.device.type,
            "max_norm": str(float(self.max_norm)),
        }

    def _random(self) -> dict[str, Tensor]:
        return {
            kind: module.get_rng_state(*at) for kind, (module, at) in self._generators().items()
        }

    def _generators(self) -> dict[str, tuple[Any, tuple[torch.device, ...]]]:
        """Each module with a random state, and the device to name, where it can have several."""
        kind, cpu = self.device.type, (torch, ())
        if kind == "cpu":
            return {"cpu": cpu}
        at = (self.device,) if kind == "cuda" else ()
        return {"cpu": cpu, kind: (getattr(torch, kind), at)}
