"""Interpolated n-grams of characters: the baseline of every model of text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from unrolled import validate, validate_kinds
from unrolled.counts import Counts

if TYPE_CHECKING:
    from jaxtyping import Float, Shaped

STRENGTHS = (0.1, 0.3, 1.0, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0, 16.0)


class NGram:
    """Predict a character from the `order - 1` before it.

    From no context to the longest, each estimate leans on the one before it:

        p_n(c | h) = (count(hc) + a_n kinds(h) p_{n-1}(c | h')) / (count(h) + a_n kinds(h))

    where kinds(h) is how many different characters followed h, h' is h without its first
    character, and p_0 is uniform.

    Args:
        order: Characters that are looked at, the predicted one among them.
        vocab_size: V; tokens are 0 to V - 1.
        strengths: The a_n, one for each of 1 to `order`; chosen by `fit` when not given.

    Source: Witten, I. H., and Bell, T. C. (1991), method C, where all a_n are 1.
    """

    def __init__(
        self, order: int, vocab_size: int, *, strengths: Sequence[float] | None = None
    ) -> None:
        self.order = validate.size("order", order)
        self.vocab_size = validate.size("vocab_size", vocab_size, least=2)
        if order * np.log2(vocab_size) > 62:
            raise ValueError(f"order: got {order}, too long for {vocab_size} characters")
        if strengths is not None:
            validate_kinds.instance("strengths", strengths, Sequence)
            strengths = tuple(validate.positive("strengths", a) for a in strengths)
            if len(strengths) != order:
                raise ValueError(f"strengths: got {len(strengths)}, expected {order}, one an order")
        self.strengths = strengths
        self._counts: list[Counts] = []

    def fit(self, tokens: Shaped[np.ndarray, " T"]) -> NGram:
        """Count the tokens and return the model.

        Strengths that were not given are chosen, shortest context first, on the last tenth
        of the tokens with counts from the rest; then all tokens are counted.

        Raises:
            TypeError: Tokens that are not integers.
            ValueError: Fewer than ten of them for each order, or one outside of 0 to V - 1.
        """
        tokens = self._checked("tokens", tokens)
        if len(tokens) < 10 * self.order:
            raise ValueError(f"tokens: got {len(tokens)}, expected at least {10 * self.order}")
        if self.strengths is None:
            cut = len(tokens) * 9 // 10
            self._count(tokens[:cut])
            self.strengths = self._choose(tokens[cut:])
        self._count(tokens)
        return self

    def shorter(self, order: int) -> NGram:
        """Return the n-gram of a lower order, as `fit` would have made it of the same tokens.

        Raises:
            ValueError: `order` is above this one's.
            RuntimeError: This one was not fitted.
        """
        strengths = validate.called_after(self.strengths, "shorter", "fit(tokens)")
        if validate.size("order", order) > self.order:
            raise ValueError(f"order: got {order}, expected at most {self.order}")
        ngram = NGram(order, self.vocab_size, strengths=strengths[:order])
        ngram._counts = self._counts[:order]
        return ngram

    def probabilities(self, tokens: Shaped[np.ndarray, " T"]) -> Float[np.ndarray, " T"]:
        """Return p of each token given those before it; the first ones have less context.

        Raises:
            RuntimeError: The model was not fitted.
            TypeError, ValueError: Not integers from 0 to V - 1, or none at all.
        """
        strengths = validate.called_after(self.strengths, "probabilities", "fit(tokens)")
        tokens = self._checked("tokens", tokens)
        p = np.full(len(tokens), 1 / self.vocab_size)
        for counts, strength in zip(self._counts, strengths, strict=True):
            if counts.length < len(tokens):
                after = slice(counts.length, None)
                p[after] = _lean(*counts.look_up(tokens), strength, p[after])
        return p

    def loss(self, tokens: Shaped[np.ndarray, " T"]) -> float:
        """Return the mean of -log p, in nats per character.

        Raises:
            RuntimeError, TypeError, ValueError: As `probabilities`.
        """
        return float(-np.log(self.probabilities(tokens)).mean())

    def sample(
        self, seed_tokens: Shaped[np.ndarray, " S"], length: int, *, count: int = 1, seed: int = 0
    ) -> Shaped[np.ndarray, "count length"]:
        """Continue `seed_tokens` by `length` tokens, `count` times, drawn from the model.

        A draw goes down from the longest context h: with probability
        count(h) / (count(h) + a kinds(h)) it takes what followed a random occurrence of h,
        else it tries h'.

        Raises:
            RuntimeError: The model was not fitted.
            TypeError, ValueError: An argument of another kind, or out of its range.
        """
        strengths = validate.called_after(self.strengths, "sample", "fit(tokens)")
        seed_tokens = self._checked("seed_tokens", seed_tokens)
        length, count = validate.size("length", length), validate.size("count", count)
        rng = np.random.default_rng(validate.size("seed", seed, least=0))
        start = len(seed_tokens)
        made = np.empty((count, start + length), np.int64)
        made[:, :start] = seed_tokens
        for place in range(start, start + length):
            token = np.full(count, -1)
            for counts, strength in zip(self._counts[::-1], strengths[::-1], strict=True):
                if counts.length <= place:
                    followed, chance = counts.draw(
                        made[:, place - counts.length : place], strength, rng.random(count)
                    )
                    token = np.where((token < 0) & (rng.random(count) < chance), followed, token)
            anything = rng.integers(self.vocab_size, size=count)
            made[:, place] = np.where(token < 0, anything, token)
        return made[:, start:]

    def _checked(self, name: str, tokens: np.ndarray) -> np.ndarray:
        return validate_kinds.integers(name, tokens, self.vocab_size, ("T",))

    def _count(self, tokens: np.ndarray) -> None:
        self._counts = [Counts(tokens, n, self.vocab_size) for n in range(self.order)]

    def _choose(self, tokens: np.ndarray) -> tuple[float, ...]:
        """Return the strengths that predict `tokens` best, each given those before it."""
        p = np.full(len(tokens), 1 / self.vocab_size)
        chosen = []
        for counts in self._counts:
            after = slice(counts.length, None)
            found = counts.look_up(tokens)
            tried = {a: _lean(*found, a, p[after]) for a in STRENGTHS}
            best = min(tried, key=lambda a: float(-np.log(tried[a]).sum()))
            chosen.append(best)
            p[after] = tried[best]
        return tuple(chosen)


def _lean(
    pair: np.ndarray, context: np.ndarray, kinds: np.ndarray, strength: float, lower: np.ndarray
) -> np.ndarray:
    """Return the estimate of one order; for a context that never occurred, the lower one's."""
    seen = context > 0
    weight = np.where(seen, strength * kinds, 1.0)
    p: np.ndarray = (pair + weight * lower) / (context + weight)
    return p
