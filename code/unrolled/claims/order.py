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
    id="order-average-bit-equal",
    statement="All orders of the same words have the same average, to the last bit.",
    source="Tests that compare such averages with ==.",
    protocol=f"{_SENTENCES}, added from left to right; how many different averages the 60 orders "
    "of the first sentence's words have, per seed.",
    bound="33..33",
    verdict="does not hold",
    remark="Floating-point addition commutes but is not associative, so only orders that differ "
    "in nothing but their first two words are sure to agree.",
    seeds=range(10),
)
def average_bit_equal(seeds: Sequence[int], scale: Scale) -> list[float]:
    return [float(count) for count in sentence_order(seeds=seeds).distinct_means]


@claim(
    id="order-state-tells-apart",
    statement="The final state of a recurrent network tells who bit whom.",
    source="The usual motivation for recurrent networks.",
    protocol=f"{_SENTENCES}; untrained networks with hidden 32 and weights N(0, 1/32); distance "
    "of the two final states over the larger norm, per seed.",
    bound="0.5..1.7",
    verdict="holds",
    seeds=range(10),
)
def state_tells_apart(seeds: Sequence[int], scale: Scale) -> list[float]:
    return [float(distance) for distance in sentence_order(seeds=seeds).state_distance]


_BITING = (
    'sentences "the X bit the Y" with one of ten tame and one of ten wild animals, every pair in '
    "both orders, a quarter of the pairs held out; word vectors of 16, 150 steps of Adam at 1e-2; "
    "accuracy on held-out pairs, per seed; the majority class scores 0.5."
)


@claim(
    id="order-trained-average",
    statement="With enough training, a network on averaged word vectors finds out who bit whom.",
    source="The hope that a better classifier makes up for what its inputs lack.",
    protocol=f"A dense net with 32 hidden units on the average; {_BITING}",
    bound="0.44..0.56",
    verdict="does not hold",
    remark="Both orders give it the same input, so it gives both the same answer.",
)
def trained_average(seeds: Sequence[int], scale: Scale) -> list[float]:
    return [float(accuracy) for accuracy in _biting(tuple(seeds), scale).averaged]


@claim(
    id="order-trained-rnn",
    statement="A recurrent network learns who bit whom.",
    source="The same motivation for recurrent networks, tested.",
    protocol=f"An nn.RNN with 32 units, read at the last step; {_BITING}",
    bound="0.94..1",
    verdict="holds",
)
def trained_rnn(seeds: Sequence[int], scale: Scale) -> list[float]:
    return [float(accuracy) for accuracy in _biting(tuple(seeds), scale).recurrent]


@lru_cache(maxsize=2)
def _biting(seeds: tuple[int, ...], scale: Scale) -> WhoBitWhom:
    """Two claims, one training."""
    return who_bit_whom(seeds=seeds, scale=scale)


_PATTERNS = (
    "64 numbers of noise N(0, 0.5²) with one of two patterns of eight numbers ±1 at a random "
    "position: which one? 300 fresh batches of 128, Adam at 5e-3, tested on 4000 fresh inputs"
)
_CONVOLUTION = "A convolution: 16 kernels of width 8, ReLU, maximum over positions, linear"


@claim(
    id="order-shuffle-dense",
    statement="A dense net does not care when all its inputs are shuffled alike.",
    source="Courses, of feed-forward networks in general.",
    protocol=f"A dense net, 64-64-1 with ReLU; {_PATTERNS}; accuracy with one fixed "
    "shuffle minus accuracy without, per seed.",
    bound="-0.015..0.015",
    verdict="holds",
)
def shuffle_dense(seeds: Sequence[int], scale: Scale) -> list[float]:
    return [float(after - before) for before, after in _shuffle(tuple(seeds), scale).dense]


@claim(
    id="order-shuffle-convolution",
    statement="A convolutional net does not care either when all its inputs are shuffled alike.",
    source="The same sentence, said of feed-forward networks in general.",
    protocol=f"{_CONVOLUTION}; {_PATTERNS}; accuracy with one fixed shuffle of all inputs, in "
    "training and test, per seed; the majority class scores about 0.5.",
    bound="0.49..0.67",
    verdict="does not hold",
    remark="Its kernels rely on neighbours, which the shuffle tears apart; without the shuffle "
    "the same network is nearly always right.",
)
def shuffle_convolution(seeds: Sequence[int], scale: Scale) -> list[float]:
    result = _shuffle(tuple(seeds), scale).convolution
    if scale != "smoke" and not (result[:, 0] > 0.98).all():
        raise ArithmeticError(f"even unshuffled the convolution fails: {result[:, 0]}")
    return [float(accuracy) for accuracy in result[:, 1]]


@lru_cache(maxsize=2)
def _shuffle(seeds: tuple[int, ...], scale: Scale) -> ConsistentShuffle:
    return consistent_shuffle(seeds=seeds, scale=scale)


@claim(
    id="order-unseen-position-dense",
    statement="What a dense net has learned at one position it knows at another.",
    source="Nobody says it, but a model that reads a fixed window with a dense net relies on it.",
    protocol=f"A dense net, 64-64-1 with ReLU; {_PATTERNS}; trained with patterns in the first "
    "half of the window, accuracy with patterns in the second half, per seed; the majority class "
    "scores about 0.5.",
    bound="0.45..0.55",
    verdict="does not hold",
    remark="Every position has weights of its own, and those of the second half saw only noise.",
)
def unseen_position_dense(seeds: Sequence[int], scale: Scale) -> list[float]:
    return [float(second) for _, second in _positions(tuple(seeds), scale).dense]


@claim(
    id="order-unseen-position-convolution",
    statement="A convolution knows a pattern at a position where it has never seen it.",
    source="LeCun and others, Backpropagation applied to handwritten zip code recognition, "
    "Neural Computation 1 (1989).",
    protocol=f"{_CONVOLUTION}; {_PATTERNS}; trained with patterns in the first half of the "
    "window, accuracy with patterns in the second half, per seed.",
    bound="0.985..1",
    verdict="holds",
)
def unseen_position_convolution(seeds: Sequence[int], scale: Scale) -> list[float]:
    return [float(second) for _, second in _positions(tuple(seeds), scale).convolution]


@lru_cache(maxsize=2)
def _positions(seeds: tuple[int, ...], scale: Scale) -> UnseenPositions:
    return unseen_positions(seeds=seeds, scale=scale)
