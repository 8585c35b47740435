"""Boxes (x1, y1, x2, y2) in pixels: what makes them valid, and how far two overlap."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from unrolled import validate

if TYPE_CHECKING:
    from jaxtyping import Float


def box_iou(
    boxes: Float[torch.Tensor, "N 4"], others: Float[torch.Tensor, "M 4"]
) -> Float[torch.Tensor, "N M"]:
    """Return intersection over union of every box with every other: 0 where both have no area.

    Raises:
        TypeError, ValueError: As `check_boxes`.
    """
    check_boxes("boxes", boxes)
    check_boxes("others", others)
    corner = torch.maximum(boxes[:, None, :2], others[None, :, :2])
    opposite = torch.minimum(boxes[:, None, 2:], others[None, :, 2:])
    both = (opposite - corner).clamp(min=0).prod(dim=2)  # (N, M)
    either = _area(boxes)[:, None] + _area(others)[None] - both
    return torch.where(either > 0, both / either, torch.zeros_like(both))


def check_boxes(name: str, boxes: torch.Tensor) -> None:
    """Refuse what is no tensor (N, 4) of boxes. No boxes at all, (0, 4), are valid.

    Raises:
        TypeError: No tensor of floating-point numbers.
        ValueError: Another shape, NaN, infinity, or a box with x2 < x1 or y2 < y1.
    """
    if not isinstance(boxes, torch.Tensor) or not boxes.is_floating_point():
        got = getattr(boxes, "dtype", type(boxes).__name__)
        raise TypeError(f"{name}: got {got}, expected a tensor of floating-point numbers")
    if boxes.ndim != 2 or boxes.shape[1] != 4:
        raise ValueError(f"{name}: got shape {tuple(boxes.shape)}, expected (N, 4)")
    if not boxes.isfinite().all():
        raise ValueError(f"{name}: got NaN or infinity, expected finite numbers")
    turned = (boxes[:, 2:] < boxes[:, :2]).any(dim=1).nonzero().flatten()
    if len(turned):
        first = int(turned[0])
        raise ValueError(
            f"{name}: got {boxes[first].tolist()} at index {first}, "
            "expected x1 <= x2 and y1 <= y2 in (x1, y1, x2, y2)"
        )


def check_scores(name: str, scores: torch.Tensor, count: int) -> None:
    """Refuse what is no tensor (count,) of numbers from 0 to 1.

    Raises:
        TypeError: No tensor of floating-point numbers.
        ValueError: Another shape, or a number outside 0 to 1, NaN included.
    """
    if not isinstance(scores, torch.Tensor) or not scores.is_floating_point():
        got = getattr(scores, "dtype", type(scores).__name__)
        raise TypeError(f"{name}: got {got}, expected a tensor of floating-point numbers")
    if scores.shape != (count,):
        raise ValueError(f"{name}: got shape {tuple(scores.shape)}, expected ({count},)")
    outside = ~((scores >= 0) & (scores <= 1))
    if outside.any():
        raise ValueError(f"{name}: got {scores[outside][0]:g}, expected numbers from 0 to 1")


def check_labels(name: str, labels: torch.Tensor, count: int) -> None:
    """Refuse what is no tensor (count,) of integers.

    Raises:
        TypeError: No tensor of integers.
        ValueError: Another shape.
    """
    kinds = (torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8)
    if not isinstance(labels, torch.Tensor) or labels.dtype not in kinds:
        got = getattr(labels, "dtype", type(labels).__name__)
        raise TypeError(f"{name}: got {got}, expected a tensor of integers")
    if labels.shape != (count,):
        raise ValueError(f"{name}: got shape {tuple(labels.shape)}, expected ({count},)")


def share(name: str, value: object) -> float:
    """Return `value` as a `float` from 0 to 1.

    Raises:
        TypeError: Not a real number.
        ValueError: Outside, or NaN.
    """
    number = validate.number(name, value)
    if not 0 <= number <= 1:
        raise ValueError(f"{name}: got {number}, expected a number from 0 to 1")
    return number


def _area(boxes: torch.Tensor) -> torch.Tensor:
    return (boxes[:, 2:] - boxes[:, :2]).prod(dim=1)
