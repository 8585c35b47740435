"""Draw the next character from what a model says, and go on from there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch

from unrolled import validate
from unrolled.data.corpora import decode, encode
from unrolled.models.char import CharRNN

if TYPE_CHECKING:
    from jaxtyping import Float


def probabilities(
    logits: Float[np.ndarray, "*batch V"], *, temperature: float = 1.0, top_k: int | None = None
) -> Float[np.ndarray, "*batch V"]:
    """Return softmax(logits / temperature), with all but the `top_k` largest set to zero.

    A temperature below 1 sharpens, one above 1 flattens; the order of the characters stays.
    Of equal logits at the edge of the top k, those that come first in the alphabet stay.

    Raises:
        ValueError: A temperature that is not above zero, or a `top_k` below 1.
    """
    validate.positive("temperature", temperature)
    scaled = np.asarray(logits, np.float64) / temperature
    if top_k is not None and validate.size("top_k", top_k) < scaled.shape[-1]:
        dropped = np.argsort(-scaled, axis=-1, kind="stable")[..., top_k:]
        np.put_along_axis(scaled, dropped, -np.inf, axis=-1)
    p = np.exp(scaled - scaled.max(axis=-1, keepdims=True))
    softmax: np.ndarray = p / p.sum(axis=-1, keepdims=True)
    return softmax


def entropy(p: Float[np.ndarray, "*batch V"]) -> Float[np.ndarray, "*batch"]:
    """Return the entropy of each distribution, in nats."""
    terms = p * np.log(np.where(p > 0, p, 1))
    nats: np.ndarray = -terms.sum(axis=-1)
    return nats


def draw(rng: np.random.Generator, p: Float[np.ndarray, "B V"]) -> np.ndarray:
    """Return one token a row, each with its probability, (B,)."""
    ends = p.cumsum(axis=-1)
    u = rng.random((len(p), 1)) * ends[:, -1:]
    drawn: np.ndarray = (ends > u).argmax(axis=-1)
    return drawn


@torch.no_grad()
def generate(
    model: CharRNN,
    alphabet: str,
    seed_text: str,
    length: int,
    *,
    temperature: float = 1.0,
    top_k: int | None = None,
    count: int = 1,
    seed: int = 0,
) -> list[str]:
    """Continue `seed_text` by `length` characters, `count` times.

    The seed text is read first, which sets the state; then each character drawn is read
    in its turn. The model is in evaluation mode meanwhile and is left as it was.

    Raises:
        ValueError: An empty seed text, or one with a character that is not in the alphabet.
    """
    if not seed_text:
        raise ValueError("seed_text: got an empty text, expected at least one character")
    length = validate.size("length", length)
    training, where = model.training, next(model.parameters()).device
    rng = np.random.default_rng(seed)
    tokens = np.tile(encode(seed_text, alphabet), (validate.size("count", count), 1))  # (B, T)
    made, state = [], None
    model.eval()
    try:
        for _ in range(length):
            logits, state = model(torch.from_numpy(tokens).to(where), state)  # (B, T, V)
            last = logits[:, -1].cpu().numpy()
            p = probabilities(last, temperature=temperature, top_k=top_k)
            tokens = draw(rng, p)[:, None]  # (B, 1)
            made.append(tokens)
    finally:
        model.train(training)
    return [decode(row, alphabet) for row in np.concatenate(made, axis=1)]
