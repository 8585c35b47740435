"""Claims of the chapter on exploding gradients and clipping."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import torch
from torch.nn.utils import clip_grad_norm_

from unrolled.claims.registry import claim
from unrolled.experiments.cliffs import loss_along_weight
from unrolled.experiments.clipping import clipping_direction
from unrolled.experiments.lags import gradient_by_lag
from unrolled.experiments.shares import weight_gradient_shares
from unrolled.experiments.spectra import spectrum
from unrolled.experiments.unclipped import UnclippedTraining, unclipped_training
from unrolled.settings import Scale

_BACK = (
    "input 4, hidden 64, batch 32, 101 steps of N(0, 1), float64, a random linear loss at the "
    "last step; ‖∂L/∂h_{T-50}‖ / ‖∂L/∂h_T‖ to the power 1/50, per seed."
)


@claim(
    id="exploding-spectral-radius",
    statement="A spectral radius of W_hh above one makes gradients explode.",
    source="Introductions that reduce the matter to the largest eigenvalue.",
    protocol="Untrained tanh networks, W_hh Gaussian of gain 1.5 (spectral radius above 1.25), "
    f"x_t W_xh with a standard deviation of 1, {_BACK}",
    bound="0.75..0.97",
    verdict="only if",
    remark="the slopes leave it so: with this gain and strong inputs, those of tanh undo what the "
    "matrix does.",
    seeds=range(10),
)
def above_one(seeds: Sequence[int], scale: Scale) -> list[float]:
    radius = spectrum(seeds=seeds, start="gaussian", gain=1.5, powers=1).spectral_radius
    if not (radius > 1.25).all():
        raise ArithmeticError(f"spectral radius {radius}, this says nothing any more")
    return _factor(seeds, gain=1.5, drive=1.0)


@claim(
    id="exploding-spectral-radius-linear",
    statement="Without a nonlinearity, a spectral radius above one makes gradients explode.",
    source="Powers of a matrix: in the long run they grow by the spectral radius a step.",
    protocol=f"Untrained linear networks, W_hh Gaussian of gain 1.5, {_BACK}",
    bound="1.3..2.1",
    verdict="holds",
    seeds=range(10),
)
def above_one_linear(seeds: Sequence[int], scale: Scale) -> list[float]:
    return _factor(seeds, gain=1.5, nonlinearity="linear")


@claim(
    id="exploding-gain-3",
    statement="Large random weights make gradients explode in a tanh network, too.",
    source="Sompolinsky, Crisanti and Sommers, Chaos in random neural networks, Physical Review "
    "Letters 61 (1988).",
    protocol=f"Untrained tanh networks, W_hh Gaussian of gain 3, {_BACK}",
    bound="1.12..1.5",
    verdict="holds",
    seeds=range(10),
)
def gain_3(seeds: Sequence[int], scale: Scale) -> list[float]:
    return _factor(seeds, gain=3.0)


def _factor(seeds: Sequence[int], **options: Any) -> list[float]:
    result = gradient_by_lag(seeds=seeds, start="gaussian", **options)
    return [float(factor) for factor in result.factor(50)]


@claim(
    id="exploding-cliffs",
    statement="The loss of a recurrent network has cliffs.",
    source="Pascanu, Mikolov and Bengio, On the difficulty of training recurrent neural networks, "
    "ICML (2013).",
    protocol="Untrained tanh networks, W_hh Gaussian of gain 2, hidden 32, 50 steps of one N(0, 1) "
    "number, half the squared error at the last step; steepest slope of the loss at 201 values of "
    "one weight within ±1, median over the seeds.",
    bound="20..",
    verdict="only if",
    remark="the weights are large, and then for most networks; with a gain of 1 few have any.",
    seeds=range(6),
)
def cliffs(seeds: Sequence[int], scale: Scale) -> float:
    slope = abs(loss_along_weight(seeds=seeds, gain=2.0).slope)
    return float(np.median(slope.max(axis=1)))


_TRAINING = (
    "hidden 32, 50 steps of one N(0, 1) number, sign of the sum, 150 fresh batches of 32, "
    "gradient descent at 0.1, float32"
)


@claim(
    id="exploding-nan-tanh",
    statement="Without clipping, training a recurrent network gives NaN within a few batches.",
    source="Introductions to gradient clipping.",
    protocol=f"Tanh networks, W_hh Gaussian of gain 1, 2 and 3, {_TRAINING}, no clipping; how many "
    "of the three runs met NaN or infinity, per seed.",
    bound="0..0",
    verdict="does not hold",
    remark="The states of a tanh network stay within ±1, and gradients even of millions are "
    "numbers; it stops learning instead.",
)
def nan_tanh(seeds: Sequence[int], scale: Scale) -> list[float]:
    result = _training(tuple(seeds), scale, "tanh")
    gains = [result.gains.index(gain) for gain in (1.0, 2.0, 3.0)]
    return [float(broken) for broken in (result.survived < result.batches)[:, gains, 0].sum(axis=1)]


@claim(
    id="exploding-nan-relu",
    statement="Without clipping, training a ReLU network gives NaN within a few batches.",
    source="Introductions to gradient clipping, of the network of which it is true.",
    protocol=f"ReLU networks, W_hh Gaussian of gain 2, {_TRAINING}, no clipping; updates until "
    "something is NaN or infinite, per seed.",
    bound="0..20",
    verdict="only if",
    remark="the weights are large: nothing holds the states of a ReLU network within bounds.",
)
def nan_relu(seeds: Sequence[int], scale: Scale) -> list[float]:
    result = _training(tuple(seeds), scale, "relu")
    return [float(updates) for updates in result.survived[:, result.gains.index(2.0), 0]]


@claim(
    id="exploding-clipping-stops-nan",
    statement="Clipping by norm keeps the weights from becoming NaN.",
    source="Clipping recommended as the cure of NaN in training.",
    protocol=f"ReLU networks, W_hh Gaussian of gain 1, 2 and 3, {_TRAINING}, clipped to norm 1; "
    "how many of the three runs met NaN or infinity, per seed, where without clipping some do.",
    bound="0..0",
    verdict="only if",
    remark="the gradient is finite when it is clipped: a NaN that is there already passes through.",
)
def clipping_stops_nan(seeds: Sequence[int], scale: Scale) -> list[float]:
    result = _training(tuple(seeds), scale, "relu")
    plain, clipped = np.moveaxis((result.survived < result.batches).sum(axis=1), -1, 0)
    if not plain.all():
        raise ArithmeticError(f"broken without clipping: {plain}, this says nothing any more")
    return [float(broken) for broken in clipped]


@claim(
    id="exploding-clipping-helps",
    statement="Clipping by norm makes a recurrent network learn better.",
    source="Pascanu, Mikolov and Bengio, On the difficulty of training recurrent neural networks, "
    "ICML (2013).",
    protocol=f"Tanh networks, W_hh Gaussian of gain 1, {_TRAINING}; accuracy on 1000 fresh "
    "sequences with clipping to norm 1 minus accuracy without, median over the seeds.",
    bound="0.02..0.45",
    verdict="only if",
    remark="the rate is too high for the long gradients; with a small rate, some seeds learn "
    "without clipping, and others hardly begin.",
)
def clipping_helps(seeds: Sequence[int], scale: Scale) -> float:
    accuracy = _training(tuple(seeds), scale, "tanh").accuracy[:, 0]
    return float(np.median(accuracy[:, 1] - accuracy[:, 0]))


@claim(
    id="exploding-clipping-rescues",
    statement="Clipping makes any exploding network trainable.",
    source="Clipping recommended as the cure of exploding gradients.",
    protocol=f"Tanh networks, W_hh Gaussian of gain 3, {_TRAINING}, clipped to norm 1; accuracy on "
    "1000 fresh sequences, per seed; the majority class scores about 0.5.",
    bound="0.42..0.6",
    verdict="does not hold",
    remark="With this start and budget the shortened steps lead nowhere.",
)
def clipping_rescues(seeds: Sequence[int], scale: Scale) -> list[float]:
    result = _training(tuple(seeds), scale, "tanh")
    return [float(accuracy) for accuracy in result.accuracy[:, result.gains.index(3.0), 1]]


@lru_cache(maxsize=4)
def _training(seeds: tuple[int, ...], scale: Scale, nonlinearity: str) -> UnclippedTraining:
    gains = (1.0, 2.0, 3.0)
    budget: Scale = "smoke" if scale == "smoke" else "site"  # the protocol names it
    return unclipped_training(seeds=seeds, gains=gains, nonlinearity=nonlinearity, scale=budget)


_CLIPPED = (
    "The gradient of an untrained tanh network with W_hh Gaussian of gain 2, input 4, hidden 64, "
    "batch 32, 50 steps"
)


@claim(
    id="exploding-clip-norm-direction",
    statement="Clipping by norm keeps the direction of the gradient.",
    source="Pascanu, Mikolov and Bengio, On the difficulty of training recurrent neural networks, "
    "ICML (2013).",
    protocol=f"{_CLIPPED}, clipped to a thousandth of its norm; 1 minus the cosine with the whole "
    "gradient, per seed.",
    bound="-1e-12..1e-12",
    verdict="holds",
    seeds=range(6),
)
def clip_norm_direction(seeds: Sequence[int], scale: Scale) -> list[float]:
    cosine = clipping_direction(seeds=seeds, fractions=(0.001,)).cosine_by_norm
    return [float(1 - c) for c in cosine[:, 0]]


@claim(
    id="exploding-clip-value-direction",
    statement="Clipping by value keeps the direction of the gradient.",
    source="Clipping by value and by norm treated as two versions of one thing.",
    protocol=f"{_CLIPPED}, every number cut off at a hundredth of the largest; cosine with the "
    "whole gradient, per seed.",
    bound="0.35..0.8",
    verdict="does not hold",
    remark="Large numbers are cut and small ones are not, so the gradient turns.",
    seeds=range(6),
)
def clip_value_direction(seeds: Sequence[int], scale: Scale) -> list[float]:
    cosine = clipping_direction(seeds=seeds, fractions=(0.01,)).cosine_by_value
    return [float(c) for c in cosine[:, 0]]


@claim(
    id="exploding-returned-norm",
    statement="PyTorch's clip_grad_norm_ returns the norm of the clipped gradient.",
    source="Logs of a gradient norm that is said never to exceed the limit.",
    protocol="A gradient of 1000 numbers N(0, 1) in float64, clipped to norm 1 by "
    "torch.nn.utils.clip_grad_norm_; what it returns over the norm before, per seed.",
    bound="0.999999..1.000001",
    verdict="does not hold",
    remark="It returns the norm before clipping, which is the number to log.",
)
def returned_norm(seeds: Sequence[int], scale: Scale) -> list[float]:
    def ratio(seed: int) -> float:
        parameter = _with_gradient(np.random.default_rng(seed).normal(size=1000))
        assert parameter.grad is not None
        before = float(parameter.grad.norm())
        return float(clip_grad_norm_([parameter], 1.0)) / before

    return [ratio(seed) for seed in seeds]


@claim(
    id="exploding-nan-passes",
    statement="Clipping protects the weights from a gradient that is not a number.",
    source="Clipping used as a guard against NaN.",
    protocol="A gradient of 1000 numbers N(0, 1), one of them replaced by NaN, clipped to norm 1 "
    "by torch.nn.utils.clip_grad_norm_; share of NaN afterwards, per seed.",
    bound="1..1",
    verdict="does not hold",
    remark="The norm is NaN, and every number is multiplied by the limit over it. "
    "error_if_nonfinite=True raises an error instead.",
)
def nan_passes(seeds: Sequence[int], scale: Scale) -> list[float]:
    def share(seed: int) -> float:
        gradient = np.random.default_rng(seed).normal(size=1000)
        gradient[seed % 1000] = np.nan
        parameter = _with_gradient(gradient)
        clip_grad_norm_([parameter], 1.0)
        assert parameter.grad is not None
        return float(parameter.grad.isnan().double().mean())

    return [share(seed) for seed in seeds]


def _with_gradient(gradient: np.ndarray) -> torch.nn.Parameter:
    parameter = torch.nn.Parameter(torch.zeros(gradient.shape, dtype=torch.float64))
    parameter.grad = torch.from_numpy(gradient)
    return parameter


@claim(
    id="exploding-into-existence",
    statement="You cannot clip a gradient into existence.",
    source="A saying about clipping and vanishing gradients.",
    protocol="Untrained, weights as nn.RNN draws them, input 4, hidden 64, batch 32, 50 steps; "
    "norm of the part of ∂L/∂W_hh that comes from steps 25 and more back, over the norm of the "
    "whole, which clipping leaves as it is, per seed.",
    bound="..1e-4",
    verdict="holds",
    seeds=range(10),
)
def into_existence(seeds: Sequence[int], scale: Scale) -> list[float]:
    tail = weight_gradient_shares(seeds=seeds, lengths=(50,)).tail
    return [float(part) for part in tail[:, 25]]
