"""Claims of the chapter on how far back a network can be trained to remember."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from unrolled.claims.registry import claim
from unrolled.experiments.lengths import SequenceLength, sequence_length
from unrolled.settings import Scale

_TASK = (
    "Is the first of T numbers positive? All are from N(0, 1); 64 units, batches of 64 fresh "
    "sequences, Adam at 1e-3, gradients clipped to norm 1, at most 600 updates, and fewer where "
    "the smoothed training accuracy reaches 0.99"
)
_MEASURED = "Accuracy on 2000 further sequences, per seed; a coin has 0.5."


@claim(
    id="memory-ten",
    statement="A tanh network with PyTorch's initialisation can learn what its first of ten "
    "numbers was.",
    source="Chapters on recurrent networks that say they remember 10 to 20 steps.",
    protocol=f"{_TASK}; T = 10. {_MEASURED}",
    bound="0.8..1",
    verdict="holds",
)
def ten(seeds: Sequence[int], scale: Scale) -> list[float]:
    return _accuracies(_trained(tuple(seeds), scale, "tanh", 10))


@claim(
    id="memory-twenty-five",
    statement="Vanilla networks remember 10 to 20 steps.",
    source="Chapters on recurrent networks that say so without a protocol.",
    protocol=f"{_TASK}; T = 25, tanh, PyTorch's initialisation. {_MEASURED}",
    bound="0.44..0.56",
    verdict="only if",
    remark="initialisation, rate, budget and data are these; each of them moves the limit.",
)
def twenty_five(seeds: Sequence[int], scale: Scale) -> list[float]:
    return _accuracies(_trained(tuple(seeds), scale, "tanh", 25))


@claim(
    id="memory-orthogonal",
    statement="No initialisation lets a vanilla network remember 100 steps.",
    source="Motivations of gated cells.",
    protocol=f"{_TASK}; T = 100, tanh, W_hh orthogonal, PyTorch's W_xh times 0.3, no biases at "
    f"the start. {_MEASURED}",
    bound="0.75..1",
    verdict="does not hold",
    remark="With an orthogonal matrix and quiet inputs it learns 100 steps in the same budget.",
)
def orthogonal(seeds: Sequence[int], scale: Scale) -> list[float]:
    return _accuracies(_trained(tuple(seeds), scale, "tanh orthogonal", 100))


@claim(
    id="memory-identity",
    statement="A ReLU network that starts with the identity remembers long.",
    source="Le, Jaitly and Hinton (2015).",
    protocol=f"{_TASK}; T = 50, ReLU, W_hh the identity, no biases at the start. {_MEASURED}",
    bound="0.8..1",
    verdict="holds",
)
def identity(seeds: Sequence[int], scale: Scale) -> list[float]:
    return _accuracies(_trained(tuple(seeds), scale, "relu identity", 50))


@claim(
    id="memory-two-way",
    statement="Bidirectional networks remember further.",
    source="Advice to make a network bidirectional when it forgets.",
    protocol=f"{_TASK}; T = 200, tanh in both directions, PyTorch's initialisation, the last "
    f"states of both read. {_MEASURED}",
    bound="0.9..1",
    verdict="only if",
    remark="what is to be remembered stands at an end; the direction that comes from the other "
    "end reads it last.",
)
def two_way(seeds: Sequence[int], scale: Scale) -> list[float]:
    return _accuracies(_trained(tuple(seeds), scale, "two-way tanh", 200))


@claim(
    id="memory-rate",
    statement="No learning rate lets a default vanilla network learn 25 steps.",
    source="Motivations of gated cells.",
    protocol=f"{_TASK}; but a rate of 5e-3 and at most 1200 updates; T = 25, tanh, PyTorch's "
    "initialisation. The highest accuracy of the seeds on 2000 further sequences; the control is "
    "the same at 1e-3, where none may reach 0.6.",
    bound="0.85..1",
    verdict="does not hold",
    remark="Five times the rate and twice the updates are enough.",
)
def rate(seeds: Sequence[int], scale: Scale) -> float:
    slow, fast = (_longer(tuple(seeds), scale, rate, 0) for rate in (1e-3, 5e-3))
    _control("the usual rate", slow, scale)
    return max(_accuracies(fast))


@claim(
    id="memory-reuse",
    statement="Fresh data for every batch are better than the same data again.",
    source="A rule for avoiding overfitting.",
    protocol=f"{_TASK}; but at most 1200 updates, on batches from the same 400 sequences; T = 25, "
    f"tanh, PyTorch's initialisation. {_MEASURED} The control is the same with fresh sequences, "
    "where none may reach 0.6.",
    bound="0.8..1",
    verdict="does not hold",
    remark="On 400 sequences, seen again and again, the network learns what it does not learn "
    "from as many fresh ones, and it holds on new sequences.",
)
def reuse(seeds: Sequence[int], scale: Scale) -> list[float]:
    _control("fresh data", _longer(tuple(seeds), scale, 1e-3, 0), scale)
    return _accuracies(_longer(tuple(seeds), scale, 1e-3, 400))


@claim(
    id="memory-radius",
    statement="Training keeps the spectral radius of W_hh about where it was.",
    source="Explanations that predict the whole training from the initialisation.",
    protocol=f"{_TASK}; but at most 1200 updates, on batches from the same 400 sequences; T = 25, "
    "tanh, PyTorch's initialisation. Spectral radius of W_hh after training, per seed; before, "
    "it is about 1 / sqrt(3).",
    bound="1.8..8",
    verdict="does not hold",
    remark="In these runs the network learns, and its radius grows to several times what it was.",
)
def radius(seeds: Sequence[int], scale: Scale) -> list[float]:
    return [float(number) for number in _longer(tuple(seeds), scale, 1e-3, 400).radius[:, 0]]


@claim(
    id="memory-forecast",
    statement="The gradient at the start tells whether a network will learn.",
    source="Explanations by vanishing gradients.",
    protocol=f"{_TASK}; tanh with PyTorch's initialisation at T = 10 and 25, orthogonal at 100, "
    "the ReLU identity at 50. Of the gradient that is left at the first state before training: "
    "the least share among the runs that end above 0.75, over the greatest among the others.",
    bound="10..1e8",
    verdict="only if",
    remark="of the first state; a start with enough gradient may still fail later, and a net "
    "that reads both ways has another path.",
)
def forecast(seeds: Sequence[int], scale: Scale) -> float:
    learned, failed = [], []
    for start, length in (
        ("tanh", 10), ("tanh", 25), ("tanh orthogonal", 100), ("relu identity", 50)
    ):  # fmt: skip
        result = _trained(tuple(seeds), scale, start, length)
        left = result.factor[:, 0] ** (length - 1)
        right = result.accuracy[:, 0] > 0.75
        learned += [*left[right]]
        failed += [*left[~right]]
    if scale == "smoke":  # nothing is learned in eight updates
        return float(max(failed) / min(failed))
    if not (learned and failed):
        raise ArithmeticError(f"of all runs {len(learned)} learned and {len(failed)} did not")
    return float(min(learned) / max(failed))


def _accuracies(result: SequenceLength) -> list[float]:
    return [float(share) for share in result.accuracy[:, 0]]


@lru_cache(maxsize=16)
def _trained(seeds: tuple[int, ...], scale: Scale, start: str, length: int) -> SequenceLength:
    return sequence_length(seeds=seeds, start=start, lengths=(length,), scale=scale)


def _control(name: str, result: SequenceLength, scale: Scale) -> None:
    if scale != "smoke" and max(_accuracies(result)) >= 0.6:
        raise ArithmeticError(f"{name} can learn it, too: {_accuracies(result)}")


@lru_cache(maxsize=4)
def _longer(seeds: tuple[int, ...], scale: Scale, rate: float, stock: int) -> SequenceLength:
    steps = {"smoke": 4, "site": 1200, "full": 1200}[scale]
    return sequence_length(seeds=seeds, lengths=(25,), rate=rate, stock=stock, steps=steps)
