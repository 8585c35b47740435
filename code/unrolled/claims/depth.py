"""Claims of the chapter on stacked and bidirectional networks."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence

from unrolled.claims.registry import claim
from unrolled.experiments.peeking import NextCharacterLoss, next_character_loss
from unrolled.experiments.recall import Recall, recall_at
from unrolled.settings import Scale
from unrolled.stacked import final_states, lone_layer


def _count(rnn: nn.RNN) -> float:
    return float(sum(parameter.numel() for parameter in rnn.parameters()))


@claim(
    id="depth-stacked-parameters",
    statement="Three layers of 128 units on inputs of 64 have 90,880 parameters in nn.RNN.",
    source="The formula in the documentation of torch.nn.RNN.",
    protocol="The size of every parameter of torch.nn.RNN(64, 128, 3), added up.",
    bound="90880..90880",
    verdict="holds",
)
def stacked_parameters(seeds: Sequence[int], scale: Scale) -> float:
    return _count(nn.RNN(64, 128, 3))


@claim(
    id="depth-bidirectional-parameters",
    statement="Two layers in two directions have twice the parameters of two layers in one.",
    source="Descriptions of a bidirectional network as two networks side by side.",
    protocol="The size of every parameter of torch.nn.RNN(64, 128, 2, bidirectional=True), "
    "over that of torch.nn.RNN(64, 128, 2).",
    bound="2.5..2.6",
    verdict="only if",
    remark="there is one layer; each layer above it reads both directions, so its input "
    "weights double once more.",
)
def bidirectional_parameters(seeds: Sequence[int], scale: Scale) -> float:
    return _count(nn.RNN(64, 128, 2, bidirectional=True)) / _count(nn.RNN(64, 128, 2))


def _untrained(
    seed: int, *, layers: int = 2, directions: int = 2, length: int = 50
) -> tuple[nn.RNN, torch.Tensor]:
    """A network of 16 units in float64, and inputs (8, T, 4)."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        rnn = nn.RNN(
            4, 16, layers, batch_first=True, bidirectional=directions == 2, dtype=torch.float64
        )
        return rnn, torch.randn(8, length, 4, dtype=torch.float64)


_NETWORK = "Two layers in two directions, input 4, hidden 16, batch 8, 50 steps of N(0, 1), float64"


@claim(
    id="depth-lone-layers",
    statement="A bidirectional network is made of one-directional ones, half of which read the "
    "sequence backwards.",
    source="Schuster and Paliwal, Bidirectional recurrent neural networks, IEEE Transactions on "
    "Signal Processing 45 (1997).",
    protocol=f"{_NETWORK}, against four one-directional networks with copies of its weights, those "
    "for the backward direction run on the reversed sequence; largest difference in h_n, per seed.",
    bound="..1e-13",
    verdict="holds",
)
def lone_layers(seeds: Sequence[int], scale: Scale) -> list[float]:
    return [_difference_from_lone_layers(seed) for seed in seeds]


@torch.no_grad()
def _difference_from_lone_layers(seed: int) -> float:
    rnn, below = _untrained(seed)
    _, h_n = rnn(below)
    largest = 0.0
    for layer in range(2):
        forward, first = lone_layer(rnn, layer)(below)
        backward, second = lone_layer(rnn, layer, backward=True)(below.flip(1))
        for index, state in enumerate((first[0], second[0])):
            largest = max(largest, float((h_n[2 * layer + index] - state).abs().max()))
        below = torch.cat([forward, backward.flip(1)], dim=2)
    return largest


@claim(
    id="depth-last-step-is-final",
    statement="The last step of the output is the final state.",
    source="Classifiers that read output[:, -1] whatever the network.",
    protocol=f"{_NETWORK}, untrained; distance between the backward half of output[:, -1] and "
    "h_n[-1] over the length of the latter, per seed; a network of one direction has zero.",
    bound="0.3..",
    verdict="only if",
    remark="there is one direction; the backward one ends at the first step.",
)
@torch.no_grad()
def last_step_is_final(seeds: Sequence[int], scale: Scale) -> list[float]:
    def distance(seed: int, directions: int) -> float:
        rnn, inputs = _untrained(seed, directions=directions)
        output, h_n = rnn(inputs)
        return float((output[:, -1, -16:] - h_n[-1]).norm() / h_n[-1].norm())

    if any(distance(seed, 1) > 1e-12 for seed in seeds):
        raise ArithmeticError("one direction: output[:, -1] is not h_n[-1] either")
    return [distance(seed, 2) for seed in seeds]


@claim(
    id="depth-backward-half-reads",
    statement="At the last step, both halves of a bidirectional layer have read the whole "
    "sequence.",
    source="Bidirectional networks said to know past and future at every step.",
    protocol="One layer in two directions, input 4, hidden 16, batch 8, 50 steps of N(0, 1), "
    "float64; steps whose inputs have a gradient that is not zero in the sum of the backward half "
    "of output[:, -1], per seed; of the forward half it is all 50.",
    bound="1..1",
    verdict="does not hold",
    remark="There the backward half has read the last input and nothing else.",
)
def backward_half_reads(seeds: Sequence[int], scale: Scale) -> list[float]:
    def steps(seed: int, half: slice) -> float:
        rnn, inputs = _untrained(seed, layers=1)
        inputs.requires_grad_()
        output, _ = rnn(inputs)
        (gradient,) = torch.autograd.grad(output[:, -1, half].sum(), inputs)
        return float((gradient != 0).any(dim=2).any(dim=0).sum())

    if any(steps(seed, slice(0, 16)) < 50 for seed in seeds):
        raise ArithmeticError("the forward half has not read every step either")
    return [steps(seed, slice(16, 32)) for seed in seeds]


@claim(
    id="depth-view-scrambles",
    statement="Calling h_n.view(B, -1) puts the final states of each sequence into its row.",
    source="Code that flattens h_n, which has the right number of entries for it.",
    protocol="One layer in two directions, input 4, hidden 16, batch 8, 50 steps; share of the "
    "rows of h_n.view(8, -1) that hold h_n[-2] and h_n[-1] of one sequence side by side, per seed.",
    bound="0..0",
    verdict="does not hold",
    remark="A row holds the states of two different sequences.",
)
@torch.no_grad()
def view_scrambles(seeds: Sequence[int], scale: Scale) -> list[float]:
    def share(seed: int) -> float:
        rnn, inputs = _untrained(seed, layers=1)
        _, h_n = rnn(inputs)
        return float((h_n.view(8, -1) == final_states(h_n)).all(dim=1).double().mean())

    return [share(seed) for seed in seeds]


@claim(
    id="depth-padding-changes-the-end",
    statement="Padding behind a sequence leaves the final state of the backward direction as it "
    "was.",
    source="The thought that whatever stands behind the end cannot matter.",
    protocol="One layer in two directions, input 4, hidden 16, batch 8; 5 steps of N(0, 1), with "
    "and without 5 steps of zeros behind; change of h_n[-1] over its length, per seed; with "
    "pack_padded_sequence it is zero.",
    bound="0.001..",
    verdict="only if",
    remark="the sequence is packed; otherwise the backward direction reads the padding first.",
)
@torch.no_grad()
def padding_changes_the_end(seeds: Sequence[int], scale: Scale) -> list[float]:
    def change(seed: int) -> float:
        rnn, inputs = _untrained(seed, layers=1, length=5)
        padded = torch.cat([inputs, torch.zeros_like(inputs)], dim=1)
        packed = pack_padded_sequence(padded, torch.full((8,), 5), batch_first=True)
        wanted = rnn(inputs)[1][-1]
        if not torch.allclose(rnn(packed)[1][-1], wanted, rtol=0, atol=1e-12):
            raise ArithmeticError("packing does not keep the padding out")
        return float((rnn(padded)[1][-1] - wanted).norm() / wanted.norm())

    return [change(seed) for seed in seeds]


@claim(
    id="depth-dropout-one-layer",
    statement="The argument dropout of a one-layer nn.RNN drops some of its outputs.",
    source="Code that passes dropout to a network of one layer.",
    protocol="Input 4, hidden 16, dropout 0.5, training mode, two runs on the same inputs; "
    "largest difference of the outputs with one layer, per seed; with two layers they differ.",
    bound="0..0",
    verdict="does not hold",
    remark="It acts between layers, so one layer has none; PyTorch warns and goes on.",
)
@torch.no_grad()
def dropout_one_layer(seeds: Sequence[int], scale: Scale) -> list[float]:
    def difference(seed: int, layers: int) -> float:
        rnn, inputs = _untrained(seed, layers=layers)
        rnn.dropout = 0.5  # the constructor would warn
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            return float((rnn(inputs)[0] - rnn(inputs)[0]).abs().max())

    if any(difference(seed, 2) == 0 for seed in seeds):
        raise ArithmeticError("two layers: dropout changes nothing either")
    return [difference(seed, 1) for seed in seeds]


_RECALL = (
    "is one of 50 N(0, 1) numbers positive? A layer of 64 units in two directions, default start, "
    "fresh batches of 64, Adam at 1e-3, clipped to norm 1, at most 140 batches; accuracy on 1000 "
    "fresh sequences, per seed; a coin has 0.5."
)


@claim(
    id="depth-recall-first",
    statement="A bidirectional network can recall the first of 50 numbers.",
    source="The usual motivation for reading a sequence from both ends.",
    protocol=f"The first number counts, read from h_n: {_RECALL}",
    bound="0.92..1",
    verdict="holds",
)
def recall_first(seeds: Sequence[int], scale: Scale) -> list[float]:
    accuracy = _recall(tuple(seeds), _budget(scale), "first", "final").accuracy
    if scale != "smoke" and (accuracy[:, 1] > 0.7).any():
        raise ArithmeticError("the same network knows it at its last step, without looking back")
    return [float(a) for a in accuracy[:, 0]]


@claim(
    id="depth-recall-last-step",
    statement="To classify with a bidirectional network, read output[:, -1].",
    source="Classifiers that were written for one direction and got bidirectional=True.",
    protocol=f"The first number counts, trained and read at output[:, -1]: {_RECALL}",
    bound="0.42..0.58",
    verdict="only if",
    remark="what counts stands near the end: the backward half is wasted, and the forward half "
    "is left with its own memory.",
)
def recall_last_step(seeds: Sequence[int], scale: Scale) -> list[float]:
    accuracy = _recall(tuple(seeds), _budget(scale), "first", "last step").accuracy
    return [float(a) for a in accuracy[:, 1]]


@claim(
    id="depth-recall-middle",
    statement="A bidirectional network can use any part of a sequence, as it has read all of it.",
    source="Bidirectional networks said to see the whole context.",
    protocol=f"The 26th number counts, read from h_n: {_RECALL}",
    bound="0.42..0.58",
    verdict="only if",
    remark="what counts stands near one of the ends; the middle is far from both.",
)
def recall_middle(seeds: Sequence[int], scale: Scale) -> list[float]:
    accuracy = _recall(tuple(seeds), _budget(scale), "middle", "final").accuracy
    return [float(a) for a in accuracy[:, 0]]


@lru_cache(maxsize=4)
def _recall(seeds: tuple[int, ...], scale: Scale, place: str, reading: str) -> Recall:
    return recall_at(seeds=seeds, place=place, reading=reading, scale=scale)


def _budget(scale: Scale) -> Scale:
    """The protocols name the batches, so a larger scale does not add any."""
    return "smoke" if scale == "smoke" else "site"


_READER = (
    "about 12,000 parameters, windows of 16 characters, 120 batches of 32, Adam from 1e-2 to 0, "
    "clipped to norm 1; loss on held-out windows in nats per character"
)


@claim(
    id="depth-peeking",
    statement="A network with a low loss on the next character can foretell text.",
    source="Losses of language models compared without asking what each of them may see.",
    protocol=f"Two directions, characters drawn evenly and independently, which nobody foretells "
    f"at less than 4 nats; {_READER}, mean over the window, per seed.",
    bound="0.15..1",
    verdict="only if",
    remark="it cannot see what it is to foretell; two directions can, at every place but the last.",
)
def peeking(seeds: Sequence[int], scale: Scale) -> list[float]:
    result = _reader(tuple(seeds), _budget(scale), text="noise", directions=2)
    if result.uniform < 4 or (result.loss[:, -1] < 4).any():
        raise ArithmeticError("the last character of a window was foretold, too")
    return [float(loss) for loss in result.loss.mean(axis=1)]


@claim(
    id="depth-writing-blind",
    statement="The network with the lower loss is the better one for writing.",
    source="Bidirectional networks proposed for generating text.",
    protocol=f"The source of argparse; {_READER}, at the last place of the window, where no future "
    "is in sight; two directions minus one direction, per seed.",
    bound="0.15..1",
    verdict="only if",
    remark="the loss was taken where writing takes place, with the past alone.",
)
def writing_blind(seeds: Sequence[int], scale: Scale) -> list[float]:
    two, one = (_reader(tuple(seeds), _budget(scale), directions=d).loss for d in (2, 1))
    if scale != "smoke" and (two.mean(axis=1) > 0.5 * one.mean(axis=1)).any():
        raise ArithmeticError("two directions do not have the lower loss in the first place")
    return [float(gap) for gap in (two - one)[:, -1]]


@claim(
    id="depth-more-layers",
    statement="A deeper recurrent network is a better one.",
    source="Stacked layers recommended as the first way to improve a recurrent network.",
    protocol=f"The source of argparse, one direction; {_READER}, mean over the window; three "
    "layers minus one layer, per seed.",
    bound="0.05..0.6",
    verdict="does not hold",
    remark="At equal parameters and in this short training, three narrow layers are behind one "
    "wide one; with other tasks and longer trainings it may be otherwise.",
)
def more_layers(seeds: Sequence[int], scale: Scale) -> list[float]:
    three, one = (_reader(tuple(seeds), _budget(scale), layers=n).loss for n in (3, 1))
    return [float(gap) for gap in three.mean(axis=1) - one.mean(axis=1)]


@lru_cache(maxsize=8)
def _reader(
    seeds: tuple[int, ...],
    scale: Scale,
    *,
    text: str = "source",
    layers: int = 1,
    directions: int = 1,
) -> NextCharacterLoss:
    return next_character_loss(
        seeds=seeds, text=text, layers=layers, directions=directions, scale=scale
    )
