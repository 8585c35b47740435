"""What a ResNet hands to its last layer, and how alike two images are to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import nn

from unrolled import validate, validate_kinds, validate_tensor

if TYPE_CHECKING:
    from jaxtyping import Float


MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
"""Of ImageNet's red, green and blue, to which torchvision's ResNets are used."""


@torch.no_grad()
def image_features(
    model: nn.Module, images: Float[torch.Tensor, "N 3 rows columns"], *, batch: int = 25
) -> Float[torch.Tensor, "N D"]:
    """Return the input of the layer `fc` for each image: (N, 512) for ResNet-18.

    The images hold numbers from 0 to 1, which are brought to the mean and the deviation that
    torchvision's weights were trained with.

    Raises:
        TypeError: The model has no linear layer `fc`, or the images are no tensor of its dtype.
        ValueError: It is in training mode, or the images have another shape.
    """
    batch = validate.size("batch", batch)
    if not isinstance(head := getattr(model, "fc", None), nn.Linear):
        raise TypeError("model: expected one whose last layer is a linear one called fc")
    if model.training:
        raise ValueError("model: is in training mode, expected model.eval() before reading it")
    shape = ("N", 3, "rows", "columns")
    images = validate_tensor.tensor("images", images, head.weight.dtype, shape)
    mean, deviation = (torch.tensor(numbers)[:, None, None] for numbers in (MEAN, DEVIATION))
    rows: list[torch.Tensor] = []
    hook = head.register_forward_pre_hook(lambda _, inputs: rows.append(inputs[0]))
    try:
        for part in images.split(batch):  # type: ignore[no-untyped-call]
            model((part - mean) / deviation)
    finally:
        hook.remove()
    return torch.cat(rows)


def similarities(
    features: Float[torch.Tensor, "N D"], *, centred: bool = False
) -> Float[torch.Tensor, "N N"]:
    """Return the cosine of every row with every row.

    Args:
        centred: Subtract the mean row first.

    Raises:
        TypeError: Not a tensor of floating-point numbers.
        ValueError: Not (N, D), NaN or infinite, or a row of zeros, which has no direction.
    """
    validate_tensor.tensor("features", features, None, ("N", "D"))
    validate_kinds.flag("centred", centred)
    if not features.isfinite().all():
        raise ValueError("features: got NaN or infinity, expected finite numbers")
    rows = features.double()
    rows = rows - rows.mean(dim=0) if centred else rows
    lengths = rows.norm(dim=1, keepdim=True)
    if (lengths == 0).any():
        empty = int((lengths == 0).nonzero()[0, 0])
        raise ValueError(f"features: row {empty} is zero, expected rows that have a direction")
    rows = rows / lengths
    cosines: torch.Tensor = (rows @ rows.T).clamp(-1, 1)
    return cosines


def upper_triangle(matrix: Float[torch.Tensor, "N N"]) -> Float[torch.Tensor, " pairs"]:
    """Return the entries above the diagonal, one for each pair.

    Raises:
        TypeError: Not a tensor of floating-point numbers.
        ValueError: Not a square matrix of at least two rows.
    """
    validate_tensor.tensor("matrix", matrix, None)
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or len(matrix) < 2:
        raise ValueError(f"matrix: got shape {tuple(matrix.shape)}, expected (N, N) with N > 1")
    above, right = torch.triu_indices(len(matrix), len(matrix), offset=1)
    pairs: torch.Tensor = matrix[above, right]
    return pairs
