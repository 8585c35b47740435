"""Can an average of word vectors tell who bit whom, and can a recurrent state?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import permutations
from typing import TYPE_CHECKING

import numpy as np

from unrolled import validate
from unrolled.asked import asked_seeds
from unrolled.gradcheck import relative_error
from unrolled.rnn import VanillaRNN

if TYPE_CHECKING:
    from jaxtyping import Float, Shaped

SENTENCE = ("the", "dog", "bit", "the", "man")
REVERSED = ("the", "man", "bit", "the", "dog")
WORDS = ("the", "dog", "bit", "man")


@dataclass(frozen=True, eq=False)
class SentenceOrder:
    """Two sentences of the same words, told apart by two summaries; a row a seed."""

    seeds: tuple[int, ...]
    mean_gap: Float[np.ndarray, " seeds"]
    """Largest absolute difference of the two averages."""
    distinct_means: Shaped[np.ndarray, " seeds"]
    """How many different averages, bit for bit, all orders of the words give."""
    state_distance: Float[np.ndarray, " seeds"]
    """Of the states of an untrained network after the fourth word, over the larger norm. The
    two words before that are the same in both sentences."""
    without_recurrence: Float[np.ndarray, " seeds"]
    """The same for a network whose W_hh is zero."""


def sentence_order(
    *, seeds: Sequence[int] = (0, 1, 2), embedding_dim: int = 64, hidden_dim: int = 32
) -> SentenceOrder:
    """Compare "the dog bit the man" with "the man bit the dog" in float32.

    Word vectors N(0, 1), added in the order of the words; a network with its default weights.

    Raises:
        TypeError, ValueError: An argument of another kind, or out of its range.
    """
    embedding_dim = validate.size("embedding_dim", embedding_dim)
    asked_seeds(seeds)
    gap, distance, without = np.empty((3, len(seeds)))
    distinct = np.empty(len(seeds), int)
    for row, seed in enumerate(seeds):
        rng = np.random.default_rng([seed, 1])
        vectors = {word: rng.standard_normal(embedding_dim, np.float32) for word in WORDS}
        gap[row] = abs(average(vectors, SENTENCE) - average(vectors, REVERSED)).max()
        orders = sorted(set(permutations(SENTENCE)))
        distinct[row] = len({average(vectors, order).tobytes() for order in orders})
        model = VanillaRNN(embedding_dim, hidden_dim, 1, seed=seed)
        both = [[vectors[word] for word in order] for order in (SENTENCE, REVERSED)]
        model.forward(both)
        distance[row] = relative_error(*model.states[:, 3])
        model.W_hh[:] = 0
        model.forward(both)
        without[row] = relative_error(*model.states[:, 3])
    return SentenceOrder(tuple(seeds), gap, distinct, distance, without)


def average(
    vectors: dict[str, np.ndarray], words: Sequence[str]
) -> Float[np.ndarray, " embedding_dim"]:
    """Return the mean of the words' vectors, added from left to right."""
    total = np.zeros_like(vectors[words[0]])
    for word in words:
        total += vectors[word]
    mean: np.ndarray = total / np.float32(len(words))
    return mean
