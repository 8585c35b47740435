"""What does a recurrent network say about a line of source, and what does a bag of its words?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import torch
from torch import nn
from torch.nn.functional import cross_entropy
from torch.nn.utils import clip_grad_norm_

from unrolled import validate
from unrolled.asked import asked_each, asked_scale, asked_seeds
from unrolled.data.snippets import TASKS, Encoded, encode, snippets, vocabulary
from unrolled.models.bags import Bag, DeepBag
from unrolled.models.text import TextClassifier
from unrolled.settings import Scale, device

if TYPE_CHECKING:
    from jaxtyping import Float, Shaped

VOCABULARY, LENGTH, BATCH, SAMPLE = 1000, 50, 64, 1000


PASSES = {"kind": 1, "target": 4}
"""Over the training lines; of the second kind there are fewer."""


class Budget(NamedTuple):
    """Modules of each part (all where `None`), and how many times the passes."""

    modules: int | None
    factor: int


BUDGETS: dict[Scale, Budget] = {
    "smoke": Budget(1, 1),
    "site": Budget(None, 1),
    "full": Budget(None, 10),
}


@dataclass(frozen=True, eq=False)
class LineClassification:
    """Held-out lines as classified by several models; a row a seed, a column a model."""

    seeds: tuple[int, ...]
    task: str
    models: tuple[str, ...]
    trained_on: int
    """Lines."""
    modules: int | None
    """How many of each part's modules were used; all where `None`."""
    majority: Float[np.ndarray, " seeds"]
    """What always naming the commonest class of the held-out lines scores."""
    accuracy: Float[np.ndarray, "seeds models"]
    shuffled: Float[np.ndarray, "seeds models"]
    """Accuracy on 1000 of the held-out lines, the words of each shuffled."""
    rebatched: Float[np.ndarray, "seeds models"]
    """Share of the answers on these 1000 that change when they are put into other batches."""
    confusion: Shaped[np.ndarray, "seeds models classes classes"]
    """Counts; a row for what a line is, a column for what it is taken for."""
    probability: Float[np.ndarray, "seeds models lines classes"]


class Kind(NamedTuple):
    """How a model is built for some number of classes, its rate, and whether batches are cut
    off after their longest line."""

    build: Callable[[int], nn.Module]
    rate: float
    cut: bool


def _rnn(reading: str) -> Callable[[int], nn.Module]:
    return lambda classes: TextClassifier(VOCABULARY, 64, 128, classes, reading=reading)


def _bag(bag: type[Bag | DeepBag]) -> Callable[[int], nn.Module]:
    return lambda classes: bag(VOCABULARY, classes)


KINDS = {
    "packed": Kind(_rnn("packed"), 3e-3, True),
    "longest": Kind(_rnn("padded"), 3e-3, True),
    "fifty": Kind(_rnn("padded"), 3e-3, False),
    "bag": Kind(_bag(Bag), 3e-2, True),
    "deep bag": Kind(_bag(DeepBag), 3e-2, True),
}
"""The recurrent net packed, padded to the longest line of each batch, and padded to 50; and two
models that do not see the order."""


def line_classification(
    *,
    seeds: Sequence[int] = (0, 1, 2),
    task: str = "kind",
    models: Sequence[str] = tuple(KINDS),
    scale: Scale | None = None,
) -> LineClassification:
    """Train models on labelled lines of the standard library, test them on those of other files.

    Vocabulary of 1000 from the training lines, the first 50 words of a line, batches of 64,
    Adam with a rate that falls linearly to 0, gradients clipped to norm 1. Leaves PyTorch's
    random state as it was.

    Raises:
        TypeError, ValueError: An argument of another kind, or out of its range.
    """
    asked_each("models", models, validate.choice, tuple(KINDS))
    budget = BUDGETS[asked_scale(scale)]
    lines = snippets("training", task, limit=budget.modules, scale=scale)
    words = vocabulary(lines, VOCABULARY)
    training = encode(lines, words, length=LENGTH)
    tested = snippets("held-out", task, limit=budget.modules, scale=scale)
    held_out = encode(tested, words, length=LENGTH)
    passes = PASSES[task] * budget.factor
    asked_seeds(seeds)
    found = [
        [_measured(KINDS[name], training, held_out, len(TASKS[task]), seed, passes)
         for name in models]
        for seed in seeds
    ]  # fmt: skip
    counts = np.bincount(held_out.labels)
    columns = (np.array([[model[i] for model in row] for row in found]) for i in range(5))
    return LineClassification(
        tuple(seeds),
        task,
        tuple(models),
        len(lines),
        budget.modules,
        np.full(len(seeds), counts.max() / counts.sum()),
        *columns,
    )


def _measured(
    kind: Kind, training: Encoded, held_out: Encoded, classes: int, seed: int, passes: int
) -> tuple[Any, ...]:
    """Train one model; return the last five fields of the result for it."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = kind.build(classes).to(device())
        _train(model, kind, training, passes)
    order = np.arange(len(held_out.labels))
    probability = _probabilities(model, kind, held_out, order)
    said = probability.argmax(axis=1)
    confusion = np.zeros((classes, classes), int)
    np.add.at(confusion, (held_out.labels, said), 1)
    rng = np.random.default_rng([seed, 1])
    sample = rng.permutation(order)[:SAMPLE]
    again = _probabilities(model, kind, held_out, sample).argmax(axis=1)
    mixed = _probabilities(model, kind, _shuffled(held_out, rng), sample).argmax(axis=1)
    return (
        np.mean(said == held_out.labels),
        np.mean(mixed == held_out.labels[sample]),
        np.mean(again != said[sample]),
        confusion,
        probability,
    )


def _train(model: nn.Module, kind: Kind, lines: Encoded, passes: int) -> None:
    optimizer = torch.optim.Adam(model.parameters(), lr=kind.rate, fused=True)
    steps = passes * -(-len(lines.labels) // BATCH)
    schedule = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 0.0, total_iters=steps)
    for _ in range(passes):
        order = torch.randperm(len(lines.labels)).numpy()
        for tokens, lengths, labels in _batches(lines, order, cut=kind.cut):
            loss = cross_entropy(model(tokens, lengths), labels)
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            schedule.step()


def _batches(lines: Encoded, order: np.ndarray, *, cut: bool) -> Iterator[tuple[torch.Tensor, ...]]:
    for start in range(0, len(order), BATCH):
        rows = order[start : start + BATCH]
        width = lines.lengths[rows].max() if cut else LENGTH
        tokens = torch.from_numpy(lines.tokens[rows, :width]).to(device())
        labels = torch.from_numpy(lines.labels[rows]).to(device())
        yield tokens, torch.from_numpy(lines.lengths[rows]), labels


@torch.no_grad()
def _probabilities(
    model: nn.Module, kind: Kind, lines: Encoded, order: np.ndarray
) -> Float[np.ndarray, "lines classes"]:
    """What the model says about these lines, put into batches in their order."""
    batches = _batches(lines, order, cut=kind.cut)
    said = [model(tokens, lengths).softmax(dim=1) for tokens, lengths, _ in batches]
    return torch.cat(said).cpu().numpy()


def _shuffled(lines: Encoded, rng: np.random.Generator) -> Encoded:
    tokens = lines.tokens.copy()
    for row, length in zip(tokens, lines.lengths, strict=True):
        row[:length] = rng.permutation(row[:length])
    return lines._replace(tokens=tokens)
