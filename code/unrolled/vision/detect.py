"""From what a detector says to what is left: confident boxes, one for each object and class."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, overload

import torch
from torch import nn

from unrolled import validate_kinds
from unrolled.vision.boxes import check_boxes, check_labels, check_scores, share
from unrolled.vision.needed import torchvision

if TYPE_CHECKING:
    from jaxtyping import Float, Int

Image = torch.Tensor
"""(3, rows, columns), numbers from 0 to 1."""


@dataclass(frozen=True, eq=False)
class Detections:
    """What is left of one image's detections, highest score first.

    `boxes, scores, labels = detections` takes it apart.
    """

    boxes: Float[torch.Tensor, "K 4"]
    """(x1, y1, x2, y2) in pixels."""
    scores: Float[torch.Tensor, " K"]
    labels: Int[torch.Tensor, " K"]
    raw: int
    """How many the detector gave."""
    confident: int
    """How many of them had at least the score wanted."""

    def __iter__(self) -> Iterator[torch.Tensor]:
        return iter((self.boxes, self.scores, self.labels))

    def __len__(self) -> int:
        return len(self.boxes)


@overload
def detect_and_filter(
    model: nn.Module, images: Image, *, score_threshold: float = ..., iou_threshold: float = ...
) -> Detections: ...


@overload
def detect_and_filter(
    model: nn.Module,
    images: Sequence[Image],
    *,
    score_threshold: float = ...,
    iou_threshold: float = ...,
) -> tuple[Detections, ...]: ...


def detect_and_filter(
    model: nn.Module,
    images: Image | Sequence[Image],
    *,
    score_threshold: float = 0.5,
    iou_threshold: float = 0.5,
) -> Detections | tuple[Detections, ...]:
    """Run a detector, drop what it is unsure of, then suppress overlaps class by class.

    Needs torchvision, for its `batched_nms`. The model may be any that takes a list of images
    and returns a list of dictionaries with "boxes", "scores" and "labels", as torchvision's do.
    An image without detections gives empty tensors.

    Args:
        images: One image (3, rows, columns) with numbers from 0 to 1, or a sequence of them;
            for a sequence the result is a tuple.
        score_threshold: The least score that is kept.
        iou_threshold: Above this overlap with a better box of its class, a box goes.

    Raises:
        ModuleNotFoundError: torchvision is not installed; the message has the command.
        TypeError, ValueError: A model in training mode, thresholds outside 0 to 1, no images,
            or boxes, scores and labels that are not what a detector may return.
    """
    score_threshold = share("score_threshold", score_threshold)
    iou_threshold = share("iou_threshold", iou_threshold)
    validate_kinds.instance("model", model, nn.Module)
    if model.training:
        raise ValueError("model: is in training mode, expected model.eval() before detecting")
    several = not isinstance(images, torch.Tensor)
    batch = list(validate_kinds.sequence("images", images if several else [images]))
    for image in batch:
        _check_image(image)
    torchvision("torchvision.ops")
    with torch.no_grad():
        answers = model(batch) if batch else []
    if not isinstance(answers, list | tuple) or len(answers) != len(batch):
        raise ValueError(f"model: expected a list of {len(batch)} answers, one an image")
    found = tuple(_filter(answer, score_threshold, iou_threshold) for answer in answers)
    return found if several else found[0]


def _filter(answer: Any, score_threshold: float, iou_threshold: float) -> Detections:
    if not isinstance(answer, dict):
        raise TypeError(f"model: its answer is {type(answer).__name__}, expected a dictionary")
    if missing := {"boxes", "scores", "labels"} - set(answer):
        raise ValueError(f"model: its answer has no {', '.join(sorted(missing))}")
    boxes, scores, labels = answer["boxes"], answer["scores"], answer["labels"]
    check_boxes("boxes", boxes)
    check_scores("scores", scores, len(boxes))
    check_labels("labels", labels, len(boxes))
    sure = scores >= score_threshold
    boxes, scores, labels = boxes[sure], scores[sure], labels[sure]
    batched_nms = torchvision("torchvision.ops").batched_nms
    kept = batched_nms(boxes, scores, labels, iou_threshold)
    return Detections(boxes[kept], scores[kept], labels[kept], len(sure), len(boxes))


def _check_image(image: torch.Tensor) -> None:
    if not isinstance(image, torch.Tensor) or not image.is_floating_point():
        got = getattr(image, "dtype", type(image).__name__)
        raise TypeError(f"images: got {got}, expected tensors of floating-point numbers")
    if image.ndim != 3 or image.shape[0] != 3 or not image.numel():
        raise ValueError(f"images: got shape {tuple(image.shape)}, expected (3, rows, columns)")
    if not ((image >= 0) & (image <= 1)).all():
        raise ValueError("images: got numbers outside 0 to 1; divide pixels of 0 to 255 by 255")
