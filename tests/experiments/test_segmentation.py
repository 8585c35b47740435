"""The U-Net on circles: shapes, reproducibility, and what it must learn."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from unrolled.experiments import circle_segmentation
from unrolled.experiments.segmentation import held_out


def test_smoke() -> None:
    before = torch.random.get_rng_state()
    result = circle_segmentation(seeds=(3, 4), beside="square", scale="smoke")
    assert torch.equal(before, torch.random.get_rng_state())
    assert result.accuracy.shape == result.iou.shape == (2, 2)
    assert result.threshold.shape == (2, 2)
    assert result.found.shape == (2, 3, 16, 16)
    again = circle_segmentation(seeds=(4,), beside="square", scale="smoke")
    np.testing.assert_array_equal(result.iou[1], again.iou[0])


def test_the_baselines_are_those_of_the_held_out_images() -> None:
    result = circle_segmentation(seeds=(5,), scale="smoke")
    masks = held_out(5, scale="smoke").masks
    assert result.background[0] == pytest.approx(1 - float(masks.double().mean()))
    assert result.threshold.tolist() == [[1.0, 1.0]]


@pytest.mark.slow
def test_it_learns_the_shape() -> None:
    result = circle_segmentation(seeds=(6,), beside="square", scale="site")
    assert result.iou[0, -1] > 0.85 > 0.6 > result.threshold[0, 1]
