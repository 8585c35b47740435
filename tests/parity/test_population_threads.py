"""A population is the same with more threads.

In a file of its own because `make mutants` forks, and PyTorch's threads do not outlive a fork.
"""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from unrolled.beginnings import beginning
from unrolled.data.first import FirstNumber
from unrolled.population import Recipe, stack, train


@pytest.mark.parametrize("start", ["tanh", "tanh orthogonal", "relu identity", "lstm", "gru"])
def test_threads_change_not_a_bit(start: str) -> None:
    def trained(threads: int) -> Tensor:
        before = torch.get_num_threads()
        torch.set_num_threads(threads)
        try:
            group = [beginning(start, hidden_dim=16, seed=seed) for seed in range(5)]
            streams = [FirstNumber(60, 16, seed) for seed in range(5)]
            train(group, streams, [1e-2] * 5, Recipe(steps=25))
        finally:
            torch.set_num_threads(before)
        return stack(group)

    assert torch.equal(trained(2), trained(1))
