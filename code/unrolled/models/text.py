"""A text classifier: embedding, recurrent layer, linear layer on the last state."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence

from unrolled import validate

READINGS = ("packed", "gathered", "padded")


class TextClassifier(nn.Module):
    """Score the classes of a text from the state after its last word.

    `reading` says which state that is: of a run without the padding (`packed`), the state at
    the last word of a run with it (`gathered`, the same numbers), or, for comparison, the state
    after all padding (`padded`).

    Raises:
        TypeError: A size is not an integer, or `reading` not a string.
        ValueError: A size is below 1, there is no such reading, or `padding_idx` is outside
            the vocabulary.
    """

    def __init__(
        self,
        vocab_size: int,
        embedding_dim: int,
        hidden_dim: int,
        classes: int,
        *,
        reading: str = "packed",
        padding_idx: int = 0,
    ) -> None:
        super().__init__()
        vocab_size = validate.size("vocab_size", vocab_size)
        embedding_dim = validate.size("embedding_dim", embedding_dim)
        hidden_dim, classes = (
            validate.size("hidden_dim", hidden_dim),
            validate.size("classes", classes),
        )
        padding_idx = validate.size("padding_idx", padding_idx, least=0)
        if padding_idx >= vocab_size:
            raise ValueError(f"padding_idx: got {padding_idx}, expected less than {vocab_size}")
        self.reading = validate.choice("reading", reading, READINGS)
        self.embedding = nn.Embedding(vocab_size, embedding_dim, padding_idx=padding_idx)
        self.rnn = nn.RNN(embedding_dim, hidden_dim, batch_first=True)
        self.readout = nn.Linear(hidden_dim, classes)

    def forward(self, tokens: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        """Return the logits, (B, classes).

        Args:
            tokens: (B, T), integers below `vocab_size`, padded at the end.
            lengths: (B,), how many tokens of each row are text.

        Raises:
            TypeError: Not integers.
            ValueError: Another shape, a token outside the vocabulary, a length outside 1..T.
        """
        logits: torch.Tensor = self.readout(self.last_state(tokens, lengths))
        return logits

    def last_state(self, tokens: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        """Return the state that is read, (B, H).

        Raises:
            TypeError, ValueError: As `forward`.
        """
        check_texts(tokens, lengths, self.embedding.num_embeddings)
        embedded = self.embedding(tokens)  # (B, T, D)
        if self.reading == "packed":
            packed = pack_padded_sequence(
                embedded, lengths.cpu(), batch_first=True, enforce_sorted=False
            )
            _, h_n = self.rnn(packed)  # (1, B, H)
            return last_layer(h_n)
        states, h_n = self.rnn(embedded)  # (B, T, H), (1, B, H)
        return at_lengths(states, lengths) if self.reading == "gathered" else last_layer(h_n)


def last_layer(h_n: torch.Tensor) -> torch.Tensor:
    """Return the last state of the top layer, (B, H), of any number of one-way layers."""
    return h_n[-1]


def at_lengths(states: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
    """Return for each row of states (B, T, H) that at its own last step, (B, H)."""
    rows = torch.arange(len(states), device=states.device)
    return states[rows, lengths.to(states.device) - 1]


def check_texts(tokens: torch.Tensor, lengths: torch.Tensor, vocab_size: int) -> None:
    """Refuse tokens (B, T) and lengths (B,) that are no padded texts of this vocabulary.

    Raises:
        TypeError, ValueError: As `TextClassifier.forward`.
    """
    for name, tensor in (("tokens", tokens), ("lengths", lengths)):
        if not isinstance(tensor, torch.Tensor):
            raise TypeError(f"{name}: got {type(tensor).__name__}, expected a torch.Tensor")
        if tensor.dtype not in (torch.int64, torch.int32):
            raise TypeError(f"{name}: got dtype {tensor.dtype}, expected integers")
    if tokens.ndim != 2 or 0 in tokens.shape:
        raise ValueError(f"tokens: got shape {tuple(tokens.shape)}, expected (B, T), not empty")
    if lengths.shape != tokens.shape[:1]:
        raise ValueError(
            f"lengths: got shape {tuple(lengths.shape)}, expected ({len(tokens)},) as tokens has "
            f"{len(tokens)} rows"
        )
    _within("tokens", tokens, 0, vocab_size - 1)
    _within("lengths", lengths, 1, tokens.shape[1])


def _within(name: str, tensor: torch.Tensor, low: int, high: int) -> None:
    least, most = int(tensor.min()), int(tensor.max())
    if least < low or most > high:
        raise ValueError(f"{name}: got {least} to {most}, expected {low} to {high}")
