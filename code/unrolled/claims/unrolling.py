"""Claims of the chapter on unrolling."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from unrolled.claims.registry import claim
from unrolled.experiments.capacity import memory_capacity
from unrolled.experiments.influence import input_influence, last_trace
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
    source="Werbos, Backpropagation through time: what it does and how to do it, "
    "Proceedings of the IEEE 78 (1990).",
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
    id="unrolling-small-derivative",
    statement="With weights of scale 0.01, an input five steps back hardly moves the last state.",
    source="Listings that start from such weights, like Karpathy's min-char-rnn.py (2015).",
    protocol=f"Untrained, weights N(0, 0.01²), {_HISTORY}, float64; norm of the derivative of the "
    "last state with respect to the input five steps before the last, per seed.",
    bound="1e-9..4e-8",
    verdict="holds",
    seeds=range(10),
)
def small_derivative(seeds: Sequence[int], scale: Scale) -> list[float]:
    return _derivative_at_five(seeds, 0.01)


@claim(
    id="unrolling-large-derivative",
    statement="The last state clearly depends on an input five steps back.",
    source="Introductions, where they explain what the hidden state is for.",
    protocol=f"Untrained, weights N(0, 0.3²), {_HISTORY}, float64; norm of the derivative of the "
    "last state with respect to the input five steps before the last, per seed.",
    bound="0.05..3",
    verdict="only if",
    remark="the weights are large enough: with 0.01 instead of 0.3 it is below 1e-7.",
    seeds=range(10),
)
def large_derivative(seeds: Sequence[int], scale: Scale) -> list[float]:
    return _derivative_at_five(seeds, 0.3)


def _derivative_at_five(seeds: Sequence[int], weight_scale: float) -> list[float]:
    result = input_influence(seeds=seeds, scales=(weight_scale,), lags=20)
    return [float(derivative) for derivative in result.derivative[:, 0, 5]]


@claim(
    id="unrolling-whole-history",
    statement="The last state of a recurrent network encodes its whole history.",
    source="Introductions, where they explain what the hidden state is for.",
    protocol=f"Untrained, weights N(0, 0.01²), {_HISTORY}, float32; steps back from which on none "
    "of 20 other histories changes a bit of the last state, per seed.",
    bound="5..12",
    verdict="only if",
    remark="the weights carry it that far: here other inputs ten steps back leave no trace.",
    seeds=range(10),
)
def whole_history(seeds: Sequence[int], scale: Scale) -> list[float]:
    result = last_trace(seeds=seeds, scales=(0.01,))
    return [float(steps) for steps in result.same_after[:, 0]]


_READ_OUT = (
    "hidden 16, one N(0, 1) number a step, float32; share of the variance of the input five steps "
    "back that the best linear read-out recovers on 2000 fresh steps, per seed"
)


@claim(
    id="unrolling-faint-but-readable",
    statement="An input that moves the last state by a hundred-millionth cannot be read from it.",
    source="A conclusion that one is tempted to draw from the derivative.",
    protocol=f"Untrained, W_hh from N(0, 0.01²), W_xh from N(0, 0.01²), {_READ_OUT}; the "
    "derivative is below 1e-7.",
    bound="0.1..1",
    verdict="does not hold",
    remark="A read-out can magnify it, as long as it stays above the last digit.",
    seeds=range(10),
)
def faint_but_readable(seeds: Sequence[int], scale: Scale) -> list[float]:
    result = memory_capacity(
        seeds=seeds, start="gaussian", gain=0.04, input_scale=0.01, scale=scale
    )
    if not (result.derivative[:, 5] < 1e-7).all():
        raise ArithmeticError(f"the derivative is not small: {result.derivative[:, 5]}")
    return [float(share) for share in result.r2[:, 5]]


@claim(
    id="unrolling-strong-but-unreadable",
    statement="An input that moves the last state by as much as it is moved can be read from it.",
    source="A conclusion that one is tempted to draw from the derivative.",
    protocol=f"Untrained, W_hh from N(0, 0.5²), W_xh from N(0, 0.5²), {_READ_OUT}; the derivative "
    "is above 0.3 in the median.",
    bound="-0.05..0.5",
    verdict="does not hold",
    remark="All inputs move the state, and a linear read-out cannot tell them apart.",
    seeds=range(10),
)
def strong_but_unreadable(seeds: Sequence[int], scale: Scale) -> list[float]:
    result = memory_capacity(seeds=seeds, start="gaussian", gain=2.0, input_scale=0.5, scale=scale)
    if not np.median(result.derivative[:, 5]) > 0.3:
        raise ArithmeticError(f"the derivative is not large: {result.derivative[:, 5]}")
    return [float(share) for share in result.r2[:, 5]]


@claim(
    id="unrolling-capacity",
    statement="A linear read-out recovers at most 16 independent inputs' worth from 16 units.",
    source="Jaeger, Short term memory in echo state networks, GMD Report 152 (2001).",
    protocol="Untrained, W_hh 0.9 times an orthogonal matrix, W_xh from N(0, 0.1²), hidden 16, one "
    "N(0, 1) number a step, float32; for each lag from 0 to 40 the share of variance that the best "
    "linear read-out recovers on 2000 fresh steps, added up, per seed.",
    bound="12..16",
    verdict="holds",
    seeds=range(10),
)
def capacity(seeds: Sequence[int], scale: Scale) -> list[float]:
    return [float(total) for total in memory_capacity(seeds=seeds, scale=scale).capacity]
