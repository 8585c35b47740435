"""Claims of the chapter on unrolling."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from unrolled.claims.registry import claim
from unrolled.experiments.capacity import memory_capacity
from unrolled.experiments.influence import InputInfluence, input_influence
from unrolled.gradcheck import relative_error
from unrolled.layers import copies, feed_forward
from unrolled.rnn import VanillaRNN
from unrolled.settings import Scale

_FIVE_STEPS = "Input 4, hidden 8, 5 steps of N(0, 1), weights N(0, 1/8), float64"


@claim(
    id="unrolling-equals-layers",
    statement="An RNN that reads T inputs is a feed-forward network of T equal layers.",
    source="Rumelhart, Hinton and Williams, Learning representations by back-propagating errors, "
    "Nature 323 (1986).",
    protocol=f"{_FIVE_STEPS}; largest absolute difference between the last state and the output "
    "of five layers that hold copies of the weights, per seed.",
    bound="..1e-14",
    verdict="holds",
)
def equals_layers(seeds: Sequence[int], scale: Scale) -> list[float]:
    def difference(seed: int) -> float:
        model, inputs = _network(seed)
        model.forward(inputs)
        with torch.no_grad():
            above = feed_forward(copies(model, 5), torch.from_numpy(inputs))
        return float(abs(model.states[-1] - above.numpy()).max())

    return [difference(seed) for seed in seeds]


@claim(
    id="unrolling-gradient-is-a-sum",
    statement="The gradient of a shared weight is the sum of the gradients of its copies.",
    source="Rumelhart, Hinton and Williams, Learning representations by back-propagating errors, "
    "Nature 323 (1986).",
    protocol=f"{_FIVE_STEPS}; a random linear loss of the last state; relative error between "
    "∂L/∂W_hh by backpropagation through time and the sum of what autograd finds for five "
    "copies, per seed.",
    bound="..1e-13",
    verdict="holds",
)
def gradient_is_a_sum(seeds: Sequence[int], scale: Scale) -> list[float]:
    def error(seed: int) -> float:
        model, inputs = _network(seed)
        outputs = model.forward(inputs)
        d_last = np.random.default_rng([seed, 2]).normal(size=outputs.shape[-1])
        ours = model.backward(d_last)["W_hh"]
        layers = copies(model, 5)
        last = feed_forward(layers, torch.from_numpy(inputs))
        loss = last @ torch.from_numpy(model.W_hy @ d_last)
        loss.backward()  # type: ignore[no-untyped-call]
        theirs = torch.stack([_grad(layer["W_hh"]) for layer in layers]).sum(0)
        return relative_error(ours, theirs.numpy())

    return [error(seed) for seed in seeds]


def _network(seed: int) -> tuple[VanillaRNN, np.ndarray]:
    inputs = np.random.default_rng([seed, 1]).normal(size=(5, 4))
    return VanillaRNN(4, 8, 3, seed=seed, dtype=np.float64), inputs


def _grad(tensor: torch.Tensor) -> torch.Tensor:
    assert tensor.grad is not None
    return tensor.grad


_HISTORY = "input 4, hidden 16, N(0, 1) inputs"


@claim(
    id="unrolling-history-small-weights",
    statement="The last state of a recurrent network encodes its whole history.",
    source="Introductions, where they explain what the hidden state is for.",
    protocol=f"Untrained, weights N(0, 0.01²), {_HISTORY}, float64; norm of the derivative of the "
    "last state with respect to the input five steps before the last, per seed.",
    bound="1e-9..4e-8",
    verdict="does not hold",
    remark="How much of an input is left depends on the weights and on the number of steps.",
    seeds=range(10),
)
def history_small_weights(seeds: Sequence[int], scale: Scale) -> list[float]:
    return [float(d) for d in _influence(seeds, 0.01).derivative[:, 0, 5]]


@claim(
    id="unrolling-history-large-weights",
    statement="The last state clearly depends on an input five steps back.",
    source="The same introductions, where they give an example.",
    protocol=f"Untrained, weights N(0, 0.3²), {_HISTORY}, float64; norm of the derivative of the "
    "last state with respect to the input five steps before the last, per seed.",
    bound="0.05..3",
    verdict="only if",
    remark="the weights are large enough: with a hundredth instead of 0.3 it is below 1e-7.",
    seeds=range(10),
)
def history_large_weights(seeds: Sequence[int], scale: Scale) -> list[float]:
    return [float(d) for d in _influence(seeds, 0.3).derivative[:, 0, 5]]


@claim(
    id="unrolling-no-trace",
    statement="Every input leaves some trace in the last state, however faint.",
    source="What is left of the claim when one admits that memory fades.",
    protocol=f"Untrained, weights N(0, 0.01²), {_HISTORY}, float32; steps back from which on the "
    "negative of an input leaves every bit of the last state as it was, per seed.",
    bound="4..14",
    verdict="does not hold",
    remark="Numbers have a last digit, and below it there is nothing.",
    seeds=range(10),
)
def no_trace(seeds: Sequence[int], scale: Scale) -> list[float]:
    return [float(steps) for steps in _influence(seeds, 0.01).same_after[:, 0]]


def _influence(seeds: Sequence[int], weight_scale: float) -> InputInfluence:
    return input_influence(seeds=seeds, scales=(weight_scale,))


@claim(
    id="unrolling-capacity",
    statement="A state of 16 numbers can keep more than 16 past inputs for a linear read-out.",
    source="Nobody says it in numbers; the whole history in one state would need it.",
    protocol="Untrained, W_hh 0.9 times an orthogonal matrix, hidden 16, one N(0, 1) number a "
    "step, float32; for each lag from 0 to 40 the share of variance that the best linear "
    "read-out recovers on 2000 fresh steps, added up, per seed.",
    bound="10..16",
    verdict="does not hold",
    remark="For independent inputs the sum cannot exceed the number of units (Jaeger 2001).",
    seeds=range(10),
)
def capacity(seeds: Sequence[int], scale: Scale) -> list[float]:
    result = memory_capacity(seeds=seeds, init="orthogonal", weight_scale=0.9, scale=scale)
    return [float(total) for total in result.capacity]
