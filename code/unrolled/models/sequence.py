"""A classifier of whole sequences: a recurrent network, read once at the end."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import nn

from unrolled import validate, validate_tensor

CELLS: dict[str, Callable[..., nn.RNNBase]] = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}


class SequenceClassifier(nn.Module):
    """Read sequences of numbers and say which class each one is of."""

    def __init__(
        self,
        input_dim: int,
        hidden_dim: int,
        classes: int,
        *,
        layers: int = 1,
        dropout: float = 0.0,
        cell: str = "rnn",
        bidirectional: bool = False,
    ) -> None:
        """Draw the weights from PyTorch's random numbers, as its layers do.

        Args:
            input_dim: Numbers that come in at each step.
            hidden_dim: Units of each layer and direction.
            classes: Logits that go out for each sequence.
            layers: Recurrent layers, each reading the states of the one below.
            dropout: Share of the states between two layers that training sets to zero.
            cell: `"rnn"` (tanh), `"lstm"` or `"gru"`.
            bidirectional: Read each sequence backwards as well.

        Raises:
            TypeError: A size is not an integer, `bidirectional` not a bool, or the like.
            ValueError: A size below 1 (`classes`: below 2), another cell, `dropout` outside
                of 0 to 1, or above 0 where there is nothing between layers to drop.
        """
        super().__init__()
        self.input_dim = input_dim = validate.size("input_dim", input_dim)
        hidden_dim = validate.size("hidden_dim", hidden_dim)
        classes = validate.size("classes", classes, least=2)
        layers = validate.size("layers", layers)
        if not 0 <= (dropout := validate.number("dropout", dropout)) < 1:
            raise ValueError(f"dropout: got {dropout}, expected a share of at least 0 and below 1")
        if dropout and layers == 1:
            raise ValueError(
                f"dropout: got {dropout} with layers=1, expected 0: it acts between layers only"
            )
        if not isinstance(bidirectional, bool):
            raise TypeError(f"bidirectional: got {bidirectional!r}, expected True or False")
        self.recurrent = CELLS[validate.choice("cell", cell, tuple(CELLS))](
            input_dim,
            hidden_dim,
            num_layers=layers,
            dropout=dropout,
            bidirectional=bidirectional,
            batch_first=True,
        )
        self.readout = nn.Linear(hidden_dim * (1 + bidirectional), classes)

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """Return logits (B, classes) for inputs (B, T, input_dim).

        What is read is the last layer's state after its last step: for the direction that
        reads backwards, that is the step at the beginning of the sequence.

        Raises:
            TypeError: Not a tensor of the weights' dtype.
            ValueError: Inputs of another shape, or nothing in them.
        """
        dtype = self.readout.weight.dtype
        validate_tensor.tensor("inputs", inputs, dtype, ("B", "T", self.input_dim))
        _, state = self.recurrent(inputs)
        h_n = state[0] if isinstance(state, tuple) else state  # (layers · directions, B, H)
        directions = 2 if self.recurrent.bidirectional else 1
        last = torch.cat(tuple(h_n[-directions:]), dim=1)  # (B, directions · H)
        logits: torch.Tensor = self.readout(last)
        return logits
