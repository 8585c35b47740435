"""Claims of the chapter on the LSTM and the GRU."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from torch import nn

from unrolled.claims.registry import claim
from unrolled.experiments.highway import GateHighway, gate_highway
from unrolled.experiments.lengths import SequenceLength, sequence_length
from unrolled.experiments.witnesses import GatedWitnesses, gated_witnesses
from unrolled.gradcheck import relative_error
from unrolled.lstm import LSTM
from unrolled.parity_gated import cell_gradients
from unrolled.settings import Scale

_SMALL = (
    "input 4, hidden 6, batch 3, 8 steps, float64, random first states, a random linear loss of "
    "all states"
)


@claim(
    id="gates-lstm-equals-torch",
    statement="A hand-written LSTM computes what torch.nn.LSTM computes, gradients included.",
    source="The formulas in the documentation of torch.nn.LSTM.",
    protocol=f"Same weights, {_SMALL}; worst relative error over the outputs and the gradients of "
    "all parameters, inputs, states and first states, against autograd, per seed.",
    bound="..1e-12",
    verdict="holds",
)
def lstm_equals_torch(seeds: Sequence[int], scale: Scale) -> list[float]:
    return _against_autograd(tuple(seeds), "lstm")


@claim(
    id="gates-gru-equals-torch",
    statement="A hand-written GRU computes what torch.nn.GRU computes, gradients included.",
    source="The formulas in the documentation of torch.nn.GRU.",
    protocol=f"Same weights, the reset gate after the product, {_SMALL}; worst relative error over "
    "the outputs and the gradients of all parameters, inputs, states and first states, against "
    "autograd, per seed.",
    bound="..1e-12",
    verdict="holds",
)
def gru_equals_torch(seeds: Sequence[int], scale: Scale) -> list[float]:
    return _against_autograd(tuple(seeds), "gru")


def _against_autograd(seeds: tuple[int, ...], cell: str) -> list[float]:
    found = _witnesses(seeds, cell)
    return [float(worst) for worst in np.maximum(found.outputs, found.autograd)]


@claim(
    id="gates-finite-differences",
    statement="The hand-written gradients of LSTM and GRU agree with finite differences.",
    source="House rule: every gradient has two independent witnesses.",
    protocol=f"Both cells, {_SMALL}; worst relative error over the gradients of all parameters, "
    "inputs and first states, against central differences of step 1e-6, per seed.",
    bound="..1e-7",
    verdict="holds",
)
def differences(seeds: Sequence[int], scale: Scale) -> list[float]:
    both = [_witnesses(tuple(seeds), cell).differences for cell in ("lstm", "gru")]
    return [float(worst) for worst in np.max(both, axis=0)]


@lru_cache(maxsize=4)
def _witnesses(seeds: tuple[int, ...], cell: str) -> GatedWitnesses:
    return gated_witnesses(seeds=seeds, cell=cell)


@claim(
    id="gates-parameters-lstm",
    statement="An LSTM has four times the parameters of a vanilla RNN of the same size.",
    source="Introductions to the LSTM.",
    protocol="Numbers in torch.nn.LSTM over those in torch.nn.RNN, one layer, input 10, hidden 32; "
    "the same ratio with input 64, hidden 128.",
    bound="4..4",
    verdict="holds",
)
def parameters_lstm(seeds: Sequence[int], scale: Scale) -> float:
    return _ratio(nn.LSTM)


@claim(
    id="gates-parameters-gru",
    statement="A GRU has three times the parameters of a vanilla RNN of the same size.",
    source="Introductions to the GRU.",
    protocol="Numbers in torch.nn.GRU over those in torch.nn.RNN, one layer, input 10, hidden 32; "
    "the same ratio with input 64, hidden 128.",
    bound="3..3",
    verdict="holds",
)
def parameters_gru(seeds: Sequence[int], scale: Scale) -> float:
    return _ratio(nn.GRU)


def _ratio(kind: type[nn.LSTM | nn.GRU]) -> float:
    def numbers(layer: nn.Module) -> int:
        return sum(parameter.numel() for parameter in layer.parameters())

    small, large = (
        numbers(kind(*sizes, device="meta")) / numbers(nn.RNN(*sizes, device="meta"))
        for sizes in ((10, 32), (64, 128))
    )
    if small != large:
        raise ArithmeticError(f"ratios {small} and {large}: they depend on the size")
    return small


_STEPS = (
    "Untrained, weights as torch.nn draws them, input 1, hidden 32, batch 32, {} steps of N(0, 1), "
    "float64, a random linear loss at the last state"
)
_BACK = _STEPS.format(51)


@claim(
    id="gates-direct-way",
    statement="The derivative of an LSTM's c_t with respect to the c before it is the forget gate.",
    source="Explanations of the LSTM as a highway for gradients.",
    protocol="LSTM, input 1, hidden 32, batch 8, 26 steps, float64; relative error of the product "
    "of the forget gates, times the gradient of the last c, against autograd with h detached where "
    "gates read it, for the c of the first step, per seed; without detaching it must be above 0.5.",
    bound="..1e-12",
    verdict="only if",
    remark="the ways through h and the gates are cut. The whole derivative has them too, and with "
    "default weights they soon make up nearly all of it.",
)
def direct_way(seeds: Sequence[int], scale: Scale) -> list[float]:
    def error(seed: int) -> float:
        model = LSTM(1, 32, seed=seed, dtype=np.float64)
        rng = np.random.default_rng([seed, 1])
        inputs, d_last = rng.normal(size=(8, 26, 1)), rng.normal(size=(8, 32))
        cut, whole = (cell_gradients(model, inputs, d_last, cut=c) for c in (True, False))
        model.forward(inputs)
        product = cut[:, -1] * model.gate("f")[:, 1:].prod(axis=1)
        if relative_error(product, whole[:, 0]) < 0.5:
            raise ArithmeticError("the whole gradient is the direct one, so cutting shows nothing")
        return relative_error(product, cut[:, 0])

    return [error(seed) for seed in seeds]


@claim(
    id="gates-default-factor",
    statement="In an LSTM gradients do not vanish, because they travel along the cell state.",
    source="Introductions to the LSTM.",
    protocol=f"LSTM. {_BACK}; ‖∂L/∂c_{{T-50}}‖ / ‖∂L/∂c_T‖ to the power 1/50, per seed; with 5 "
    "added to the forget bias it must be above 0.97.",
    bound="0.57..0.71",
    verdict="only if",
    remark="the forget gate is open. With default weights it begins at one half, and a gradient "
    "loses more than a quarter at each step.",
    seeds=range(10),
)
def default_factor(seeds: Sequence[int], scale: Scale) -> list[float]:
    factor = _highway(tuple(seeds)).factor(50)
    if not (factor[:, 1] > 0.97).all():
        raise ArithmeticError(f"factors {factor[:, 1]} with an open gate, which does not help")
    return [float(f) for f in factor[:, 0]]


@claim(
    id="gates-direct-share",
    statement="What reaches the distant past in an LSTM comes along the cell state alone.",
    source="Introductions to the LSTM that draw the cell state as a conveyor belt.",
    protocol=f"LSTM. {_BACK}; the part of ∂L/∂c_{{T-25}} that is the product of the forget gates, "
    "as a share of the whole, along it, median over the seeds.",
    bound="-0.01..0.02",
    verdict="does not hold",
    remark="With default weights the product of the gates is gone, and what is left has gone "
    "through a matrix at least once.",
    seeds=range(10),
)
def direct_share(seeds: Sequence[int], scale: Scale) -> float:
    return float(np.median(_highway(tuple(seeds)).share[:, 0, 25]))


@claim(
    id="gates-open-grows",
    statement="In an LSTM gradients cannot explode, since its gates are at most 1.",
    source="Explanations of the LSTM that look at the product of the forget gates alone.",
    protocol=f"LSTM, 5 added to the forget bias. {_STEPS.format(1001)}; ‖∂L/∂c_{{T-400}}‖ / "
    "‖∂L/∂c_T‖, median over the seeds; 50 steps back it must be below 1.5, and the share of the "
    "product of the gates at least 0.1 there and below 0.02 at 400.",
    bound="1..30",
    verdict="does not hold",
    remark="The product of the gates is below 1; what comes through the weights need not be. It "
    "is slow, and from some seeds the gradient shrinks.",
    seeds=range(10),
)
def open_grows(seeds: Sequence[int], scale: Scale) -> float:
    found = gate_highway(seeds=seeds, biases=(5.0,), lags=1000)
    if not (found.direct[:, 0, 400] < 1).all():
        raise ArithmeticError(f"the direct way keeps {found.direct[:, 0, 400]}, more than all")
    total, share = (np.median(each[:, 0], axis=0) for each in (found.total, found.share))
    if not (total[50] < 1.5 and share[50] >= 0.1 and abs(share[400]) < 0.02):
        raise ArithmeticError(f"left at 50: {total[50]}; shares: {share[50]}, {share[400]}")
    return float(total[400])


@lru_cache(maxsize=2)
def _highway(seeds: tuple[int, ...]) -> GateHighway:
    return gate_highway(seeds=seeds, biases=(0.0, 5.0))


_TASK = (
    "hidden 32, is the first of T numbers from N(0, 1) positive, at most 600 fresh batches of 64, "
    "Adam at 1e-3, clipped to norm 1; accuracy on 2000 fresh sequences, per seed"
)


@claim(
    id="gates-lstm-chance",
    statement="The LSTM solves the vanishing gradient, so it learns what a vanilla RNN cannot.",
    source="Introductions to the LSTM.",
    protocol=f"The LSTM of torch.nn as it is, T = 25, {_TASK}.",
    bound="0.45..0.56",
    verdict="does not hold",
    remark="With default weights it is at chance after 600 updates, where a vanilla RNN with "
    "orthogonal weights learns; with an open forget gate it learns, too.",
)
def lstm_chance(seeds: Sequence[int], scale: Scale) -> list[float]:
    return _accuracy(tuple(seeds), scale, "lstm", 25)


@claim(
    id="gates-gru-chance",
    statement="The GRU solves the vanishing gradient, so it learns what a vanilla RNN cannot.",
    source="Introductions to the GRU.",
    protocol=f"The GRU of torch.nn as it is, T = 25, {_TASK}.",
    bound="0.45..0.56",
    verdict="does not hold",
    remark="With default weights it is at chance after 600 updates, where a vanilla RNN with "
    "orthogonal weights learns; a longer training was not tried.",
)
def gru_chance(seeds: Sequence[int], scale: Scale) -> list[float]:
    return _accuracy(tuple(seeds), scale, "gru", 25)


@claim(
    id="gates-open-learns",
    statement="A large forget bias lets an LSTM learn long dependencies.",
    source="Gers, Schmidhuber and Cummins (2000); Jozefowicz, Zaremba and Sutskever, An empirical "
    "exploration of recurrent network architectures, ICML (2015).",
    protocol=f"The LSTM of torch.nn with a forget bias of 5 in all, T = 50, {_TASK}.",
    bound="0.65..0.98",
    verdict="holds",
)
def open_learns(seeds: Sequence[int], scale: Scale) -> list[float]:
    return _accuracy(tuple(seeds), scale, "lstm forget 5", 50)


@lru_cache(maxsize=8)
def _trained(seeds: tuple[int, ...], scale: Scale, start: str, length: int) -> SequenceLength:
    return sequence_length(seeds=seeds, start=start, lengths=(length,), hidden_dim=32, scale=scale)


def _accuracy(seeds: tuple[int, ...], scale: Scale, start: str, length: int) -> list[float]:
    return [float(a) for a in _trained(seeds, scale, start, length).accuracy[:, 0]]
