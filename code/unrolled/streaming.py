"""Networks that read a stream: one step in, one output out, and what they keep between."""

from __future__ import annotations

import torch
from torch import nn

from unrolled import validate, validate_tensor
from unrolled.attention import Cache, CausalTransformer


class RecurrentReader(nn.Module):
    """A tanh RNN with a read-out, of as many parameters as are wanted, or a few less."""

    def __init__(self, input_dim: int, output_dim: int, *, parameters: int) -> None:
        super().__init__()
        input_dim = validate.size("input_dim", input_dim)
        output_dim = validate.size("output_dim", output_dim)
        both = input_dim + output_dim
        parameters = validate.size(
            "parameters", parameters, least=both + 3 + output_dim
        )  # those of one unit
        H = int((((both + 2) ** 2 + 4 * (parameters - output_dim)) ** 0.5 - both - 2) / 2)
        self.rnn = nn.RNN(input_dim, validate.size("hidden_dim", H), batch_first=True)
        self.readout = nn.Linear(H, output_dim)

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """Read (B, T, D) and return the outputs of all steps, (B, T, O).

        Raises:
            TypeError, ValueError: Another dtype than the weights', or another shape.
        """
        D, dtype = self.rnn.input_size, self.readout.weight.dtype
        validate_tensor.tensor("inputs", inputs, dtype, ("B", "T", D))
        outputs: torch.Tensor = self.readout(self.rnn(inputs)[0])
        return outputs


class RecurrentStream:
    """Reads one step, (1, D), after the other, and answers with (1, O); keeps the state."""

    def __init__(self, model: RecurrentReader) -> None:
        self.model = model
        self.weights = [getattr(model.rnn, f"{name}_l0") for name in _ORDER]
        self.h = torch.zeros(1, model.rnn.hidden_size)

    def __call__(self, inputs: torch.Tensor) -> torch.Tensor:
        self.h = torch.rnn_tanh_cell(inputs, self.h, *self.weights)
        outputs: torch.Tensor = self.model.readout(self.h)
        return outputs

    @property
    def nbytes(self) -> int:
        """What is kept for the next step."""
        kept: int = self.h.nbytes
        return kept


class AttentionStream:
    """The same for a `CausalTransformer`; keeps the keys and values of up to `steps` steps."""

    def __init__(self, model: CausalTransformer, steps: int) -> None:
        self.model = model
        self.cache = Cache(1, steps, model.width)

    def __call__(self, inputs: torch.Tensor) -> torch.Tensor:
        return self.model.step(inputs, self.cache)

    @property
    def nbytes(self) -> int:
        """What is kept for the next step."""
        return self.cache.nbytes


def stream(model: nn.Module, steps: int) -> RecurrentStream | AttentionStream:
    """Return what reads with this model one step at a time, and has room for `steps`.

    Raises:
        TypeError: Neither a `RecurrentReader` nor a `CausalTransformer`.
    """
    if isinstance(model, RecurrentReader):
        return RecurrentStream(model)
    if isinstance(model, CausalTransformer):
        return AttentionStream(model, steps)
    raise TypeError(
        f"model: got {type(model).__name__}, expected RecurrentReader or CausalTransformer"
    )


def count_parameters(model: nn.Module) -> int:
    """Return how many numbers training would change."""
    return sum(parameter.numel() for parameter in model.parameters())


_ORDER = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
