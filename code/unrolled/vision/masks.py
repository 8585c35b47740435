"""How well a mask fits: the share of right pixels, and the overlap."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import nn

from unrolled import validate_kinds, validate_tensor

if TYPE_CHECKING:
    from jaxtyping import Bool, Float


def pixel_accuracy(
    predicted: Bool[torch.Tensor, "N rows columns"], true: Bool[torch.Tensor, "N rows columns"]
) -> Float[torch.Tensor, " N"]:
    """Return the share of pixels that are right, for each image.

    Raises:
        TypeError, ValueError: Not two tensors of truth values with one shape (N, rows, columns).
    """
    _check(predicted, true)
    return (predicted == true).double().mean(dim=(1, 2))


def iou(
    predicted: Bool[torch.Tensor, "N rows columns"], true: Bool[torch.Tensor, "N rows columns"]
) -> Float[torch.Tensor, " N"]:
    """Return intersection over union, for each image: 1 where both masks are empty.

    Raises:
        TypeError, ValueError: Not two tensors of truth values with one shape (N, rows, columns).
    """
    _check(predicted, true)
    both = (predicted & true).sum(dim=(1, 2)).double()
    either = (predicted | true).sum(dim=(1, 2)).double()
    return torch.where(either == 0, 1.0, both / either.clamp(min=1))


@torch.no_grad()
def predict(model: nn.Module, images: torch.Tensor) -> torch.Tensor:
    """Return the pixels (N, rows, columns) whose logit is positive.

    Raises:
        TypeError: Not a network and a tensor of floating-point numbers.
        ValueError: The model is in training mode, where batch normalisation makes each answer
            depend on the other images; call `model.eval()` first.
    """
    validate_kinds.instance("model", model, nn.Module)
    validate_tensor.tensor("images", images, None)
    if model.training:
        raise ValueError("model: is in training mode, expected model.eval() before predicting")
    positive: torch.Tensor = model(images) > 0
    return positive


def _check(predicted: torch.Tensor, true: torch.Tensor) -> None:
    for name, mask in (("predicted", predicted), ("true", true)):
        if not isinstance(mask, torch.Tensor) or mask.dtype != torch.bool:
            got = getattr(mask, "dtype", type(mask).__name__)
            raise TypeError(f"{name}: got {got}, expected a tensor of torch.bool")
        if mask.ndim != 3 or not mask.numel():
            raise ValueError(f"{name}: got shape {tuple(mask.shape)}, expected (N, rows, columns)")
    if predicted.shape != true.shape:
        raise ValueError(
            f"predicted: got shape {tuple(predicted.shape)}, expected that of true, "
            f"{tuple(true.shape)}"
        )
