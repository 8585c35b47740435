"""Time the NumPy network against PyTorch, forward and backward, one thread each.

python tests/bench/rnn.py
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from threadpoolctl import threadpool_limits

from unrolled import VanillaRNN
from unrolled.parity import to_torch

SIZES = ((1, 10, 8), (1, 20, 32), (32, 50, 64), (64, 100, 128), (64, 200, 256))
INPUT, OUTPUT = 16, 10


def rows() -> list[dict[str, Any]]:
    """Measure every size, and the share of the matrix-product rate at the largest."""
    torch_threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with threadpool_limits(1):
            return [_against_torch(*size) for size in SIZES] + [_share_of_gemm(*SIZES[-1])]
    finally:
        torch.set_num_threads(torch_threads)


def _against_torch(B: int, T: int, H: int) -> dict[str, Any]:
    ours, theirs = _contestants(B, T, H)
    calls = max(1, round(0.01 / _seconds(ours, 3)))  # about 10 ms a sample
    pairs = []
    for round_ in range(60 if calls > 1 else 25):
        order = (ours, theirs) if round_ % 2 else (theirs, ours)
        taken = {side: _seconds(side, calls) for side in order}
        pairs.append((taken[ours], taken[theirs]))
    ratio = statistics.median(a / b for a, b in pairs)
    return {
        "name": f"NumPy RNN / torch, B={B} T={T} H={H}",
        "ours": 1e3 * statistics.median(a for a, _ in pairs),
        "other": 1e3 * statistics.median(b for _, b in pairs),
        "ratio": ratio,
        "target": 1.0,
        "met": ratio <= 1.0,
        "unit": "ms",
    }


def _contestants(B: int, T: int, H: int) -> tuple[Callable[[], object], Callable[[], object]]:
    """Forward and backward of the same weights, inputs and loss; checked to agree."""
    model = VanillaRNN(INPUT, H, OUTPUT)
    rnn, readout = to_torch(model)
    parameters = [*rnn.parameters(), *readout.parameters()]
    rng = np.random.default_rng(0)
    inputs = rng.normal(size=(B, T, INPUT)).astype(np.float32)
    d_output = rng.normal(size=(B, T, OUTPUT)).astype(np.float32)
    torch_inputs, torch_d_output = torch.from_numpy(inputs), torch.from_numpy(d_output)

    def ours() -> dict[str, np.ndarray]:
        model.forward(inputs)
        return model.backward(d_output)

    def theirs() -> torch.Tensor:
        for parameter in parameters:
            parameter.grad = None
        states, _ = rnn(torch_inputs)
        readout(states).backward(torch_d_output)
        assert rnn.weight_hh_l0.grad is not None
        return rnn.weight_hh_l0.grad

    difference = np.abs(ours()["W_hh"].T - theirs().numpy()).max()
    assert difference < 1e-3 * np.abs(theirs().numpy()).max(), "the two sides disagree"
    return ours, theirs


def _share_of_gemm(B: int, T: int, H: int) -> dict[str, Any]:
    """Floating-point rate of ours over that of one large matrix product."""
    ours, _ = _contestants(B, T, H)
    # Multiply-adds, each two operations: forward, then two products for each of its one.
    # Backward makes as many for the gradients of weights and of what the weights multiply.
    flops = 3 * 2 * B * T * H * (INPUT + H + OUTPUT)
    side = 1024
    a, b = np.ones((2, side, side), np.float32)
    out = np.empty_like(a)
    pairs = []
    for _ in range(25):
        gemm = 2 * side**3 / _seconds(lambda: np.dot(a, b, out=out), 3)
        pairs.append((flops / _seconds(ours, 1), gemm))
    ratio = statistics.median(x / y for x, y in pairs)
    return {
        "name": f"NumPy RNN, share of the GEMM rate, B={B} T={T} H={H}",
        "ours": 1e-9 * statistics.median(x for x, _ in pairs),
        "other": 1e-9 * statistics.median(y for _, y in pairs),
        "ratio": ratio,
        "target": 0.5,
        "at_least": True,
        "met": ratio >= 0.5,
        "unit": "GFLOP/s",
    }


def _seconds(function: Callable[[], object], calls: int) -> float:
    """Mean time of one call."""
    start = time.perf_counter()
    for _ in range(calls):
        function()
    return (time.perf_counter() - start) / calls


if __name__ == "__main__":
    for row in rows():
        sign = "≥" if row.get("at_least") else "≤"
        print(
            f"{row['name']:<52} {row['ours']:9.3f} {row['other']:9.3f} {row['unit']:<8}"
            f" {row['ratio']:6.3f} {sign} {row['target']}  {'met' if row['met'] else 'MISSED'}"
        )
