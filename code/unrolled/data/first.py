"""The memory task: is the first number of a sequence positive? All others are noise."""

from __future__ import annotations

import torch
from torch import Tensor

from unrolled import validate, validate_tensor


class FirstNumber:
    """An endless stream of fresh sequences, or batches from a fixed stock of them.

    Args:
        length: Steps, T; each is one number from N(0, 1).
        batch: Sequences in a batch, B.
        seed: Same seed, same stream, for each length its own.
        stock: Draw from so many sequences only, in a new order each time round; 0 for fresh ones.

    Raises:
        TypeError, ValueError: An argument of another kind, or out of its range.
    """

    def __init__(
        self,
        length: int,
        batch: int,
        seed: int,
        *,
        stock: int = 0,
        dtype: torch.dtype = torch.float32,
    ) -> None:
        self.length = validate.size("length", length)
        self.batch = validate.size("batch", batch)
        self.stock = validate.size("stock", stock, least=0)
        if stock and stock < batch:
            raise ValueError(f"stock: got {stock}, expected 0 or at least one batch of {batch}")
        self.dtype = validate_tensor.float_dtype("dtype", dtype)
        # One generator for each stream: a multiplier keeps those of lengths and seeds apart.
        self.generator = torch.Generator().manual_seed(validate_tensor.seed("seed", seed))
        self.generator.manual_seed(self._draw() * 1000 + self.length)
        self.all = self._fresh(stock) if stock else None
        self.order = torch.empty(0, dtype=torch.long)

    def __next__(self) -> tuple[Tensor, Tensor]:
        """Return inputs (B, T, 1) and labels (B,), 1 where the first number is positive."""
        if self.all is None:
            x = self._fresh(self.batch)
        else:
            if len(self.order) < self.batch:
                self.order = torch.randperm(self.stock, generator=self.generator)
            x, self.order = self.all[self.order[: self.batch]], self.order[self.batch :]
        return x, (x[:, 0, 0] > 0).long()

    def __iter__(self) -> FirstNumber:
        return self

    def _fresh(self, count: int) -> Tensor:
        return torch.randn(count, self.length, 1, generator=self.generator, dtype=self.dtype)

    def _draw(self) -> int:
        return int(torch.randint(2**31, (), generator=self.generator))
