"""Is a scan the same as the loop, gradients included, and what does it cost?"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from unrolled import validate
from unrolled.asked import asked_each, asked_scale, asked_seeds
from unrolled.footprint import saved_bytes
from unrolled.scan import loop, scan, thrifty_scan
from unrolled.settings import Scale

if TYPE_CHECKING:
    from jaxtyping import Float, Shaped

REPEATS: dict[Scale, int] = {"smoke": 0, "site": 5, "full": 5}
"""Where there are none, the first call counts, too."""
WAYS: tuple[Callable[[torch.Tensor, torch.Tensor], torch.Tensor], ...] = (loop, scan, thrifty_scan)


@dataclass(frozen=True, eq=False)
class ScanAgreement:
    """Linear recurrences; the axis of three is loop, scan, thrifty scan; a row a seed."""

    seeds: tuple[int, ...]
    length: int
    gap: Float[np.ndarray, "seeds 3"]
    """Distance of states and gradients from those of the loop, over their norm."""
    tanh_gap: Float[np.ndarray, " seeds"]
    """The same for a loop with a tanh in each step, and a scan with a tanh after it."""
    multiplications: Shaped[np.ndarray, "seeds 3"]
    """Of single numbers, in a forward pass."""
    saved: Shaped[np.ndarray, "seeds 3"]
    """Bytes that autograd keeps for the backward pass."""


@dataclass(frozen=True, eq=False)
class ScanSpeed:
    """Seconds for a forward pass; loop, scan, thrifty scan; a row a seed."""

    seeds: tuple[int, ...]
    length: int
    widths: tuple[int, ...]
    seconds: Float[np.ndarray, "seeds 3 widths"]


def scan_agreement(
    *, seeds: Sequence[int] = (0, 1, 2), length: int = 1000, width: int = 32
) -> ScanAgreement:
    """Compare states and gradients of the three ways, in float64.

    One sequence, factors uniform in 0.5 to 1, inputs and the gradient of the loss N(0, 1).

    Raises:
        TypeError, ValueError: An argument of another kind, or out of its range.
    """
    length, width = validate.size("length", length), validate.size("width", width)
    asked_seeds(seeds)
    gap, (tanh_gap,) = np.empty((len(seeds), 3)), np.empty((1, len(seeds)))
    work, saved = np.empty((2, len(seeds), 3), np.int64)
    for row, seed in enumerate(seeds):
        decay, x, d_out = _drawn(seed, length, width)
        found = [_with_gradients(way, decay, x, d_out) for way in WAYS]
        gap[row] = [float((one - found[0]).norm() / found[0].norm()) for one in found]
        for column, way in enumerate(WAYS if row == 0 else ()):  # what counts hangs on no number
            with torch.no_grad(), _Multiplications() as counted:
                way(decay, x)
            work[:, column] = counted.numbers
            saved[:, column] = saved_bytes(_bound(way, decay, x))
        walked, scanned = _tanh_loop(decay, x), scan(decay, x).tanh()
        tanh_gap[row] = float((walked - scanned).detach().norm() / walked.detach().norm())
    return ScanAgreement(tuple(seeds), length, gap, tanh_gap, work, saved)


@torch.inference_mode()
def scan_speed(
    *,
    seeds: Sequence[int] = (0, 1, 2),
    length: int = 1000,
    widths: Sequence[int] = (8, 64, 512),
    repeats: int | None = None,
    scale: Scale | None = None,
) -> ScanSpeed:
    """Time the three ways in float32.

    Each time is the best of `repeats`, 5 at site scale, after one that does not count.

    Raises:
        TypeError, ValueError: An argument of another kind, or out of its range.
    """
    asked_each("widths", widths, validate.size)
    length = validate.size("length", length)
    usual = REPEATS[asked_scale(scale)]
    repeats = usual if repeats is None else validate.size("repeats", repeats)
    asked_seeds(seeds)
    seconds = np.empty((len(seeds), 3, len(widths)))
    for row, seed in enumerate(seeds):
        for column, width in enumerate(widths):
            decay, x, _ = (each.float() for each in _drawn(seed, length, width))
            for number, way in enumerate(WAYS):
                seconds[row, number, column] = _best(_bound(way, decay, x), repeats)
    return ScanSpeed(tuple(seeds), length, tuple(widths), seconds)


def _drawn(seed: int, length: int, width: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Factors, inputs, and a gradient for the states; (1, T, H) each."""
    rng = np.random.default_rng(seed)
    decay = torch.from_numpy(rng.uniform(0.5, 1, (1, length, width))).requires_grad_()
    x = torch.from_numpy(rng.normal(size=(1, length, width))).requires_grad_()
    return decay, x, torch.from_numpy(rng.normal(size=(1, length, width)))


def _with_gradients(
    way: Callable[..., torch.Tensor], decay: torch.Tensor, x: torch.Tensor, d_out: torch.Tensor
) -> torch.Tensor:
    states = way(decay, x)
    return torch.cat([states.detach(), *torch.autograd.grad(states, (decay, x), d_out)])


def _tanh_loop(decay: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    h = torch.zeros_like(x[:, 0])
    states = []
    for t in range(x.shape[1]):
        h = torch.tanh(decay[:, t] * h + x[:, t])
        states.append(h)
    return torch.stack(states, dim=1)


class _Multiplications(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Counts the numbers that come out of multiplications."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.numbers = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        if func is torch.ops.aten.mul.Tensor:
            self.numbers += result.numel()
        return result


def _bound(
    way: Callable[..., torch.Tensor], decay: torch.Tensor, x: torch.Tensor
) -> Callable[[], torch.Tensor]:
    return lambda: way(decay, x)


def _best(call: Callable[[], torch.Tensor], repeats: int) -> float:
    taken = []
    for _ in range(repeats + 1):
        started = time.perf_counter()
        call()
        taken.append(time.perf_counter() - started)
    return min(taken[1:] or taken)
