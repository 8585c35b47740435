"""Share the members of a population out among the cores of one process.

Each core trains its own members from beginning to end, so they never wait for each other as
the threads within one small product would.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

import torch

from unrolled.denormals import flushes_denormals

T = TypeVar("T")


@contextmanager
def one_thread() -> Iterator[None]:
    """Let PyTorch use one core meanwhile."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def shares(members: int, device: torch.device) -> list[slice]:
    """Return which members each thread takes; all in one on anything but a CPU."""
    count = min(members, torch.get_num_threads()) if device.type == "cpu" else 1
    edges = [members * number // count for number in range(count + 1)]
    return [slice(*edge) for edge in itertools.pairwise(edges)]


def side_by_side(work: Callable[[slice], T], parts: Sequence[slice]) -> list[T]:
    """Return what `work` returns for each part, each done in a thread of its own.

    In these threads PyTorch uses one core, and denormals are taken for zero if they are here.
    """
    if len(parts) == 1:
        return [work(parts[0])]
    threads, flushed = torch.get_num_threads(), flushes_denormals()

    def alone(part: slice) -> T:
        torch.set_num_threads(1)
        torch.set_flush_denormal(flushed)
        return work(part)

    try:
        with ThreadPoolExecutor(len(parts)) as pool:
            return list(pool.map(alone, parts))
    finally:
        torch.set_num_threads(threads)  # what threads that are started later begin with
