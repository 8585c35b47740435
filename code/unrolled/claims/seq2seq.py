"""Claims of the chapter on sequence to sequence."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import torch
from torch import nn

from unrolled.claims.registry import claim
from unrolled.data.seasonal import seasonal_parts
from unrolled.experiments.baselines import forecast_baselines
from unrolled.experiments.copying import accuracy, copy_task, fresh_symbols, shift_register
from unrolled.experiments.forecasting import ForecastTraining, forecast_training
from unrolled.forecast import over_all_steps
from unrolled.models.seq2seq import Seq2Seq
from unrolled.settings import Scale


@claim(
    id="seq2seq-output-is-state",
    statement="What nn.RNN returns as `output` is the prediction, to be fed back as the next "
    "input.",
    source="Decoding loops in tutorial code of the form output, hidden = rnn(output, hidden).",
    protocol="In nn.RNN(32, 32), batch 8, 20 steps of N(0, 1) numbers, float64; largest absolute "
    "difference between the last step of `output` and `h_n`, per seed.",
    bound="0..0",
    verdict="does not hold",
    remark="It is the hidden state, number for number; a prediction is what a read-out makes "
    "of it.",
)
def output_is_state(seeds: Sequence[int], scale: Scale) -> list[float]:
    def gap(seed: int) -> float:
        with torch.random.fork_rng(devices=[]), torch.no_grad():
            torch.manual_seed(seed)
            rnn = nn.RNN(32, 32, batch_first=True, dtype=torch.float64)
            output, h_n = rnn(torch.randn(8, 20, 32, dtype=torch.float64))
            if torch.equal(nn.Linear(32, 32, dtype=torch.float64)(h_n), h_n):
                raise ArithmeticError("a read-out of the state equals the state")
            return float((output[:, -1] - h_n[0]).abs().max())

    return [gap(seed) for seed in seeds]


@claim(
    id="seq2seq-deaf-decoder",
    statement="A decoder that is fed its own hidden state takes in something new at every step.",
    source="Decoding loops that feed `output` of nn.RNN back, as above.",
    protocol="Seq2Seq(1, 32, 1) of cell rnn, untrained, float64, batch 8, 30 steps of N(0, 1) "
    "numbers, 10 outputs; largest difference from a decoder that reads nothing and whose one "
    "matrix is the sum of the two, relative to the largest output, per seed.",
    bound="..1e-12",
    verdict="does not hold",
    remark="The two matrices act on the same numbers, so their sum does what both do.",
)
def deaf_decoder(seeds: Sequence[int], scale: Scale) -> list[float]:
    return [_gap_to_one_matrix(seed) for seed in seeds]


@torch.no_grad()
def _gap_to_one_matrix(seed: int) -> float:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = Seq2Seq(1, 32, 1, feedback="state").double()
        past = torch.randn(8, 30, 1, dtype=torch.float64)
    outputs = model(past, 10)
    decoder = model.decoder
    matrices = decoder.weight_hh + decoder.weight_ih, decoder.weight_hh
    gaps = []
    for matrix in matrices:
        h = model.encode(past)
        assert isinstance(h, torch.Tensor)
        said = []
        for _ in range(10):
            h = torch.tanh(h @ matrix.T + decoder.bias_ih + decoder.bias_hh)
            said.append(model.readout(h))
        gaps.append(float((torch.stack(said, 1) - outputs).abs().max() / outputs.abs().max()))
    if gaps[1] < 1e-3:
        raise ArithmeticError("without the matrix of the input it is the same")
    return gaps[0]


_SERIES = (
    "On 200 series of a season of 12, a slower cycle, a trend and noise, 30 steps to 10, hidden "
    "32, Adam, batches of 64; tested on windows of 200 other series; error: root mean square over "
    "all steps, in standard deviations of the noise"
)


@claim(
    id="seq2seq-forcing-gap",
    statement="A network whose error is low under teacher forcing has a low error when it "
    "forecasts.",
    source="Validation losses computed with the targets as the decoder's inputs.",
    protocol=f"{_SERIES}; tanh cell, teacher forcing, 250 updates at a rate from 1e-2; error of "
    "the tenth step when the network feeds itself, over that when it is told the truth, per seed.",
    bound="2..4.5",
    verdict="does not hold",
    remark="With the truth at hand, the tenth step is a forecast of one step.",
)
def forcing_gap(seeds: Sequence[int], scale: Scale) -> list[float]:
    result = _trained(tuple(seeds), scale, forcing=1.0)
    return [float(ratio) for ratio in result.by_step[:, -1] / result.told_by_step[:, -1]]


@claim(
    id="seq2seq-forcing-early",
    statement="Teacher forcing trains better models.",
    source="Introductions that present it as the way to train a decoder.",
    protocol=f"{_SERIES}; tanh cell, 250 updates at a rate from 1e-2; error when the network feeds "
    "itself after training with teacher forcing minus that after training fed by itself, median "
    "over the seeds.",
    bound="0..1.2",
    verdict="only if",
    remark="the training is long enough: after these updates it is behind, and the page shows "
    "twice as many.",
)
def forcing_early(seeds: Sequence[int], scale: Scale) -> float:
    told = _trained(tuple(seeds), scale, forcing=1.0)
    alone = _trained(tuple(seeds), scale)
    return float(np.median(over_all_steps(told.by_step) - over_all_steps(alone.by_step)))


@claim(
    id="seq2seq-beats-naive",
    statement="A recurrent network forecasts a seasonal series better than repeating its last "
    "value or its last season.",
    source="The usual comparison in tutorials on forecasting, where there is one.",
    protocol=f"{_SERIES}; tanh cell, fed by itself, 250 updates at a rate from 1e-2; its error "
    "over the lower one of the two, per seed.",
    bound="0.35..0.8",
    verdict="holds",
)
def beats_naive(seeds: Sequence[int], scale: Scale) -> list[float]:
    error = over_all_steps(_trained(tuple(seeds), scale).by_step)
    baselines = forecast_baselines(seeds=seeds)
    lower = np.minimum(over_all_steps(baselines.naive), over_all_steps(baselines.seasonal_naive))
    return [float(ratio) for ratio in error / lower]


@claim(
    id="seq2seq-beats-linear",
    statement="A recurrent network forecasts better than simple baselines.",
    source="Comparisons that leave out linear regression.",
    protocol=f"{_SERIES}; tanh cell, fed by itself, 250 updates at a rate from 1e-2; its error "
    "minus that of linear regression on the same windows, per seed.",
    bound="0.02..2",
    verdict="only if",
    remark="the baselines are as simple as the last value, or the network is another: a gated one "
    "gets below linear regression.",
)
def beats_linear(seeds: Sequence[int], scale: Scale) -> list[float]:
    return _minus_linear(_trained(tuple(seeds), scale))


@claim(
    id="seq2seq-gru-beats-linear",
    statement="A gated recurrent network forecasts better than linear regression.",
    source="Comparisons for the cells that are used in practice.",
    protocol=f"{_SERIES}; GRU, fed by itself, 500 updates at a rate from 2e-2; its error minus "
    "that of linear regression on the same windows, median over the seeds.",
    bound="-0.6..-0.01",
    verdict="holds",
)
def gru_beats_linear(seeds: Sequence[int], scale: Scale) -> float:
    result = _trained(tuple(seeds), scale, cell="gru", rate=0.02, times=2)
    return float(np.median(_minus_linear(result)))


def _minus_linear(result: ForecastTraining) -> list[float]:
    linear = over_all_steps(forecast_baselines(seeds=result.seeds).linear)
    return [float(difference) for difference in over_all_steps(result.by_step) - linear]


@claim(
    id="seq2seq-fan",
    statement="The spread of forecasts over seeds shows how sure a forecast is.",
    source="Forecast plots with a band from several trainings.",
    protocol=f"{_SERIES}; three tanh cells, fed by themselves, 250 updates at a rate from 1e-2, "
    "each on series of its own; share of the true values between the lowest and the highest of "
    "their forecasts. Of values drawn like the forecasts, half would be there.",
    bound="0.05..0.4",
    verdict="does not hold",
    remark="The networks agree in their errors: the spread leaves out the noise, and all that they "
    "have in common.",
)
def fan(seeds: Sequence[int], scale: Scale) -> float:
    forecasts = _trained(tuple(seeds), scale).forecasts
    truth = seasonal_parts(seeds[0]).test.future[..., 0]
    return float(((forecasts.min(axis=0) < truth) & (truth < forecasts.max(axis=0))).mean())


@lru_cache(maxsize=8)
def _trained(
    seeds: tuple[int, ...],
    scale: Scale,
    *,
    rate: float = 0.01,
    forcing: float = 0.0,
    cell: str = "rnn",
    times: int = 1,
) -> ForecastTraining:
    budget: Scale = "smoke" if scale == "smoke" else "site"  # the protocols name it
    return forecast_training(
        seeds=seeds, rate=rate, forcing=forcing, cell=cell, times=times, scale=budget
    )


@claim(
    id="seq2seq-bottleneck",
    statement="The state between encoder and decoder is too small, so long sequences do not get "
    "through.",
    source="Motivations of attention by the fixed size of the state; Bahdanau, Cho and Bengio, "
    "Neural machine translation by jointly learning to align and translate, ICLR (2015), put it "
    "as a conjecture.",
    protocol="Repeat 12 random symbols out of 8, tanh cell, hidden 32, states fed back, trained at "
    "that length, 150 fresh batches of 32; share of symbols that are right, per seed. Guessing "
    "has 0.125.",
    bound="0.15..0.5",
    verdict="only if",
    remark="the sequence is longer than what the state can hold. Here it is shorter: weights set "
    "by hand repeat all 12 with a state of the same size, so what is missing is training.",
)
def bottleneck(seeds: Sequence[int], scale: Scale) -> list[float]:
    budget: Scale = "smoke" if scale == "smoke" else "site"
    result = copy_task(seeds=seeds, lengths=(12,), scale=budget)
    if result.by_hand.min() < 0.99:
        raise ArithmeticError("weights by hand do not repeat the sequence, so it may be the size")
    return [float(share) for share in result.accuracy[:, 0]]


@claim(
    id="seq2seq-shift-register",
    statement="A state of 32 numbers can carry 32 symbols from an encoder to a decoder.",
    source="Shift registers.",
    protocol="Repeat 32 random symbols out of 8, tanh cell, hidden 32, states fed back, weights "
    "set by hand, float32, 1000 sequences; share of symbols that are right, per seed.",
    bound="1..1",
    verdict="holds",
)
def by_hand(seeds: Sequence[int], scale: Scale) -> list[float]:
    register = shift_register(32, 32)
    return [accuracy(register, fresh_symbols(seed, 32)) for seed in seeds]
