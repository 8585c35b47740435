"""A row of the table: a function of the package, a valid call of it, and what its arguments are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from tests.badinput.kinds import Kind


@dataclass(frozen=True, repr=False)
class Call:
    """What is called, with which arguments, and of which kind each is.

    Attributes:
        valid: Makes the arguments anew, as a call may use them up.
        raises: Errors that are documented besides `ValueError` and `TypeError`.
    """

    name: str
    function: Callable[..., Any]
    valid: Callable[[], dict[str, Any]]
    kinds: dict[str, Kind]
    raises: tuple[type[Exception], ...] = ()

    def __repr__(self) -> str:
        return self.name


def numbers(*shape: int, dtype: Any = np.float64) -> np.ndarray:
    """Small whole numbers, which every dtype holds exactly; the same for the same shape."""
    return np.random.default_rng(shape).integers(-2, 3, shape).astype(dtype)


def below(limit: int, *shape: int) -> np.ndarray:
    """Integers from 0 to below the limit, the first and the last of them among them."""
    drawn = np.random.default_rng(shape).integers(0, limit, shape)
    drawn.flat[0], drawn.flat[-1] = 0, limit - 1
    return drawn


def tensor(*shape: int, dtype: torch.dtype = torch.float32) -> torch.Tensor:
    return torch.tensor(numbers(*shape), dtype=dtype)


def tokens(limit: int, *shape: int) -> torch.Tensor:
    return torch.tensor(below(limit, *shape))
