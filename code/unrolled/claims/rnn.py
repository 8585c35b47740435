"""Claims of the chapter on the vanilla RNN."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import torch

from unrolled.claims.registry import claim
from unrolled.experiments.generalisation import LengthGeneralisation, length_generalisation
from unrolled.experiments.order import order_sensitivity
from unrolled.parity import to_torch
from unrolled.rnn import VanillaRNN
from unrolled.settings import Scale


@claim(
    id="rnn-parameter-count",
    statement="A vanilla RNN with input 10, hidden 32 and output 5 has 1541 parameters.",
    source="The count worked out by hand in most courses: 10·32 + 32·32 + 32 + 32·5 + 5.",
    protocol="The sizes of the five arrays of VanillaRNN(10, 32, 5), added up.",
    bound="1541..1541",
    verdict="holds",
    seeds=(0,),
)
def parameter_count(seeds: Sequence[int], scale: Scale) -> int:
    return sum(array.size for array in VanillaRNN(10, 32, 5).parameters.values())


@claim(
    id="rnn-torch-parameter-count",
    statement="Built from nn.RNN and nn.Linear, a network with input 10, hidden 32 and output 5 "
    "has 1541 parameters.",
    source="Counts by hand that are then compared with what PyTorch reports.",
    protocol="The elements of all parameters of nn.RNN(10, 32) and nn.Linear(32, 5), added up.",
    bound="1573..1573",
    verdict="does not hold",
    remark="The state of nn.RNN has two biases where the formula needs one.",
    seeds=(0,),
)
def torch_parameter_count(seeds: Sequence[int], scale: Scale) -> int:
    modules = to_torch(VanillaRNN(10, 32, 5))
    return sum(parameter.numel() for module in modules for parameter in module.parameters())


@claim(
    id="rnn-equals-torch",
    statement="The forward pass written in NumPy computes what nn.RNN computes.",
    source="Elman, Finding Structure in Time, Cognitive Science 14 (1990); "
    "the formula in the documentation of torch.nn.RNN.",
    protocol="Input 10, hidden 32, output 5, batch 8, 20 steps, the same weights N(0, 1/32) in "
    "float64; largest absolute difference of states and outputs, per seed.",
    bound="..1e-13",
    verdict="holds",
)
def equals_torch(seeds: Sequence[int], scale: Scale) -> list[float]:
    return [_difference_from_torch(seed) for seed in seeds]


def _difference_from_torch(seed: int) -> float:
    model = VanillaRNN(10, 32, 5, seed=seed, dtype=np.float64)
    inputs = np.random.default_rng([seed, 1]).normal(size=(8, 20, 10))
    outputs = model.forward(inputs)
    rnn, readout = to_torch(model)
    with torch.no_grad():
        states, _ = rnn(torch.from_numpy(inputs))
        differences = (
            model.states - states.numpy(),
            outputs - readout(states).numpy(),
        )
    return max(float(np.abs(difference).max()) for difference in differences)


@claim(
    id="rnn-order-changes-state",
    statement="An RNN's final state depends on the order of its inputs.",
    source="The usual motivation for recurrent networks over averages of embeddings.",
    protocol="Untrained networks with weights N(0, 1/32), input 10, hidden 32, 20 steps of "
    "N(0, 1); the final state before and after a permutation of the steps, distance over the "
    "larger norm; median of 20 permutations, per seed.",
    bound="1.0..1.55",
    verdict="holds",
    seeds=range(10),
)
def order_changes_state(seeds: Sequence[int], scale: Scale) -> list[float]:
    change = order_sensitivity(seeds=seeds).state_change
    return [float(median) for median in np.median(change, axis=1)]


@claim(
    id="rnn-accuracy-at-training-length",
    statement="A vanilla RNN learns to tell the sign of a sum of ten numbers.",
    source="Introductions that take adding up as a first task for recurrent networks.",
    protocol="A tanh nn.RNN with 32 units, one number a step, 500 fresh batches of "
    "64 sequences of 10 steps of N(0, 1), Adam from 3e-3 to 0, gradients clipped to norm 1; "
    "accuracy on 2000 fresh ones of 10 steps, per seed; the majority class scores about 0.5.",
    bound="0.95..1",
    verdict="holds",
)
def accuracy_at_training_length(seeds: Sequence[int], scale: Scale) -> list[float]:
    return _accuracy(seeds, scale, length=10)


@claim(
    id="rnn-accuracy-at-1000",
    statement="Trained on sequences of 10 steps, an RNN works on sequences of 1000.",
    source="Introductions that conclude it from the parameters being shared over time.",
    protocol="The network of rnn-accuracy-at-training-length, trained at 10 steps only; "
    "accuracy on 2000 fresh sequences of 1000 steps, per seed; "
    "the majority class scores about 0.5.",
    bound="0.51..0.61",
    verdict="does not hold",
    remark="It runs there, as no parameter depends on the length, but it hardly beats guessing.",
)
def accuracy_at_1000(seeds: Sequence[int], scale: Scale) -> list[float]:
    return _accuracy(seeds, scale, length=1000)


def _accuracy(seeds: Sequence[int], scale: Scale, length: int) -> list[float]:
    result = _trained(tuple(seeds), scale)
    column = result.test_lengths.index(length)
    return [float(accuracy) for accuracy in result.accuracy[:, column]]


@lru_cache(maxsize=2)
def _trained(seeds: tuple[int, ...], scale: Scale) -> LengthGeneralisation:
    """Two claims, one training."""
    return length_generalisation(seeds=seeds, test_lengths=(10, 1000), scale=scale)
