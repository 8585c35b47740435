"""Causal attention, with the matrix and without, and a small transformer that can stream."""

from __future__ import annotations

import math

import torch
from torch import nn
from torch.nn.functional import scaled_dot_product_attention

from unrolled import validate, validate_tensor


def with_matrix(q: torch.Tensor, k: torch.Tensor, v: torch.Tensor) -> torch.Tensor:
    """Attend from every step to itself and all before it; all three are (B, T, d).

    Builds the matrix (B, T, T) of weights, and autograd keeps it.
    Source: Vaswani et al. (2017), equation 1, with the steps after the current one masked.

    Raises:
        TypeError, ValueError: Not tensors of one dtype, or another shape.
    """
    _checked(q, k, v)
    T, d = q.shape[-2:]
    later = torch.ones(T, T, dtype=torch.bool).triu(1)
    scores = (q / math.sqrt(d)) @ k.transpose(-2, -1)  # (B, T, T)
    return scores.masked_fill(later, -math.inf).softmax(-1) @ v


def fused(q: torch.Tensor, k: torch.Tensor, v: torch.Tensor) -> torch.Tensor:
    """Return the same as `with_matrix`, computed piece by piece by one operation of PyTorch.

    Source: Dao et al. (2022); PyTorch chooses the implementation.

    Raises:
        TypeError, ValueError: As `with_matrix`.
    """
    _checked(q, k, v)
    return scaled_dot_product_attention(
        q.unsqueeze(1), k.unsqueeze(1), v.unsqueeze(1), is_causal=True
    ).squeeze(1)  # through (B, 1 head, T, d)


class Cache:
    """Room for the keys and values of `steps` steps, filled one step at a time."""

    def __init__(self, batch: int, steps: int, width: int) -> None:
        sizes = [validate.size("batch", batch), validate.size("steps", steps)]
        sizes.append(validate.size("width", width))
        self.keys, self.values = torch.zeros(sizes), torch.zeros(sizes)
        self.used = 0

    @property
    def nbytes(self) -> int:
        """Bytes of the keys and values that are in use."""
        kept: int = self.keys[:, : self.used].nbytes + self.values[:, : self.used].nbytes
        return kept

    def append(self, key: torch.Tensor, value: torch.Tensor) -> None:
        """Add a step, (B, d) each.

        Raises:
            RuntimeError: The cache is full; make it for more steps.
        """
        if self.used == self.keys.shape[1]:
            raise RuntimeError(f"the cache is full, it was made for {self.used} steps")
        self.keys[:, self.used], self.values[:, self.used] = key, value
        self.used += 1


class CausalTransformer(nn.Module):
    """One block of causal attention with one head, and a dense net after it.

    It has no code for the position: that would change neither bytes nor work by much.
    """

    def __init__(self, input_dim: int, width: int, output_dim: int) -> None:
        super().__init__()
        self.input_dim = validate.size("input_dim", input_dim)
        self.width = validate.size("width", width)
        validate.size("output_dim", output_dim)
        self.embed = nn.Linear(input_dim, width)
        self.project = nn.Linear(width, 3 * width)
        self.mix = nn.Linear(width, width)
        self.dense = nn.Sequential(
            nn.Linear(width, 2 * width), nn.GELU(), nn.Linear(2 * width, width)
        )
        self.before_attention, self.before_dense = nn.LayerNorm(width), nn.LayerNorm(width)
        self.readout = nn.Linear(width, output_dim)

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """Read (B, T, D) at once and return the outputs of all steps, (B, T, O).

        Raises:
            TypeError, ValueError: Another dtype than the weights', or another shape.
        """
        dtype = self.embed.weight.dtype
        validate_tensor.tensor("inputs", inputs, dtype, ("B", "T", self.input_dim))
        _without_nan("inputs", inputs)
        x = self.embed(inputs)
        q, k, v = self.project(self.before_attention(x)).chunk(3, dim=-1)
        return self._after(x, fused(q, k, v))

    def step(self, inputs: torch.Tensor, cache: Cache) -> torch.Tensor:
        """Read one step, (B, D), add it to the cache, and return its output, (B, O)."""
        x = self.embed(inputs)
        q, k, v = self.project(self.before_attention(x)).chunk(3, dim=-1)
        cache.append(k, v)
        keys, values = cache.keys[:, : cache.used], cache.values[:, : cache.used]  # (B, t, d)
        scores = keys @ (q / math.sqrt(self.width)).unsqueeze(-1)  # (B, t, 1)
        found = (scores.softmax(dim=1).transpose(1, 2) @ values).squeeze(1)  # (B, d)
        return self._after(x, found)

    def _after(self, x: torch.Tensor, found: torch.Tensor) -> torch.Tensor:
        x = x + self.mix(found)
        outputs: torch.Tensor = self.readout(x + self.dense(self.before_dense(x)))
        return outputs


def _checked(q: torch.Tensor, k: torch.Tensor, v: torch.Tensor) -> None:
    B, T, d = validate_tensor.tensor("q", q, None, ("B", "T", "d")).shape
    validate_tensor.tensor("k", k, q.dtype, (B, T, d))
    validate_tensor.tensor("v", v, q.dtype, (B, T, "d"))
    _without_nan("q", q)
    _without_nan("k", k)


def _without_nan(name: str, numbers: torch.Tensor) -> None:
    """Refuse what PyTorch's fused operation would answer with zeros."""
    if numbers.isnan().any():
        raise ValueError(f"{name}: got NaN among its numbers, expected none")
