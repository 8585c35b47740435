"""Claims of the chapter on backpropagation through time."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from unrolled.claims.registry import claim
from unrolled.experiments.recurrence import dropped_recurrence
from unrolled.experiments.truncation import truncation_error
from unrolled.gradcheck import gradient_check, relative_error
from unrolled.parity import autograd_gradients
from unrolled.rnn import VanillaRNN
from unrolled.settings import Scale


@claim(
    id="bptt-equals-autograd",
    statement="Backpropagation through time, derived by hand, gives the gradients of autograd.",
    source="Werbos, Backpropagation through time: what it does and how to do it, "
    "Proceedings of the IEEE 78 (1990).",
    protocol="Weights N(0, 1/32), input 10, hidden 32, output 5, batch 8, 20 steps, float64, a "
    "random linear loss at every step; worst relative error over the gradients of the five "
    "parameters, the inputs, h0 and the states, per seed.",
    bound="..1e-13",
    verdict="holds",
)
def equals_autograd(seeds: Sequence[int], scale: Scale) -> list[float]:
    return [_error_against_autograd(seed) for seed in seeds]


def _error_against_autograd(seed: int) -> float:
    rng = np.random.default_rng([seed, 1])
    model = VanillaRNN(10, 32, 5, seed=seed, dtype=np.float64)
    inputs, h0 = rng.normal(size=(8, 20, 10)), rng.normal(size=(8, 32))
    d_outputs = rng.normal(size=(8, 20, 5))
    model.forward(inputs, h0)
    ours = model.backward(d_outputs)
    ours |= {"inputs": model.d_inputs, "h0": model.d_h0, "states": model.d_states}
    theirs = autograd_gradients(model, inputs, d_outputs, h0)
    return max(relative_error(ours[name], theirs[name]) for name in theirs)


@claim(
    id="bptt-equals-finite-differences",
    statement="Finite differences confirm the gradients of backpropagation through time.",
    source="The gradient check recommended wherever a backward pass is written by hand.",
    protocol="Weights N(0, 1/8), input 4, hidden 8, output 3, 10 steps, float64, central "
    "differences of step 1e-6, a random linear loss at every step; worst relative error over the "
    "five parameters, per seed.",
    bound="..1e-8",
    verdict="holds",
)
def equals_finite_differences(seeds: Sequence[int], scale: Scale) -> list[float]:
    def worst(seed: int) -> float:
        inputs = np.random.default_rng([seed, 2]).normal(size=(10, 4))
        return max(gradient_check(VanillaRNN(4, 8, 3, seed=seed), inputs, seed=seed).values())

    return [worst(seed) for seed in seeds]


_WITHOUT_RECURRENCE = (
    "input 4, hidden 16, output 3, 10 steps of N(0, 1), a random linear loss at every step; "
    "relative error of ∂L/∂W_hh when no gradient flows from a state to the one before; "
    "median of 20 networks, per seed."
)


@claim(
    id="bptt-dropped-recurrence-small-weights",
    statement="With weights of scale 0.01, a backward pass without the recurrence is nearly right.",
    source="Nowhere in words; every check of a backward pass on such weights relies on it, and "
    "listings like Karpathy's min-char-rnn.py (2015) start from them.",
    protocol=f"Weights N(0, 0.01²), {_WITHOUT_RECURRENCE}",
    bound="0.025..0.055",
    verdict="holds",
    remark="So a loose tolerance, or a look at the numbers, lets it pass.",
    seeds=range(10),
)
def dropped_recurrence_small_weights(seeds: Sequence[int], scale: Scale) -> list[float]:
    errors = dropped_recurrence(seeds=seeds, scales=(0.01,), scale=scale).W_hh_error[:, 0]
    return [float(error) for error in errors]


@claim(
    id="bptt-gradient-norm-proves-nothing",
    statement="A gradient norm that is not zero shows that the backward pass is right.",
    source="The last line of many from-scratch exercises: print the norms, see that none is zero.",
    protocol=f"Weights N(0, 0.3²), {_WITHOUT_RECURRENCE}",
    bound="0.68..0.84",
    verdict="does not hold",
    remark="Without the recurrence the norm is far from zero, and the gradient far from right.",
    seeds=range(10),
)
def gradient_norm_proves_nothing(seeds: Sequence[int], scale: Scale) -> list[float]:
    result = dropped_recurrence(seeds=seeds, scales=(0.3,), scale=scale)
    if not (result.wrong_norm > 0.1).all():
        raise ArithmeticError("the wrong gradient is nearly zero: this says nothing any more")
    return [float(error) for error in result.W_hh_error[:, 0]]


_WINDOW_OF_TEN = (
    "input 4, hidden 32, output 3, 50 steps of N(0, 1), batch 64, a random linear loss at every "
    "step; cosine of ∂L/∂W_hh cut into windows of 10 steps with the uncut one, per seed."
)


@claim(
    id="bptt-truncated-direction",
    statement="Cut into windows of 10 of 50 steps, the gradient hardly changes its direction.",
    source="The usual justification of truncated backpropagation through time.",
    protocol=f"Untrained, PyTorch's default weights U(±1/√32), {_WINDOW_OF_TEN}",
    bound="0.94..1",
    verdict="only if",
    remark="the network forgets within a window, as one with default weights does.",
    seeds=range(5),
)
def truncated_direction(seeds: Sequence[int], scale: Scale) -> list[float]:
    return _cosine_of_window_ten(seeds, init="uniform")


@claim(
    id="bptt-truncated-direction-long-memory",
    statement="With a long memory, too, windows of 10 of 50 steps hardly change the gradient's "
    "direction.",
    source="The usual justification of truncated backpropagation through time, applied to networks "
    "that remember for long.",
    protocol=f"Untrained, W_hh orthogonal, the other weights U(±1/√32), {_WINDOW_OF_TEN}",
    bound="0.7..0.93",
    verdict="does not hold",
    remark="The truncated gradient still leads downhill, but it has clearly turned.",
    seeds=range(5),
)
def truncated_direction_long_memory(seeds: Sequence[int], scale: Scale) -> list[float]:
    return _cosine_of_window_ten(seeds, init="orthogonal")


def _cosine_of_window_ten(seeds: Sequence[int], init: str) -> list[float]:
    cosine = truncation_error(seeds=seeds, windows=(10,), init=init).cosine[:, 0]
    return [float(each) for each in cosine]
