"""Count the bytes that autograd keeps for the backward pass."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import torch


def saved_bytes(
    compute: Callable[[], torch.Tensor], *, besides: Iterable[torch.Tensor] = ()
) -> int:
    """Run `compute` and return the bytes of all tensors that its backward pass will need.

    Tensors that share memory count once. What is there anyway, such as parameters, can be
    left out by naming it in `besides`. Memory that `compute` uses and frees is not counted.
    """
    kept: list[torch.Tensor] = []  # keeps them alive, so that no address is used twice

    def keep(tensor: torch.Tensor) -> torch.Tensor:
        kept.append(tensor)
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        result = compute()
    sizes = {
        tensor.untyped_storage().data_ptr(): tensor.untyped_storage().nbytes() for tensor in kept
    }
    for tensor in besides:
        sizes.pop(tensor.untyped_storage().data_ptr(), None)
    del result
    return sum(sizes.values())
