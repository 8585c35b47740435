"""Claims of the chapter on why order matters."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from unrolled.claims.registry import claim
from unrolled.experiments.biting import WhoBitWhom, who_bit_whom
from unrolled.experiments.positions import (
    ConsistentShuffle,
    UnseenPositions,
    consistent_shuffle,
    unseen_positions,
)
from unrolled.experiments.sentences import sentence_order
from unrolled.settings import Scale

_SENTENCES = (
    'The sentences "the dog bit the man" and "the man bit the dog", word vectors of 64 numbers '
    "N(0, 1) in float32"
)


@claim(
    id="order-average-is-blind",
    statement="An average of word vectors cannot tell who bit whom.",
    source="The usual motivation for models of sequences.",
    protocol=f"{_SENTENCES}; largest absolute difference of the two averages, per seed.",
    bound="..1e-6",
    verdict="holds",
    seeds=range(10),
)
def average_is_blind(seeds: Sequence[int], scale: Scale) -> list[float]:
    return [float(gap) for gap in sentence_order(seeds=seeds).mean_gap]


@claim(
    id="order-average-last-bits",
    statement="Different orders of the same words have averages that differ in their last bits.",
    source="Goldberg, What every computer scientist should know about floating-point arithmetic, "
    "ACM Computing Surveys 23 (1991).",
    protocol=f"{_SENTENCES}, added from left to right; how many different averages the 60 orders "
    "of the first sentence's words have, per seed.",
    bound="24..33",
    verdict="holds",
    remark="At most 33, as exchanging the first two words changes nothing: addition commutes, "
    "but is not associative.",
    seeds=range(10),
)
def average_last_bits(seeds: Sequence[int], scale: Scale) -> list[float]:
    return [float(count) for count in sentence_order(seeds=seeds).distinct_means]


@claim(
    id="order-state-tells-apart",
    statement="A recurrent state tells two sentences apart after words that they have in common.",
    source="Elman, Finding structure in time, Cognitive Science 14 (1990).",
    protocol=f"{_SENTENCES}; untrained networks with hidden 32 and weights N(0, 1/32); distance "
    "of the two states after the fourth word over the larger norm, per seed; the third and the "
    "fourth word are the same in both, and with W_hh = 0 the distance is exactly 0.",
    bound="0.1..0.8",
    verdict="holds",
    seeds=range(10),
)
def state_tells_apart(seeds: Sequence[int], scale: Scale) -> list[float]:
    result = sentence_order(seeds=seeds)
    if result.without_recurrence.any():
        raise ArithmeticError("without recurrence the states differ, so this says nothing")
    return [float(distance) for distance in result.state_distance]


_BITING = (
    'sentences "the X bit the Y" and "the X was bitten by the Y" with one of ten tame and one of '
    "ten wild animals in every combination, a quarter of the pairs held out; did the tame one "
    "bite? Word vectors of 16, 150 steps of Adam at 1e-2; accuracy on held-out pairs, per seed; "
    "the majority class and a dense net on the last word alone score 0.5."
)


@claim(
    id="order-trained-average",
    statement="No training teaches a network on averaged word vectors who bit whom.",
    source="It follows from the average: both orders give the network the same input.",
    protocol=f"A dense net with 32 hidden units on the average; {_BITING}",
    bound="0.48..0.52",
    verdict="holds",
)
def trained_average(seeds: Sequence[int], scale: Scale) -> list[float]:
    return [float(accuracy) for accuracy in _biting(tuple(seeds), scale).averaged]


@claim(
    id="order-trained-rnn",
    statement="A recurrent network learns who bit whom.",
    source="Elman, Finding structure in time, Cognitive Science 14 (1990).",
    protocol=f"An nn.RNN with 32 units, read at the last step; {_BITING}",
    bound="0.94..1",
    verdict="holds",
)
def trained_rnn(seeds: Sequence[int], scale: Scale) -> list[float]:
    result = _biting(tuple(seeds), scale)
    if scale != "smoke" and not (abs(result.last_word - 0.5) < 0.1).all():
        raise ArithmeticError(f"the last word alone gives {result.last_word}: no order is needed")
    return [float(accuracy) for accuracy in result.recurrent]


@lru_cache(maxsize=2)
def _biting(seeds: tuple[int, ...], scale: Scale) -> WhoBitWhom:
    """Two claims, one training."""
    return who_bit_whom(seeds=seeds, scale=scale)


_PATTERNS = (
    "64 numbers of noise N(0, 0.5²) with one of two patterns of eight numbers ±1 at a random "
    "position: which one? 120 fresh batches of 128, Adam at 5e-3, tested on 4000 fresh inputs"
)
_CONVOLUTION = "A convolution: 16 kernels of width 8, ReLU, maximum over positions, linear"


@claim(
    id="order-shuffle-dense",
    statement="A feed-forward network does not care when all its inputs are shuffled alike.",
    source="Courses, where they explain what recurrent networks are for.",
    protocol=f"A dense net, 64-64-1 with ReLU; {_PATTERNS}; accuracy with one fixed "
    "shuffle minus accuracy without, per seed.",
    bound="-0.02..0.02",
    verdict="only if",
    remark="its first layer has a weight of its own for every input, as that of a dense net.",
)
def shuffle_dense(seeds: Sequence[int], scale: Scale) -> list[float]:
    return [float(after - before) for before, after in _shuffle(tuple(seeds), scale).dense]


@claim(
    id="order-shuffle-convolution",
    statement="A convolution that keeps only its largest answers is ruined when all inputs are "
    "shuffled alike.",
    source="It relies on neighbours, the reason for which convolutions were made: LeCun and "
    "others, Backpropagation applied to handwritten zip code recognition, Neural Computation 1 "
    "(1989).",
    protocol=f"{_CONVOLUTION}; {_PATTERNS}; accuracy with one fixed shuffle of all inputs, in "
    "training and test, per seed; without it above 0.98; the majority class scores about 0.5.",
    bound="0.49..0.67",
    verdict="holds",
)
def shuffle_convolution(seeds: Sequence[int], scale: Scale) -> list[float]:
    result = _shuffle(tuple(seeds), scale).convolution
    if scale != "smoke" and not (result[:, 0] > 0.98).all():
        raise ArithmeticError(f"even unshuffled the convolution fails: {result[:, 0]}")
    return [float(accuracy) for accuracy in result[:, 1]]


@claim(
    id="order-shuffle-with-dense",
    statement="A convolution is ruined when all inputs are shuffled alike, whatever stands above "
    "it.",
    source="What is said of convolutions, without a look at the layers above.",
    protocol=f"A convolution of 16 kernels of width 8, ReLU, a dense net of 64 units on all "
    f"answers; {_PATTERNS}; accuracy with one fixed shuffle of all inputs, in training and test, "
    "per seed.",
    bound="0.7..1",
    verdict="does not hold",
    remark="A dense net that knows where each answer comes from can put the pieces together.",
)
def shuffle_with_dense(seeds: Sequence[int], scale: Scale) -> list[float]:
    return [float(shuffled) for _, shuffled in _shuffle(tuple(seeds), scale).with_dense]


@lru_cache(maxsize=2)
def _shuffle(seeds: tuple[int, ...], scale: Scale) -> ConsistentShuffle:
    return consistent_shuffle(seeds=seeds, scale=scale)


@claim(
    id="order-unseen-position-dense",
    statement="What a dense net has learned at one position it does not know at another.",
    source="The reason for weights shared over positions: LeCun and others, Backpropagation "
    "applied to handwritten zip code recognition, Neural Computation 1 (1989).",
    protocol=f"A dense net, 64-64-1 with ReLU; {_PATTERNS}; trained with patterns in the first "
    "half of the window, accuracy with patterns in the second half, per seed; the majority class "
    "scores about 0.5.",
    bound="0.45..0.55",
    verdict="holds",
)
def unseen_position_dense(seeds: Sequence[int], scale: Scale) -> list[float]:
    return [float(second) for _, second in _positions(tuple(seeds), scale).dense]


@claim(
    id="order-unseen-position-convolution",
    statement="A convolution knows a pattern at a position where it has never seen it.",
    source="Explanations of weight sharing.",
    protocol=f"{_CONVOLUTION}; {_PATTERNS}; trained with patterns in the first half of the "
    "window, accuracy with patterns in the second half, per seed; with a dense net on all answers "
    "instead of the maximum it is below 0.75.",
    bound="0.985..1",
    verdict="only if",
    remark="nothing above the kernels has weights for each position.",
)
def unseen_position_convolution(seeds: Sequence[int], scale: Scale) -> list[float]:
    result = _positions(tuple(seeds), scale)
    if not (result.with_dense[:, 1] < 0.75).all():
        raise ArithmeticError(f"with a dense net above, it is {result.with_dense[:, 1]}")
    return [float(second) for _, second in result.convolution]


@lru_cache(maxsize=2)
def _positions(seeds: tuple[int, ...], scale: Scale) -> UnseenPositions:
    return unseen_positions(seeds=seeds, scale=scale)
