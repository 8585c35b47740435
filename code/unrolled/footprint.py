"""Count the bytes that autograd keeps for the backward pass."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import torch

from unrolled import validate_kinds


def saved_bytes(
    compute: Callable[[], torch.Tensor], *, besides: Iterable[torch.Tensor] = ()
) -> int:
    """Run `compute` and return the bytes of all tensors that its backward pass will need.

    Tensors that share memory count once. What is there anyway, such as parameters, can be
    left out by naming it in `besides`. Memory that `compute` uses and frees is not counted.

    Raises:
        TypeError: `compute` is no function, or `besides` not a collection of tensors.
    """
    validate_kinds.function("compute", compute)
    besides = _tensors(besides)
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


def _tensors(besides: Iterable[torch.Tensor]) -> list[torch.Tensor]:
    if isinstance(besides, torch.Tensor) or not isinstance(besides, Iterable):
        short = validate_kinds.short(besides)
        raise TypeError(f"besides: got {short}, expected a collection of tensors")
    return [validate_kinds.instance("besides", each, torch.Tensor) for each in besides]
