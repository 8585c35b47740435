"""A training loop of one screen for any model that turns a batch of inputs into outputs."""

# mypy: allow-untyped-calls

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.utils import clip_grad_norm_

from unrolled import validate, validate_kinds, validate_tensor
from unrolled.run import NO_BATCHES, Measure, Run

Batched = Iterable[tuple[Tensor, Tensor]]
"""Inputs and targets of one batch after another; it can be read once more for the next epoch."""


def train(
    run: Run,
    batches: Batched,
    validation: Batched,
    *,
    epochs: int,
    patience: int,
) -> None:
    """Train until there are `epochs`, or the best one is `patience` epochs ago.

    Raises:
        TypeError, ValueError: An argument of another kind, `epochs` or `patience` below 1, or
            no batches.
        RuntimeError: A gradient is not finite.
    """
    validate_kinds.instance("run", run, Run)
    validate.size("epochs", epochs)
    validate.size("patience", patience)
    device, weights = run.device, list(run.model.parameters())
    while len(run.history) < epochs and run.since_best() < patience:
        steps = []
        run.model.train()
        for inputs, targets in pairs("batches", batches):
            loss = run.measure(run.model(inputs.to(device)), targets.to(device))
            run.optimizer.zero_grad()
            loss.backward()
            norm = clip_grad_norm_(weights, run.max_norm, error_if_nonfinite=True)
            run.optimizer.step()
            steps.append((loss.detach(), norm))  # the norm before clipping
        if run.schedule:
            run.schedule.step()
        run.log(steps, evaluate(run.model, validation, run.measure))
        run.keep()


@torch.no_grad()
def evaluate(model: nn.Module, batches: Batched, measure: Measure) -> float:
    """Return the mean of `measure` over all examples, in evaluation mode.

    Raises:
        TypeError: An argument of another kind.
        ValueError: There are no batches.
    """
    validate_kinds.instance("model", model, nn.Module)
    validate_kinds.function("measure", measure)
    device, before = next(model.parameters()).device, model.training
    model.eval()
    total, count = 0.0, 0
    for inputs, targets in pairs("batches", batches):
        total += len(targets) * float(measure(model(inputs.to(device)), targets.to(device)))
        count += len(targets)
    model.train(before)
    if not count:
        raise ValueError(NO_BATCHES)
    return total / count


def pairs(name: str, batches: Batched) -> Iterator[tuple[Tensor, Tensor]]:
    """Go through batches; refuse what is no pair of tensors, inputs and targets.

    Raises:
        TypeError: It is something else, or cannot be gone through.
    """
    for batch in validate_kinds.instance(name, batches, Iterable):
        tensors = isinstance(batch, tuple | list) and [isinstance(each, Tensor) for each in batch]
        if tensors != [True, True]:
            got = type(batch).__name__
            raise TypeError(
                f"{name}: got {got} as a batch, expected two tensors, inputs and targets"
            )
        yield batch[0], batch[1]


def accuracy(logits: Tensor, targets: Tensor) -> Tensor:
    """Return the share of logits (B, classes) that are largest at their target (B,).

    Raises:
        TypeError, ValueError: Not tensors of these shapes, or a target that is no class.
    """
    B, classes = validate_tensor.tensor("logits", logits, None, ("B", "classes")).shape
    if logits.isnan().any():
        raise ValueError("logits: got NaN among them, expected numbers of which one is largest")
    validate_tensor.tokens("targets", targets, classes, (B,))
    return (logits.argmax(dim=1) == targets).float().mean()


@dataclass(frozen=True, eq=False)
class Batches:
    """Inputs and targets in batches, `shuffle` for another random order each time.

    Raises:
        TypeError, ValueError: No example, not as many targets as inputs, or a `size` below 1.
    """

    inputs: Tensor
    targets: Tensor
    size: int = 64
    shuffle: bool = False

    def __post_init__(self) -> None:
        validate.size("size", self.size)
        validate_kinds.flag("shuffle", self.shuffle)
        for name, given in (("inputs", self.inputs), ("targets", self.targets)):
            if not validate_kinds.instance(name, given, Tensor).ndim:
                raise ValueError(f"{name}: got a tensor without axes, expected (B, …)")
        if not len(self.inputs) == len(self.targets) > 0:
            raise ValueError(
                f"targets: got {len(self.targets)} for {len(self.inputs)} inputs, "
                "expected as many, and at least one"
            )

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        count = len(self.inputs)
        order = torch.randperm(count) if self.shuffle else torch.arange(count)
        for chosen in order.split(int(self.size)):
            yield self.inputs[chosen], self.targets[chosen]
