"""Has the last step the same sign as the one so many steps before it?"""

from __future__ import annotations

import torch

from unrolled import validate, validate_tensor


def agreement(
    count: int, length: int, lag: int, *, generator: torch.Generator | None = None
) -> tuple[torch.Tensor, torch.Tensor]:
    """Draw sequences of random signs, and whether two of them, `lag` steps apart, agree.

    The one is the last step. Each class has half of the sequences in the mean, whichever
    one step is known, so that each step alone is uncorrelated with the class.

    Args:
        count: How many sequences.
        length: Steps of each.
        lag: From 1 to `length - 1`.
        generator: Where the random numbers come from; PyTorch's own unless given.

    Returns:
        Inputs (count, length, 1), which are -1 or 1 in float32, and classes (count,), 0 or 1.

    Raises:
        TypeError: A size is not an integer, or the generator not one of PyTorch.
        ValueError: A size is too small, or the lag leads out of the sequence.
    """
    validate_tensor.generator("generator", generator)
    validate.size("count", count)
    validate.size("length", length, least=2)
    if (lag := validate.size("lag", lag)) >= length:
        raise ValueError(f"lag: got {lag}, expected one below the length of {length}")
    signs = 2 * torch.randint(2, (count, length, 1), generator=generator).float() - 1
    agree = signs[:, -1, 0] == signs[:, -1 - lag, 0]
    return signs, agree.long()
