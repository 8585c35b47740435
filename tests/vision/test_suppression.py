"""torchvision's suppression and ours, two independent witnesses."""

from __future__ import annotations

import pytest
import torch
from torchvision import ops

from unrolled.vision import box_iou, suppress, suppress_per_class


def some(count: int, seed: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    corner = torch.rand(count, 2, generator=generator) * 60
    size = torch.rand(count, 2, generator=generator) * 40
    scores = torch.rand(count, generator=generator)
    return torch.cat([corner, corner + size], 1), scores, torch.randint(4, (count,))


@pytest.mark.parametrize("threshold", [0.0, 0.3, 0.5, 0.9, 1.0])
@pytest.mark.parametrize("seed", range(20))
def test_same_boxes_in_the_same_order(seed: int, threshold: float) -> None:
    boxes, scores, labels = some(100, seed)
    assert torch.equal(suppress(boxes, scores, threshold), ops.nms(boxes, scores, threshold))
    ours = suppress_per_class(boxes, scores, labels, threshold)
    assert torch.equal(ours, ops.batched_nms(boxes, scores, labels, threshold))
    torch.testing.assert_close(box_iou(boxes, boxes), ops.box_iou(boxes, boxes))
