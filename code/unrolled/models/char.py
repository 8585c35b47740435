"""A language model by character: one-hot characters, one recurrent layer, one read-out."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn
from torch.nn.functional import one_hot

from unrolled import validate, validate_tensor

CELLS: dict[str, type[nn.RNN | nn.LSTM | nn.GRU]] = {
    "rnn": nn.RNN,
    "lstm": nn.LSTM,
    "gru": nn.GRU,
}
State = torch.Tensor | tuple[torch.Tensor, torch.Tensor]
"""(1, B, H), or for an LSTM a pair of them: whatever `forward` returned."""


class CharRNN(nn.Module):
    """Say, after every character of a text, which one comes next.

    Args:
        vocab_size: Characters in the alphabet, V.
        hidden_dim: H.
        cell: `"rnn"` (with tanh), `"lstm"` or `"gru"`.
        dropout: Share of the state's units that training hides from the read-out.

    Raises:
        TypeError, ValueError: An argument of another kind, or out of its range.
    """

    def __init__(
        self, vocab_size: int, hidden_dim: int, *, cell: str = "rnn", dropout: float = 0.0
    ) -> None:
        super().__init__()
        self.vocab_size = vocab_size = validate.size("vocab_size", vocab_size, least=2)
        self.hidden_dim = hidden_dim = validate.size("hidden_dim", hidden_dim)
        self.cell = validate.choice("cell", cell, tuple(CELLS))
        if not 0 <= (dropout := validate.number("dropout", dropout)) < 1:
            raise ValueError(f"dropout: got {dropout}, expected a share of at least 0 and below 1")
        self.rnn = CELLS[cell](vocab_size, hidden_dim, batch_first=True)
        # PyTorch draws from ±1/√H, for inputs of many numbers. Of a one-hot row one alone counts.
        nn.init.uniform_(self.rnn.get_parameter("weight_ih_l0"), -1, 1)
        self.dropout = nn.Dropout(dropout)
        self.readout = nn.Linear(hidden_dim, vocab_size)

    def forward(
        self, tokens: torch.Tensor, state: State | None = None
    ) -> tuple[torch.Tensor, State]:
        """Return logits for the next character of every place, and the state after the last.

        Args:
            tokens: (B, T), integers from 0 to V - 1.
            state: What an earlier call returned, to go on from there; zeros by default.

        Returns:
            Logits (B, T, V) and the state.

        Raises:
            TypeError, ValueError: Not such tensors.
        """
        tokens = validate_tensor.tokens("tokens", tokens, self.vocab_size, ("B", "T"))
        self._check(state, len(tokens))
        inputs = one_hot(tokens, self.vocab_size).float()  # (B, T, V)
        states, last = self.rnn(inputs, state)  # (B, T, H)
        return self.readout(self.dropout(states)), last

    def _check(self, state: State | None, count: int) -> None:
        if state is None:
            return
        parts = state if isinstance(state, tuple) else (state,)
        wanted = 2 if self.cell == "lstm" else 1
        if isinstance(state, tuple) != (wanted == 2) or len(parts) != wanted:
            expected = "two tensors" if wanted == 2 else "a tensor"
            raise TypeError(f"state: got {type(state).__name__}, expected {expected}")
        for part in parts:
            dtype = self.readout.weight.dtype
            validate_tensor.tensor("state", part, dtype, (1, count, self.hidden_dim))

    def parameter_count(self) -> int:
        """Return how many numbers there are to learn."""
        return sum(parameter.numel() for parameter in self.parameters())


def detached(state: Any) -> Any:
    """Return the state as plain numbers, through which no gradient goes back."""
    if isinstance(state, tuple):
        return tuple(part.detach() for part in state)
    return None if state is None else state.detach()
