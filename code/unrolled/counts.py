"""Counts of what followed each context of one length in a text, in sorted arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from jaxtyping import Float, Shaped


class Counts:
    """How often each token followed each context of `length` tokens.

    A context is one number, its tokens read as digits to the base V, and so is a context
    with the token that followed: sorted, they are found by bisection, all at once.
    """

    def __init__(self, tokens: Shaped[np.ndarray, " T"], length: int, vocab_size: int) -> None:
        self.length = length
        self.vocab_size = vocab_size
        pairs = self._number(np.lib.stride_tricks.sliding_window_view(tokens, length + 1))
        self.pairs, self.pair_counts = np.unique(pairs, return_counts=True)
        self.contexts, self.first = np.unique(self.pairs // vocab_size, return_index=True)
        self.kinds = np.diff(self.first, append=len(self.pairs))
        self.ends = np.cumsum(self.pair_counts)  # place of a pair among all occurrences
        self.context_counts = np.add.reduceat(self.pair_counts, self.first)

    def look_up(
        self, tokens: Shaped[np.ndarray, " T"]
    ) -> tuple[Shaped[np.ndarray, " N"], Shaped[np.ndarray, " N"], Shaped[np.ndarray, " N"]]:
        """Return, for each token that has a context, counts of the pair, the context, its kinds.

        All three are 0 where the context never occurred.
        """
        pairs = self._number(np.lib.stride_tricks.sliding_window_view(tokens, self.length + 1))
        at, known = _find(self.contexts, pairs // self.vocab_size)
        at_pair, known_pair = _find(self.pairs, pairs)
        return (
            self.pair_counts[at_pair] * known_pair,
            self.context_counts[at] * known,
            self.kinds[at] * known,
        )

    def draw(
        self, contexts: Shaped[np.ndarray, "N length"], strength: float, u: Float[np.ndarray, " N"]
    ) -> tuple[Shaped[np.ndarray, " N"], Float[np.ndarray, " N"]]:
        """Return what followed a random occurrence of each context, and the chance to take it.

        Args:
            u: From [0, 1), which occurrence.
        """
        at, known = _find(self.contexts, self._number(contexts))
        total = self.context_counts[at]
        first = self.first[at]
        occurrence = self.ends[first] - self.pair_counts[first] + (u * total).astype(np.int64)
        pair = np.searchsorted(self.ends, occurrence, side="right")
        chance = known * total / (total + strength * self.kinds[at])
        return self.pairs[pair] % self.vocab_size, chance

    def _number(self, digits: np.ndarray) -> np.ndarray:
        number = np.zeros(digits.shape[:-1], np.int64)
        for column in range(digits.shape[-1]):
            number = number * self.vocab_size + digits[..., column]
        return number


def _find(table: np.ndarray, wanted: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the place of each number in the sorted table, and whether it is really there."""
    at = np.searchsorted(table, wanted)
    at[at == len(table)] = 0
    return at, table[at] == wanted
