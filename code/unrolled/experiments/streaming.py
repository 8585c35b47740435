"""What does one more step cost, in multiplications and in seconds?

A tanh RNN and a causal transformer with a cache, of equally many parameters.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import nn

from unrolled import validate
from unrolled.asked import asked_each, asked_scale, asked_seeds
from unrolled.attention import CausalTransformer
from unrolled.settings import Scale
from unrolled.streaming import RecurrentReader, count_parameters, stream

if TYPE_CHECKING:
    from jaxtyping import Float, Shaped

D, WIDTH = 16, 64
"""Numbers in and out at a step; width of the transformer."""

REPEATS: dict[Scale, int] = {"smoke": 0, "site": 20, "full": 20}
"""Where there are none, the first call counts, too."""


@dataclass(frozen=True, eq=False)
class StreamingWork:
    """One step after so many others; the axis of two is RNN, transformer."""

    seeds: tuple[int, ...]
    positions: tuple[int, ...]
    parameters: tuple[int, int]
    multiplications: Shaped[np.ndarray, "seeds 2 positions"]
    """In the matrix products of the last step."""
    kept: Shaped[np.ndarray, "seeds 2 positions"]
    """Bytes of the state, and of the keys and values, after that step."""
    gap: Float[np.ndarray, "seeds 2"]
    """Largest difference of the outputs, read step by step and read at once."""


@dataclass(frozen=True, eq=False)
class StreamingSpeed:
    """Seconds a step: RNN, transformer; streamed, read at once."""

    seeds: tuple[int, ...]
    positions: tuple[int, ...]
    seconds: Float[np.ndarray, "seeds 2 2 positions"]


@torch.inference_mode()
def streaming_work(
    *, seeds: Sequence[int] = (0, 1, 2), positions: Sequence[int] = (1, 100, 1000, 4000)
) -> StreamingWork:
    """Count the multiplications of single steps, and check that streaming changes nothing.

    They are half of the operations that PyTorch's `FlopCounterMode` counts. The check reads
    100 steps of N(0, 1). Leaves PyTorch's random state as it was.

    Raises:
        TypeError, ValueError: An argument of another kind, or out of its range.
    """
    asked_each("positions", positions, validate.size)
    asked_seeds(seeds)
    work, kept = np.empty((2, len(seeds), 2, len(positions)), np.int64)
    gap = np.empty((len(seeds), 2))
    sizes: tuple[int, ...] = ()
    for row, seed in enumerate(seeds):
        models, inputs = _networks(seed, 100)
        sizes = tuple(count_parameters(model) for model in models)
        for kind, model in enumerate(models):
            read = stream(model, 100)
            one_by_one = torch.stack([read(x) for x in inputs.unbind(1)], dim=1)
            gap[row, kind] = float((one_by_one - model(inputs)).abs().max())
            for column, position in enumerate(positions):
                work[row, kind, column], kept[row, kind, column] = _last_step(model, position)
    return StreamingWork(tuple(seeds), tuple(positions), (sizes[0], sizes[1]), work, kept, gap)


@torch.inference_mode()
def streaming_speed(
    *,
    seeds: Sequence[int] = (0, 1, 2),
    positions: Sequence[int] = (10, 100, 1000, 4000),
    repeats: int | None = None,
    scale: Scale | None = None,
) -> StreamingSpeed:
    """Time steps at these positions, and whole sequences of these lengths read at once.

    One sequence, no gradients. Each time is the least of `repeats`, 20 at site scale,
    after one that does not count; that of a whole sequence is divided by its length.

    Raises:
        TypeError, ValueError: An argument of another kind, or out of its range.
    """
    asked_each("positions", positions, validate.size)
    usual = REPEATS[asked_scale(scale)]
    repeats = usual if repeats is None else validate.size("repeats", repeats)
    asked_seeds(seeds)
    seconds = np.empty((len(seeds), 2, 2, len(positions)))
    for row, seed in enumerate(seeds):
        for column, position in enumerate(positions):
            models, inputs = _networks(seed, position)
            for kind, model in enumerate(models):
                step = _at(model, position, spare=repeats)
                seconds[row, kind, 0, column] = _least(step, inputs[:, -1], repeats)
                whole = _least(model, inputs, -(-repeats // 4))
                seconds[row, kind, 1, column] = whole / position
    return StreamingSpeed(tuple(seeds), tuple(positions), seconds)


def _networks(seed: int, steps: int) -> tuple[tuple[nn.Module, nn.Module], torch.Tensor]:
    """The two networks, and as many steps of input."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        transformer = CausalTransformer(D, WIDTH, D)
        rnn = RecurrentReader(D, D, parameters=count_parameters(transformer))
        return (rnn, transformer), torch.randn(1, steps, D)


def _at(model: nn.Module, position: int, spare: int = 0) -> Any:
    """A stream that has read all but the last of `position` steps, whatever they were."""
    reader: Any = stream(model, position + spare)
    if hasattr(reader, "cache"):
        reader.cache.used = position - 1  # of zeros: what is in the cache costs the same
    return reader


def _last_step(model: nn.Module, position: int) -> tuple[int, int]:
    """Multiplications, and bytes kept afterwards."""
    from torch.utils.flop_counter import FlopCounterMode  # takes a while to import

    reader = _at(model, position)
    with FlopCounterMode(display=False) as counter:
        reader(torch.zeros(1, D))
    return counter.get_total_flops() // 2, reader.nbytes


def _least(call: Callable[[torch.Tensor], object], inputs: torch.Tensor, repeats: int) -> float:
    taken = []
    for _ in range(repeats + 1):
        started = time.perf_counter()
        call(inputs)
        taken.append(time.perf_counter() - started)
    return min(taken[1:] or taken)  # longer ones were interrupted
