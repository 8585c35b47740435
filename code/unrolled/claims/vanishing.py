"""Claims of the chapter on vanishing gradients."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from unrolled.claims.registry import claim
from unrolled.experiments.denormals import denormal_lags
from unrolled.experiments.lags import gradient_by_lag
from unrolled.experiments.saturation import saturation_by_drive
from unrolled.experiments.shares import weight_gradient_shares
from unrolled.experiments.spectra import norms_of_powers, spectrum
from unrolled.settings import Scale
from unrolled.starts import untrained

_BACK = (
    "input 4, hidden 64, batch 32, 101 steps of N(0, 1), float64, a random linear loss at the "
    "last step"
)
_DEFAULT = "Untrained, weights and biases as nn.RNN draws them, U(±1/√64)"
_FACTOR = "‖∂L/∂h_{T-50}‖ / ‖∂L/∂h_T‖ to the power 1/50, per seed."


@claim(
    id="vanishing-default-factor",
    statement="With PyTorch's default weights, a gradient shrinks by about 0.6 a step.",
    source="Bengio, Simard and Frasconi, Learning long-term dependencies with gradient descent is "
    "difficult, IEEE Transactions on Neural Networks 5 (1994); the default of torch.nn.RNN.",
    protocol=f"{_DEFAULT}, {_BACK}; {_FACTOR}",
    bound="0.51..0.67",
    verdict="holds",
    seeds=range(20),
)
def default_factor(seeds: Sequence[int], scale: Scale) -> list[float]:
    return _factor(seeds, start="default")


def _factor(seeds: Sequence[int], **options: object) -> list[float]:
    result = gradient_by_lag(seeds=seeds, **options)  # type: ignore[arg-type]
    return [float(factor) for factor in result.factor(50)]


@claim(
    id="vanishing-default-lag-50",
    statement="With PyTorch's default weights, practically no gradient is left after fifty steps.",
    source="The usual conclusion from the factor per step.",
    protocol=f"{_DEFAULT}, {_BACK}; ‖∂L/∂h_{{T-50}}‖ / ‖∂L/∂h_T‖, per seed.",
    bound="1e-15..2e-9",
    verdict="holds",
    seeds=range(20),
)
def default_lag_50(seeds: Sequence[int], scale: Scale) -> list[float]:
    return [float(left) for left in gradient_by_lag(seeds=seeds, lags=100).norm[:, 50]]


@claim(
    id="vanishing-weight-gradient-length",
    statement="The norm of ∂L/∂W_hh shrinks as the sequence grows longer: the gradient vanishes.",
    source="The usual demonstration in courses: a plot of this norm against the length.",
    protocol=f"{_DEFAULT}, input 4, hidden 64, batch 32, N(0, 1) inputs, a random linear loss at "
    "the last step; ‖∂L/∂W_hh‖ at length 200 over that at length 5, median over the seeds.",
    bound="0.97..1.08",
    verdict="does not hold",
    remark="The recent steps make up the sum, and they are there at every length; with orthogonal "
    "weights the norm even grows.",
    seeds=range(20),
)
def weight_gradient_length(seeds: Sequence[int], scale: Scale) -> float:
    def ratio(start: str) -> float:
        norm = weight_gradient_shares(seeds=seeds, lengths=(5, 200), start=start).norm
        return float(np.median(norm[:, 1] / norm[:, 0]))

    if ratio("orthogonal") < 1.3:
        raise ArithmeticError("with orthogonal weights the norm does not grow: the remark is wrong")
    return ratio("default")


@claim(
    id="vanishing-recent-share",
    statement="All 200 steps of a sequence have their part in the gradient of W_hh.",
    source="The formula, in which the gradient is a sum over all steps.",
    protocol=f"{_DEFAULT}, input 4, hidden 64, batch 32, 200 steps of N(0, 1), a random linear "
    "loss at the last step; share of the last ten steps in ∂L/∂W_hh, each contribution "
    "projected on the sum, per seed.",
    bound="0.98..1.02",
    verdict="does not hold",
    remark="The last ten are practically all of it.",
    seeds=range(20),
)
def recent_share(seeds: Sequence[int], scale: Scale) -> list[float]:
    share = weight_gradient_shares(seeds=seeds, lengths=(200,)).share
    return [float(part) for part in share[:, :10].sum(axis=1)]


@claim(
    id="vanishing-spectral-radius",
    statement="PyTorch's default W_hh has a spectral radius of about 1/√3, which is 0.577.",
    source="The circular law: the eigenvalues of independent entries of variance 1/(3H) fill a "
    "disk of radius 1/√3 as H grows (Tao and Vu 2010).",
    protocol="W_hh of 64 × 64 from U(±1/√64); largest absolute value of an eigenvalue, per seed.",
    bound="0.5..0.8",
    verdict="holds",
    remark="At H = 64 it lies a little above the limit.",
    seeds=range(20),
)
def spectral_radius(seeds: Sequence[int], scale: Scale) -> list[float]:
    return [float(radius) for radius in spectrum(seeds=seeds, powers=1).spectral_radius]


@claim(
    id="vanishing-largest-singular-value",
    statement="A largest singular value of W_hh above one makes gradients explode.",
    source="The sufficient condition for vanishing of Pascanu, Mikolov and Bengio (2013), turned "
    "around.",
    protocol=f"{_DEFAULT}, hidden 64; largest singular value of W_hh, per seed; with "
    "the protocol of vanishing-default-factor the gradient shrinks all the same.",
    bound="1.02..1.28",
    verdict="does not hold",
    remark="Above one is necessary for an explosion and not sufficient: the gradient need not "
    "point where the matrix stretches.",
    seeds=range(20),
)
def largest_singular_value(seeds: Sequence[int], scale: Scale) -> list[float]:
    if max(_factor(seeds, start="default")) > 0.9:
        raise ArithmeticError("the gradient does not vanish, so this says nothing any more")
    return [float(largest) for largest in spectrum(seeds=seeds, powers=1).largest_singular]


@claim(
    id="vanishing-singular-value-below-one",
    statement="A largest singular value of W_hh below one makes gradients vanish.",
    source="Pascanu, Mikolov and Bengio, On the difficulty of training recurrent neural networks, "
    "ICML (2013).",
    protocol=f"Untrained, W_hh Gaussian and rescaled to a largest singular value of 0.95, {_BACK}; "
    "the largest factor of any single step of 100, per seed.",
    bound="..0.95",
    verdict="holds",
    seeds=range(20),
)
def singular_value_below_one(seeds: Sequence[int], scale: Scale) -> list[float]:
    def worst(seed: int) -> float:
        largest = float(np.linalg.norm(untrained("gaussian", seed=seed).W_hh, 2))
        norm = gradient_by_lag(seeds=(seed,), start="gaussian", gain=0.95 / largest).norm[0]
        return float((norm[1:] / norm[:-1]).max())

    return [worst(seed) for seed in seeds]


@claim(
    id="vanishing-transient-growth",
    statement="When all eigenvalues are smaller than one, every step back shrinks the gradient.",
    source="Eigenvalues taken for all there is to know about a matrix.",
    protocol="The matrix with rows (0.9, 5) and (0, 0.9), both eigenvalues 0.9; the largest norm "
    "of any of its first 100 powers.",
    bound="19.3..19.5",
    verdict="does not hold",
    remark="In the long run it shrinks; before that, a matrix without orthogonal eigenvectors can "
    "stretch it.",
    seeds=(0,),
)
def transient_growth(seeds: Sequence[int], scale: Scale) -> float:
    return float(norms_of_powers(np.array([[0.9, 5.0], [0.0, 0.9]]), 100).max())


@claim(
    id="vanishing-orthogonal-linear",
    statement="An orthogonal W_hh keeps the norm of the gradient.",
    source="Saxe, McClelland and Ganguli, Exact solutions to the nonlinear dynamics of learning in "
    "deep linear neural networks, ICLR (2014).",
    protocol=f"Untrained, W_hh orthogonal, no nonlinearity, {_BACK}; largest change of the norm "
    "over 100 steps back, relative, per seed.",
    bound="..1e-12",
    verdict="only if",
    remark="the units are linear; a tanh multiplies by its slope.",
)
def orthogonal_linear(seeds: Sequence[int], scale: Scale) -> list[float]:
    result = gradient_by_lag(seeds=seeds, start="orthogonal", nonlinearity="linear")
    return [float(worst) for worst in abs(result.norm - 1).max(axis=1)]


@claim(
    id="vanishing-saturation",
    statement="Orthogonal weights prevent vanishing gradients in a tanh network.",
    source="Advice on how to initialise recurrent networks.",
    protocol="Untrained, W_hh orthogonal, x_t W_xh with a standard deviation of 1, input 4, hidden "
    "64, batch 32, 51 steps, float64, a random linear loss at the last step; " + _FACTOR,
    bound="0.62..0.69",
    verdict="only if",
    remark="the units stay near zero, where the slope of tanh is one: with a drive of 0.01 the "
    "factor is above 0.99.",
    seeds=range(10),
)
def saturation(seeds: Sequence[int], scale: Scale) -> list[float]:
    result = saturation_by_drive(seeds=seeds, drives=(0.01, 1.0))
    if not (result.factor[:, 0] > 0.99).all():
        raise ArithmeticError(f"at a drive of 0.01 the factor is {result.factor[:, 0]}")
    return [float(factor) for factor in result.factor[:, 1]]


@claim(
    id="vanishing-relu",
    statement="ReLU cures vanishing gradients, as its slope is one.",
    source="Said of deep feed-forward networks, and carried over.",
    protocol=f"{_DEFAULT}, ReLU, {_BACK}; {_FACTOR}",
    bound="0.3..0.5",
    verdict="only if",
    remark="the weights make up for the half of the units whose slope is zero; with default "
    "weights and weak inputs it is worse than tanh.",
    seeds=range(20),
)
def relu(seeds: Sequence[int], scale: Scale) -> list[float]:
    return _factor(seeds, start="default", nonlinearity="relu")


@claim(
    id="vanishing-identity-relu",
    statement="Started from the identity, a ReLU network keeps most of its gradient over 50 steps.",
    source="Le, Jaitly and Hinton, A simple way to initialize recurrent networks of rectified "
    "linear units (2015).",
    protocol=f"Untrained, W_hh the identity, ReLU, {_BACK}; {_FACTOR}",
    bound="0.98..1",
    verdict="holds",
    seeds=range(20),
)
def identity_relu(seeds: Sequence[int], scale: Scale) -> list[float]:
    return _factor(seeds, start="identity", nonlinearity="relu")


PREDICTED = (
    ("default", 1.0),
    ("gaussian", 0.5),
    ("gaussian", 1.0),
    ("gaussian", 1.5),
    ("gaussian", 2.0),
    ("orthogonal", 1.0),
)
"""Starts whose factor per step follows from stretch and slope."""


@claim(
    id="vanishing-prediction",
    statement="The factor per step is the mean stretch of W_hh times the mean slope, both root "
    "mean square.",
    source="A mean-field argument: Poole and others, Exponential expressivity in deep neural "
    "networks through transient chaos, NeurIPS (2016).",
    protocol=f"Untrained tanh networks: default, Gaussian of gain 0.5 to 2, orthogonal; {_BACK}; "
    "the predicted factor over the measured one, the furthest from 1 of the six starts, per seed.",
    bound="0.8..1.2",
    verdict="only if",
    remark="the weights are random: with the identity, where each unit keeps to itself, the "
    "gradient survives in the units that let it through.",
    seeds=range(20),
)
def prediction(seeds: Sequence[int], scale: Scale) -> list[float]:
    results = [gradient_by_lag(seeds=seeds, start=start, gain=gain) for start, gain in PREDICTED]
    ratios = np.array([r.stretch * r.slope / r.factor(50) for r in results])  # (starts, seeds)
    furthest = abs(np.log(ratios)).argmax(axis=0)
    return [float(ratio) for ratio in np.take_along_axis(ratios, furthest[None], 0)[0]]


@claim(
    id="vanishing-radius-predicts",
    statement="In the long run, a gradient shrinks by the spectral radius of W_hh times the slope "
    "a step.",
    source="Powers of a matrix: in the long run they grow by the spectral radius a step.",
    protocol=f"{_DEFAULT}, {_BACK}; spectral radius times the root mean square slope, over the "
    "factor per step from lag 50 to lag 100, per seed.",
    bound="0.95..1.05",
    verdict="only if",
    remark="the slopes hardly change, as with small weights and weak inputs; with a gain of 2 it "
    "is mostly too large.",
    seeds=range(20),
)
def radius_predicts(seeds: Sequence[int], scale: Scale) -> list[float]:
    found = gradient_by_lag(seeds=seeds, start="default")
    radius = spectrum(seeds=seeds, start="default", powers=1).spectral_radius
    late = (found.norm[:, 100] / found.norm[:, 50]) ** (1 / 50)
    return [float(ratio) for ratio in radius * found.slope / late]


@claim(
    id="vanishing-float32-zero",
    statement="In float32, a vanishing gradient underflows to exactly zero.",
    source="The word underflow, as it is mostly used.",
    protocol=f"{_DEFAULT}, input 4, hidden 64, batch 32, 300 steps of N(0, 1), a random "
    "linear loss at the last step; steps back until every number of ∂L/∂h is zero, per seed.",
    bound="150..290",
    verdict="holds",
    remark="It takes a hundred steps and more, and denormal numbers come before.",
)
def float32_zero(seeds: Sequence[int], scale: Scale) -> list[float]:
    zero = denormal_lags(seeds=seeds, length=300).zero
    return [float(np.argmax(by_lag == 1) if by_lag[-1] == 1 else np.inf) for by_lag in zero]
