"""Draw the next character from what a model says, and go on from there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch

from unrolled import validate, validate_kinds
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
        TypeError, ValueError: Logits that are not finite numbers, a temperature that is not
            above zero, or a `top_k` below 1.
    """
    temperature = validate.positive("temperature", temperature)
    logits = validate_kinds.floats("logits", logits, ("V",), ("B", "V"), ("B", "T", "V"))
    scaled = logits.astype(np.float64) / temperature
    if top_k is not None and validate.size("top_k", top_k) < scaled.shape[-1]:
        dropped = np.argsort(-scaled, axis=-1, kind="stable")[..., top_k:]
        np.put_along_axis(scaled, dropped, -np.inf, axis=-1)
    p = np.exp(scaled - scaled.max(axis=-1, keepdims=True))
    softmax: np.ndarray = p / p.sum(axis=-1, keepdims=True)
    return softmax


def entropy(p: Float[np.ndarray, "*batch V"]) -> Float[np.ndarray, "*batch"]:
    """Return the entropy of each distribution, in nats.

    Raises:
        TypeError, ValueError: Not probabilities that add up to 1.
    """
    p = _distributions(p, ("V",), ("B", "V"), ("B", "T", "V"))
    terms = p * np.log(np.where(p > 0, p, 1))
    nats: np.ndarray = -terms.sum(axis=-1)
    return nats


def draw(rng: np.random.Generator, p: Float[np.ndarray, "B V"]) -> np.ndarray:
    """Return one token a row, each with its probability, (B,).

    Raises:
        TypeError, ValueError: Not a generator of NumPy, or as in `entropy`.
    """
    validate_kinds.instance("rng", rng, np.random.Generator)
    p = _distributions(p, ("B", "V"))
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
        TypeError, ValueError: An argument of another kind, or out of its range: an empty seed
            text, one with a character that is not in the alphabet, an alphabet of another size.
    """
    validate_kinds.instance("model", model, CharRNN)
    if not validate_kinds.text("seed_text", seed_text):
        raise ValueError("seed_text: got an empty text, expected at least one character")
    if len(validate_kinds.text("alphabet", alphabet)) != model.vocab_size:
        raise ValueError(f"alphabet: got {len(alphabet)} characters, expected {model.vocab_size}")
    length, seed = validate.size("length", length), validate.size("seed", seed, least=0)
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


def _distributions(p: np.ndarray, *shapes: tuple[str, ...]) -> np.ndarray:
    p = validate_kinds.floats("p", p, *shapes)
    if p.min() < 0 or abs(p.sum(axis=-1) - 1).max() > 1e-3:
        totals = p.sum(axis=-1)
        raise ValueError(
            f"p: got numbers from {p.min():.4g} up that add up to {totals.min():.4g} to "
            f"{totals.max():.4g}, expected probabilities, which add up to 1"
        )
    return p
