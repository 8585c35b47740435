"""Non-maximum suppression: of boxes that overlap much, keep the one with the highest score."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from unrolled.vision.boxes import box_iou, check_boxes, check_labels, check_scores, share

if TYPE_CHECKING:
    from jaxtyping import Float, Int


def suppress(
    boxes: Float[torch.Tensor, "N 4"], scores: Float[torch.Tensor, " N"], iou_threshold: float
) -> Int[torch.Tensor, " K"]:
    """Return which boxes are kept, highest score first, whatever their classes.

    A box goes when its IoU with a kept one is above the threshold.

    Raises:
        TypeError, ValueError: No boxes, scores or threshold as described; see `boxes`.
    """
    check_boxes("boxes", boxes)
    check_scores("scores", scores, len(boxes))
    iou_threshold = share("iou_threshold", iou_threshold)
    kept: list[int] = []
    waiting = scores.argsort(descending=True, stable=True)
    while len(waiting):
        best, waiting = waiting[0], waiting[1:]
        kept.append(int(best))
        overlap = box_iou(boxes[best][None], boxes[waiting])[0]
        waiting = waiting[overlap <= iou_threshold]
    return torch.tensor(kept, dtype=torch.int64)


def suppress_per_class(
    boxes: Float[torch.Tensor, "N 4"],
    scores: Float[torch.Tensor, " N"],
    labels: Int[torch.Tensor, " N"],
    iou_threshold: float,
) -> Int[torch.Tensor, " K"]:
    """Return which boxes are kept, highest score first, when only equal classes compete.

    Raises:
        TypeError, ValueError: No boxes, scores, labels or threshold as described; see `boxes`.
    """
    check_boxes("boxes", boxes)
    check_scores("scores", scores, len(boxes))
    check_labels("labels", labels, len(boxes))
    kept = [torch.empty(0, dtype=torch.int64)]
    for label in labels.unique():  # type: ignore[no-untyped-call]
        members = (labels == label).nonzero().flatten()
        kept.append(members[suppress(boxes[members], scores[members], iou_threshold)])
    every = torch.cat(kept)
    return every[scores[every].argsort(descending=True, stable=True)]
