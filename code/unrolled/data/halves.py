"""Which half of a sequence has the larger sum?"""

from __future__ import annotations

import torch

from unrolled import validate, validate_tensor


def halves(
    count: int, length: int, *, features: int = 5, generator: torch.Generator | None = None
) -> tuple[torch.Tensor, torch.Tensor]:
    """Draw sequences of N(0, 1), and whether the sum of the first half is the larger one.

    The sum goes over all numbers of the half; with an odd `length`, the step in the middle
    belongs to the second one.

    Args:
        count: How many sequences.
        length: Steps of each.
        features: Numbers at each step.
        generator: Where the random numbers come from; PyTorch's own unless given.

    Returns:
        Inputs (count, length, features) in float32, and classes (count,), 0 or 1.

    Raises:
        TypeError: A size is not an integer, or the generator not one of PyTorch.
        ValueError: A size is too small; `length` must be at least 2.
    """
    validate_tensor.generator("generator", generator)
    validate.size("count", count)
    half = validate.size("length", length, least=2) // 2
    validate.size("features", features)
    inputs = torch.randn(count, length, features, generator=generator)
    larger = inputs[:, :half].sum(dim=(1, 2)) > inputs[:, half:].sum(dim=(1, 2))
    return inputs, larger.long()
