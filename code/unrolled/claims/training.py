"""Claims of the chapter on training from end to end."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from unrolled.claims.registry import claim
from unrolled.experiments.choosing import epoch_choice
from unrolled.experiments.distance import AgreementByLag, agreement_by_lag
from unrolled.experiments.halves import (
    HalvesLinear,
    HalvesTraining,
    halves_linear,
    halves_training,
)
from unrolled.experiments.resumption import Resumption, resumed_training
from unrolled.settings import Scale

_SMALL = (
    "Two layers of 16 units, dropout 0.1, 256 sequences of 10 steps, Adam with a rate that is "
    "halved after every second epoch, on the CPU; stopped in the middle of the fourth of six "
    "epochs and taken up again"
)


@claim(
    id="training-resume-exact",
    statement="A training that was interrupted and resumed ends where it would have ended.",
    source="What a checkpoint is expected to do.",
    protocol=f"{_SMALL}; largest difference of a weight at the end from the training that was "
    "not interrupted, per seed.",
    bound="0..0",
    verdict="only if",
    remark="weights, optimiser, schedule and random state are all restored, and the same machine "
    "and libraries go on.",
)
def resume_exact(seeds: Sequence[int], scale: Scale) -> list[float]:
    result = _resumption(tuple(seeds), scale)
    if not (result.moved > 1e-3).all():
        raise ArithmeticError(f"nothing was learned after the stop: {result.moved}")
    return [float(d) for d in result.difference[:, result.forgotten.index("nothing")]]


@claim(
    id="training-weights-only",
    statement="To resume a training it is enough to have saved the weights.",
    source="Scripts that save model.state_dict() and call it a checkpoint.",
    protocol=f"{_SMALL} with the weights of the checkpoint and nothing else; largest difference "
    "of a weight at the end from the training that was not interrupted, over the largest change "
    "of a weight since the stop, per seed.",
    bound="1..4",
    verdict="does not hold",
    remark="The optimiser, the schedule and the random state are part of the training.",
)
def weights_only(seeds: Sequence[int], scale: Scale) -> list[float]:
    result = _resumption(tuple(seeds), scale)
    lost = result.difference[:, result.forgotten.index("all of them")]
    return [float(share) for share in lost / result.moved]


@lru_cache(maxsize=4)
def _resumption(seeds: tuple[int, ...], scale: Scale) -> Resumption:
    return resumed_training(seeds=seeds, scale=scale)


_HALVES = (
    "Which half of the sequence has the larger sum? 1600 sequences of 30 steps and 5 numbers "
    "N(0, 1), 400 more for the test"
)
_NETWORK = (
    "two layers of 64 units, dropout 0.1, Adam at 1e-3, batches of 64, gradients clipped to "
    "norm 5, 30 epochs"
)


@claim(
    id="training-accuracy",
    statement="A two-layer RNN learns which half of 30 steps has the larger sum.",
    source="A usual first exercise with recurrent networks.",
    protocol=f"{_HALVES}; {_NETWORK}, accuracy after the last epoch, per seed; the majority class "
    "scores about 0.5.",
    bound="0.75..0.95",
    verdict="holds",
)
def rnn_accuracy(seeds: Sequence[int], scale: Scale) -> list[float]:
    return [float(accuracy) for accuracy in _training(tuple(seeds), scale).accuracy[:, -1]]


@claim(
    id="training-linear-accuracy",
    statement="A linear model cannot do a task on sequences.",
    source="Examples of recurrent networks without a baseline.",
    protocol=f"{_HALVES}; logistic regression on the 150 numbers, penalty 1, accuracy per seed.",
    bound="0.92..0.99",
    verdict="does not hold",
    remark="This task is linear: the label is the sign of a weighted sum of all numbers.",
)
def linear_accuracy(seeds: Sequence[int], scale: Scale) -> list[float]:
    return [float(accuracy) for accuracy in _linear(tuple(seeds), scale).linear[:, 0]]


@claim(
    id="training-beats-linear",
    statement="On sequences, a recurrent network beats a linear model.",
    source="Examples of recurrent networks without a baseline.",
    protocol=f"{_HALVES}; {_NETWORK}, accuracy after the last epoch minus that of a logistic "
    "regression on the 150 numbers, per seed.",
    bound="-0.22..-0.005",
    verdict="does not hold",
    remark="Where the task is linear, the linear model is the better one.",
)
def beats_linear(seeds: Sequence[int], scale: Scale) -> list[float]:
    found = _training(tuple(seeds), scale).accuracy[:, -1]
    return [float(gap) for gap in found - _linear(tuple(seeds), scale).linear[:, 0]]


@claim(
    id="training-optimism",
    statement="Choosing the best epoch on the test data does no harm.",
    source="Scripts that keep the checkpoint with the best test accuracy and report it.",
    protocol=f"{_HALVES}, and again 400; {_NETWORK}; these 800 split in two at random, 1000 "
    "times: the best accuracy of an epoch on the one half, minus that of this epoch on the other, "
    "mean over splits and seeds.",
    bound="0.004..0.03",
    verdict="does not hold",
    remark="The best of many epochs is partly the luckiest.",
)
def optimism(seeds: Sequence[int], scale: Scale) -> float:
    result = epoch_choice(seeds=seeds, training=_training(tuple(seeds), scale))
    return float((result.reported - result.honest).mean())


@claim(
    id="training-longer-linear",
    statement="Accuracy falls on longer sequences because gradients vanish.",
    source="Experiments that make the sequences of one task longer and keep the number of them.",
    protocol="The same task with 30 and with 200 steps, 1600 sequences each; accuracy of a "
    "logistic regression, which has no gradient through time, at 30 minus that at 200, per seed.",
    bound="0.07..0.25",
    verdict="only if",
    remark="nothing else changes; here the number of weights per example does, and a linear "
    "model falls as well.",
)
def longer_linear(seeds: Sequence[int], scale: Scale) -> list[float]:
    result = _linear(tuple(seeds), scale)
    at_30, at_200, narrow = result.linear.T
    if scale != "smoke" and not (narrow > at_200 + 0.03).all():
        raise ArithmeticError(f"200 steps of one number: {narrow}, so it is the length")
    return [float(drop) for drop in at_30 - at_200]


_SIGNS = (
    "Do the signs of two steps of sixteen agree? Random signs, 300 fresh batches of 64, an RNN of "
    "32 units, Adam at 5e-3, gradients clipped to norm 1"
)


@claim(
    id="training-near",
    statement="A recurrent network can learn what no linear model can.",
    source="The usual reason for hidden layers, here over time.",
    protocol=f"{_SIGNS}; the two steps are 3 apart; accuracy on 1000 fresh sequences, per seed.",
    bound="0.9..1",
    verdict="holds",
)
def near(seeds: Sequence[int], scale: Scale) -> list[float]:
    result = _agreement(tuple(seeds), scale)
    if scale != "smoke" and not (result.linear < 0.6).all():
        raise ArithmeticError(f"a linear model scores {result.linear}, so the task is no test")
    return [float(accuracy) for accuracy in result.recurrent[:, 0]]


@claim(
    id="training-far",
    statement="With the same weights at every step, a recurrent network learns a relation of two "
    "steps at any distance.",
    source="Introductions to weight sharing.",
    protocol=f"{_SIGNS}; the two steps are 15 apart; accuracy on 1000 fresh sequences, per seed; "
    "the majority class scores about 0.5, and a dense net of 32 units more than 0.9.",
    bound="0.42..0.62",
    verdict="does not hold",
    remark="Three steps apart it is learned, and fifteen apart, in this budget, it is not.",
)
def far(seeds: Sequence[int], scale: Scale) -> list[float]:
    result = _agreement(tuple(seeds), scale)
    if scale != "smoke" and not (result.dense > 0.9).all():
        raise ArithmeticError(f"the dense net scores {result.dense}: the task itself is hard")
    return [float(accuracy) for accuracy in result.recurrent[:, 1]]


def _budget(scale: Scale) -> Scale:
    return "smoke" if scale == "smoke" else "site"  # the protocols name it


@lru_cache(maxsize=4)
def _training(seeds: tuple[int, ...], scale: Scale) -> HalvesTraining:
    return halves_training(seeds=seeds, scale=_budget(scale))


@lru_cache(maxsize=4)
def _linear(seeds: tuple[int, ...], scale: Scale) -> HalvesLinear:
    sizes = ((30, 5), (200, 5), (200, 1))
    return halves_linear(seeds=seeds, sizes=sizes, scale=_budget(scale))


@lru_cache(maxsize=4)
def _agreement(seeds: tuple[int, ...], scale: Scale) -> AgreementByLag:
    return agreement_by_lag(seeds=seeds, lags=(3, 15), scale=_budget(scale))
