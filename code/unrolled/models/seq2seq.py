"""An encoder that reads the past into a state, and a decoder that speaks from it."""

from __future__ import annotations

from numbers import Real
from typing import TYPE_CHECKING, cast

import torch
from torch import nn

from unrolled import validate, validate_tensor

if TYPE_CHECKING:
    from jaxtyping import Float

ENCODERS = {"rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}
DECODERS = {"rnn": nn.RNNCell, "gru": nn.GRUCell, "lstm": nn.LSTMCell}
FEEDBACKS = ("prediction", "state")

State = torch.Tensor | tuple[torch.Tensor, torch.Tensor]
"""(B, H); of an LSTM two of these, the first of which is read."""


class Seq2Seq(nn.Module):
    """Map a past of any length to as many further steps as are asked for.

    With `feedback="prediction"`, each step of the decoder reads the output of the step
    before, and the first one reads the first O numbers of the last input. With `"state"`
    it reads the hidden state of the step before.

    Args:
        input_dim: Numbers per step of the past, D.
        hidden_dim: Numbers in the state, H.
        output_dim: Numbers per output, O; at most D where predictions are fed back.
        cell: `"rnn"`, `"gru"` or `"lstm"`, in both halves.
        feedback: `"prediction"` or `"state"`.

    Raises:
        TypeError, ValueError: An argument of another kind, or out of its range.

    Source: Sutskever, Vinyals and Le (2014). There each half has four layers, and the
    past is read backwards.
    """

    def __init__(
        self,
        input_dim: int,
        hidden_dim: int,
        output_dim: int,
        *,
        cell: str = "rnn",
        feedback: str = "prediction",
    ) -> None:
        super().__init__()
        self.input_dim = input_dim = validate.size("input_dim", input_dim)
        self.hidden_dim = hidden_dim = validate.size("hidden_dim", hidden_dim)
        self.output_dim = output_dim = validate.size("output_dim", output_dim)
        self.cell = validate.choice("cell", cell, tuple(ENCODERS))
        self.feedback = validate.choice("feedback", feedback, FEEDBACKS)
        if feedback == "prediction" and output_dim > input_dim:
            raise ValueError(
                f"output_dim: got {output_dim}, expected at most input_dim, {input_dim}, "
                "because the decoder starts from the last input"
            )
        fed_dim = output_dim if feedback == "prediction" else hidden_dim
        self.encoder = ENCODERS[cell](input_dim, hidden_dim, batch_first=True)
        self.decoder = DECODERS[cell](fed_dim, hidden_dim)
        self.readout = nn.Linear(hidden_dim, output_dim)

    def forward(
        self,
        past: Float[torch.Tensor, "B T D"],
        steps: int,
        targets: Float[torch.Tensor, "B steps O"] | None = None,
        forcing: float = 0.0,
    ) -> Float[torch.Tensor, "B steps O"]:
        """Read the past, then produce `steps` outputs.

        Args:
            past: (B, T, D).
            steps: How many outputs.
            targets: (B, steps, O), what the outputs should be; used by `forcing` alone.
            forcing: The probability with which a step reads the target of the step before
                in the place of the output; 1 is teacher forcing.

        Raises:
            TypeError, ValueError: Another shape, a probability outside 0..1, `forcing`
                without targets or with states fed back.
        """
        self._check(past, steps, targets, forcing)
        state = self.encode(past)
        fed = past[:, -1, : self.output_dim] if self.feedback == "prediction" else _read(state)
        outputs = []
        for t in range(steps):
            state = self.decoder(fed, state)
            outputs.append(self.readout(_read(state)))  # (B, O)
            fed = outputs[-1] if self.feedback == "prediction" else _read(state)
            if targets is not None and forcing == 1:
                fed = targets[:, t]
            elif targets is not None and forcing > 0:
                told = torch.rand(len(past), 1, device=past.device) < forcing
                fed = torch.where(told, targets[:, t], fed)
        return torch.stack(outputs, dim=1)

    def encode(self, past: Float[torch.Tensor, "B T D"]) -> State:
        """Return the encoder's last state, (B, H): what the decoder starts from.

        Raises:
            TypeError, ValueError: As `forward`.
        """
        dtype = self.readout.weight.dtype
        validate_tensor.tensor("past", past, dtype, ("B", "T", self.input_dim))
        _, last = self.encoder(past)
        return (last[0][0], last[1][0]) if self.cell == "lstm" else cast(torch.Tensor, last[0])

    def _check(
        self, past: torch.Tensor, steps: int, targets: torch.Tensor | None, forcing: float
    ) -> None:
        validate.size("steps", steps)
        dtype = self.readout.weight.dtype
        validate_tensor.tensor("past", past, dtype, ("B", "T", self.input_dim))
        if isinstance(forcing, bool) or not isinstance(forcing, Real):
            raise TypeError(f"forcing: got {forcing!r}, expected a probability from 0 to 1")
        if not 0 <= forcing <= 1:
            raise ValueError(f"forcing: got {forcing}, expected a probability from 0 to 1")
        wanted = (len(past), steps, self.output_dim)
        if targets is not None:
            validate_tensor.tensor("targets", targets, dtype, wanted)
        if forcing and targets is None:
            raise ValueError(f"targets: got None with forcing {forcing}, expected {wanted}")
        if forcing and self.feedback == "state":
            raise ValueError(
                f"forcing: got {forcing}, expected 0, because a decoder that is fed its own "
                "state never reads a target"
            )


def _read(state: State) -> torch.Tensor:
    return state[0] if isinstance(state, tuple) else state
