"""Time the population engine against the loop that a reader would write.

Both train the same networks, from the same weights, on the same batches, for as many updates,
in one process with PyTorch's own settings: one `nn.RNN` after the other, or all at once.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import nn
from torch.nn.functional import cross_entropy

from unrolled.beginnings import beginning
from unrolled.data.first import FirstNumber
from unrolled.denormals import flushed
from unrolled.population import Recipe, train

LENGTHS = (10, 25, 50, 100, 200)
SEEDS = range(6)
HIDDEN = BATCH = 64
RATE = 1e-3
UPDATES = 100
ROUNDS = 3
Row = dict[str, Any]


def one_after_the_other(length: int) -> None:
    for seed in SEEDS:
        rnn, readout = beginning("tanh", hidden_dim=HIDDEN, seed=seed)
        weights = [*rnn.parameters(), *readout.parameters()]
        adam = torch.optim.Adam(weights, RATE)
        stream = FirstNumber(length, BATCH, seed)
        for _ in range(UPDATES):
            inputs, labels = next(stream)
            loss = cross_entropy(readout(rnn(inputs)[1][0]), labels)
            adam.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(weights, 1.0)
            adam.step()


def all_at_once(length: int, start: str = "tanh") -> None:
    with flushed():
        members = [beginning(start, hidden_dim=HIDDEN, seed=seed) for seed in SEEDS]
        streams = [FirstNumber(length, BATCH, seed) for seed in SEEDS]
        train(members, streams, [RATE] * len(members), Recipe(steps=UPDATES))


def rows() -> list[Row]:
    """Measure the speed-up at each length, in total, and the share of the GEMM rate."""
    loop, ours = ({length: [] for length in LENGTHS} for _ in range(2))
    for length in LENGTHS:
        for way in (one_after_the_other, all_at_once):  # caches, threads, pages of memory
            way(length)
        for _ in range(ROUNDS):
            loop[length].append(_seconds(partial(one_after_the_other, length)))
            ours[length].append(_seconds(partial(all_at_once, length)))
    found = [
        _row(f"loop of nn.RNN / population of 6, T={length}", loop[length], ours[length], 2.0)
        for length in LENGTHS
    ]
    totals = [[sum(round) for round in zip(*times.values(), strict=True)] for times in (loop, ours)]
    found.append(_row("loop of nn.RNN / population of 6, all lengths", *totals, 6.0))
    return [*found, _gemm_share()]


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _row(name: str, loop: list[float], ours: list[float], target: float) -> Row:
    ratio = statistics.median(a / b for a, b in zip(loop, ours, strict=True))
    return {
        "name": name,
        "ours": statistics.median(ours),
        "other": statistics.median(loop),
        "ratio": ratio,
        "target": target,
        "at_least": True,
        "met": ratio >= target,
        "unit": "s",
    }


def _gemm_share() -> Row:
    """Floating-point rate of one thread that trains, over that of one large matrix product.

    From the orthogonal start, whose gradient lives, so that no step back is left out.
    """
    threads, length, seeds = torch.get_num_threads(), LENGTHS[-1], len(SEEDS)
    torch.set_num_threads(1)
    try:
        # Forward, and back for the weights and for the states: three products a step.
        flops = 3 * 2 * seeds * BATCH * HIDDEN * (HIDDEN + 3) * length * UPDATES
        side = 1024
        a, b = torch.ones(2, side, side)
        pairs = []
        for _ in range(ROUNDS):
            gemm = 2 * side**3 / min(_seconds(lambda: torch.mm(a, b)) for _ in range(10))
            pairs.append((flops / _seconds(lambda: all_at_once(length, "tanh orthogonal")), gemm))
    finally:
        torch.set_num_threads(threads)
    ratio = statistics.median(ours / gemm for ours, gemm in pairs)
    return {
        "name": f"population of 6, share of the GEMM rate, T={length}",
        "ours": 1e-9 * statistics.median(ours for ours, _ in pairs),
        "other": 1e-9 * statistics.median(gemm for _, gemm in pairs),
        "ratio": ratio,
        "target": 0.25,
        "at_least": True,
        "met": ratio >= 0.25,
        "unit": "GFLOP/s",
    }
